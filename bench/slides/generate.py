"""Draw small lectures with known slides: `python -m bench.slides.generate FOLDER [--seed N] [--only case,case]`.

Each case combines several difficulties. The ground truth (see score.py) is written next to each recording.
"""

from __future__ import annotations

import argparse
import math
import random
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bench.slides.animations import make_box, make_chart, make_clip
from bench.slides.drawing import BLACK, DARK, LIGHT, LIME, PHOTO, SIDE, Image, Painter, draw_stroke, make_photo
from bench.slides.lecture import Appearance, Lecture
from bench.slides.overlays import show_in_turn
from bench.slides.overlays.cameras import make_exposure, make_grain
from bench.slides.overlays.captions import make_subtitles, make_ticker
from bench.slides.overlays.meetings import make_chat, make_gallery, make_notifications
from bench.slides.overlays.presenters import make_presenter, make_walker
from bench.slides.overlays.screens import make_clock
from bench.slides.pointers import POINTERS, make_pointer


def dark_pen(seed: int) -> Lecture:
    """Dark slides with coloured pen marks that grow, some across the text."""
    lecture = _lecture("dark_pen", seed, 854, 480, 30)
    painter = lecture.make_painter(DARK)
    for number in range(5):
        states = [painter.draw_bullets(5)[-1] if number % 2 else painter.draw_table()]
        for colour in ((60, 60, 255), (80, 230, 240), (90, 220, 90), (255, 150, 60))[: 2 + number % 3]:
            states += draw_stroke(states[-1], lecture.rng, colour, 3, crossing_share=0.4)
        lecture.add_slide(f"s{number}", states, gap=(0.3, 2.0))
    return lecture


def camera_builds(seed: int) -> Lecture:
    """Builds, fades and a camera inset together."""
    lecture = _lecture("camera_builds", seed, 1280, 720, 24)
    painter = lecture.make_painter(LIGHT)
    for number in range(5):
        fade: dict[str, Any] = {"transition": "fade", "transition_s": lecture.rng.choice((0.5, 1.0))} if number % 2 else {}
        lecture.add_slide(f"s{number}", painter.draw_bullets(3) if number % 3 else [painter.draw_figure()], **fade)
    lecture.overlays.append(make_presenter(lecture, 0.77, 0.68, 0.21, 0.28))
    return lecture


_BASELINE = ("-c:v", "libx264", "-preset", "veryfast", "-profile:v", "baseline", "-pix_fmt", "yuv420p")


def side_bar(seed: int) -> Lecture:
    """A large side bar on every slide and little else; push transitions; every frame is a reference frame."""
    lecture = _lecture("side_bar", seed, 1024, 768, 12, encoder=_BASELINE)
    painter = lecture.make_painter(SIDE)
    for number in range(7):
        states = painter.draw_bullets(2) if number in (2, 5) else [painter.draw_bullets(lecture.rng.randint(1, 3))[-1]]
        lecture.add_slide(f"s{number}", states, transition="push" if number % 3 == 1 else "", transition_s=0.75 if number % 3 == 1 else 0.0)
    return lecture


def photo_back(seed: int) -> Lecture:
    """The same photograph behind every slide, slow fades, revisits."""
    lecture = _lecture("photo_back", seed, 960, 540, 25)
    painter = lecture.make_painter(PHOTO)
    slides = [painter.draw_bullets(lecture.rng.randint(2, 4))[-1] for _ in range(5)]
    for number, index in enumerate((0, 1, 2, 1, 3, 4, 0)):
        fade: dict[str, Any] = {"transition": "fade", "transition_s": 2.0} if number in (2, 5) else {}
        lecture.add_slide(f"s{index}", [slides[index]], **fade)
    return lecture


def numbers_pointer(seed: int) -> Lecture:
    """A number that changes while a pointer moves; few frames per second."""
    lecture = _lecture("numbers_pointer", seed, 1280, 720, 10)
    for part, theme in enumerate((LIGHT, DARK)):
        painter = lecture.make_painter(theme)
        base = painter.draw_table()
        for number, value in enumerate(lecture.rng.sample(range(11, 99), 4)):
            image = base.copy()
            painter.draw_text(image, 0.7, 0.9, f"k = {value}", 0.75)
            lecture.add_slide(f"s{part}_{number}", [image])
    lecture.overlays.append(make_pointer(lecture))
    return lecture


def pointers(seed: int) -> Lecture:
    """A pointer of five kinds, one after the other: it rests on text until the slide changes, and moves while lines appear."""
    lecture = _lecture("pointers", seed, 1280, 720, 15)
    starts = []
    for number in range(10):
        if number % 2 == 0:
            painter = lecture.make_painter((LIGHT, DARK)[number // 2 % 2])
            starts.append(sum(each.duration_s for each in lecture.appearances))
        lecture.add_slide(f"s{number}", painter.draw_bullets(5) if number % 2 else [painter.draw_slide()])
        lecture.appearances[-1].duration_s += 6.0
    overlays = [make_pointer(lecture, shape) for shape in POINTERS]

    def draw(image: Image, t: float) -> None:
        number = sum(start <= t for start in starts) - 1
        overlays[number](image, t - starts[number])

    lecture.overlays.append(draw)
    return lecture


def grainy_clip(seed: int) -> Lecture:
    """Grain over everything, and a video clip with cuts inside a slide."""
    lecture = _lecture("grainy_clip", seed, 1280, 720, 25)
    painter = lecture.make_painter(LIGHT)
    for number in range(5):
        lecture.add_slide(f"s{number}", [painter.draw_slide()])
        if number in (1, 3):
            appearance = lecture.appearances[-1]
            appearance.duration_s, appearance.animation = 20.0, make_clip(lecture, (0.3, 0.25, 0.45, 0.45), 5.0, 5.0 + 5 * number)
    lecture.overlays.append(make_grain(lecture, 5))
    return lecture


def board(seed: int) -> Lecture:
    """A whiteboard that is written on, wiped and written on again; a person walks past."""
    lecture = _lecture("board", seed, 1280, 720, 25)
    rng = lecture.rng
    for number in range(3):
        image = np.full((lecture.height, lecture.width, 3), 246, np.uint8)
        states = [image]
        for line in range(5):
            x, y = 60.0, 110 + 115 * line
            while x < 950:
                points = np.array([(x + 6 * i, y + 22 * math.sin(i * 1.3) + rng.gauss(0, 5)) for i in range(rng.randint(10, 22))])
                image = image.copy()
                cv2.polylines(image, [points.astype(np.int32)], False, (90, 40, 20), 4, cv2.LINE_AA)
                states.append(image)
                x += 6 * len(points) + 30
        lecture.add_slide(f"s{number}", states, gap=(0.25, 1.2))
    lecture.overlays.append(make_walker(lecture, 23.0))
    return lecture


def deep_fades(seed: int) -> Lecture:
    """HEVC with ten bits per sample, fades through black, wipes, slides shown only briefly."""
    encoder = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1")
    lecture = _lecture("deep_fades", seed, 854, 480, 25, encoder=encoder)
    painter = lecture.make_painter(DARK)
    slides = [painter.draw_slide() for _ in range(6)]
    for number, index in enumerate((0, 1, 2, 5, 3, 1, 4)):
        if number in (3, 5):
            for brief in (2, 4):
                lecture.appearances.append(Appearance(f"s{brief}", [slides[brief]], [0.0], 0.4, is_slide=False))
        kind = ("", "black", "wipe", "")[number % 4]
        lecture.add_slide(f"s{index}", [slides[index]], transition=kind, transition_s=1.0 if kind else 0.0)
    return lecture


def desktop(seed: int) -> Lecture:
    """A screen with a clock: toolbars and windows in front of the slides, and slides that are stepped through in a second each."""
    lecture = _lecture("desktop", seed, 1280, 720, 15)
    painters = [lecture.make_painter(theme) for theme in (LIGHT, DARK)]
    slides = [painters[number % 2].draw_bullets(6)[-1] for number in range(9)]
    toolbar, window = (0.03, 0.7, 0.4, 0.07), (0.2, 0.25, 0.5, 0.4)
    for number, (box, start_s, end_s) in enumerate(((toolbar, 0.0, 4.0), (window, 5.0, 8.0), (toolbar, 3.0, 7.0))):
        lecture.appearances.append(
            Appearance(f"s{number}", [slides[number]], [0.0], 12.0, animation=make_box(lecture, box, start_s, end_s))
        )
    lecture.appearances += [Appearance(f"s{number}", [slides[number]], [0.0], 1.0) for number in range(3, 8)]
    for number in (8, 0):
        lecture.add_slide(f"s{number}", [slides[number]])
    lecture.overlays.append(make_clock(lecture))
    return lecture


def meeting(seed: int) -> Lecture:
    """Meeting software: participants beside the slide, a frame round the active speaker, and a layout that changes half-way."""
    lecture = _lecture("meeting", seed, 960, 540, 15)
    painter = lecture.make_painter(LIGHT)
    gallery = make_gallery(lecture, ("Ada", "Grace", "Emmy"))
    single_tile = make_presenter(lecture, 0.84, 0.0, 0.16, 0.2)
    slides = [painter.draw_bullets(4 + number % 2)[-1] for number in range(4)]
    layout_change_s = 12.0 * 2 + 6.0  # in the middle of the third slide
    lecture.appearances += [Appearance(f"s{number}", [slide], [0.0], 12.0) for number, slide in enumerate(slides)]
    lecture.overlays.append(show_in_turn([single_tile, gallery], layout_change_s))
    return lecture


def subtitled(seed: int) -> Lecture:
    """Subtitles that are burned in, on bullets that are built up and on figures; slides are shown again."""
    lecture = _lecture("subtitled", seed, 960, 540, 25)
    painter = lecture.make_painter((LIGHT, DARK)[seed % 2])
    slides = [painter.draw_bullets(3) if number % 2 else [painter.draw_figure()] for number in range(5)]
    for index in (0, 1, 2, 0, 3, 4):
        lecture.add_slide(f"s{index}", slides[index] if index or not lecture.appearances else slides[index][-1:])
        lecture.appearances[-1].duration_s += 4.0
    lecture.overlays.append(make_subtitles(lecture, boxed=seed % 3 > 0))
    return lecture


def webinar(seed: int) -> Lecture:
    """A chat beside the slides, a clock with seconds, notifications, and a presenter's camera that changes its corner."""
    lecture = _lecture("webinar", seed, 1280, 720, 15)
    painter = lecture.make_painter(LIGHT)
    for number in range(6):
        lecture.add_slide(f"s{number}", [painter.draw_bullets(5)[-1]])
        lecture.appearances[-1].duration_s += 5.0
    places = [make_presenter(lecture, left, top, 0.15, 0.18) for left, top in ((0.58, 0.68), (0.58, 0.14), (0.01, 0.68))]
    move_s = sum(each.duration_s for each in lecture.appearances) / 3
    lecture.overlays += [make_chat(lecture, 0.26), show_in_turn(places, move_s), make_notifications(lecture), make_clock(lecture, 1.0)]
    return lecture


def exposure(seed: int) -> Lecture:
    """A camera that adapts its exposure, above a line of text that runs along the lower edge; slides are shown again."""
    lecture = _lecture("exposure", seed, 854, 480, 25)
    painter = lecture.make_painter(LIGHT)
    slides = [painter.draw_slide() for _ in range(4)]
    for index in (0, 1, 2, 1, 3, 0):
        lecture.add_slide(f"s{index}", [slides[index]])
    lecture.overlays += [make_exposure(lecture, 16.0, 22.0), make_ticker(lecture)]
    return lecture


def refined(seed: int) -> Lecture:
    """A bit rate so low that each slide is blurred at first, sharpens over seconds, and is coded again at each keyframe."""
    rate = "-b:v 40k -maxrate 40k -bufsize 80k -g 150"
    encoder = ("-c:v", "libx264", "-preset", "veryfast", *rate.split(), "-pix_fmt", "yuv420p")
    lecture = _lecture("refined", seed, 854, 480, 15, encoder=encoder)
    painter = lecture.make_painter(DARK)
    for number in range(4):
        slide = painter.draw_slide()
        lecture.appearances.append(Appearance(f"s{number}", [slide], [0.0], 15.0))
    return lecture


def drifting(seed: int) -> Lecture:
    """Slides with a chart whose curves drift; black frames before the first slide and after the last one."""
    lecture = _lecture("drifting", seed, 960, 540, 12)
    painter = lecture.make_painter(LIGHT)
    black = np.zeros((540, 960, 3), np.uint8)
    lecture.appearances.append(Appearance("black", [black], [0.0], 5.0, is_slide=False))
    for number in range(4):
        base = painter.draw_bullets(2)[-1]
        lecture.appearances.append(Appearance(f"s{number}", [base], [0.0], 9.0, animation=make_chart(number * 1.3)))
    lecture.appearances.append(Appearance("black", [black], [0.0], 5.0, is_slide=False))
    return lecture


def coloured_bars(seed: int) -> Lecture:
    """Lime text on white between black bars, two frames a second."""
    lecture = _lecture("coloured_bars", seed, 1280, 720, 2)
    painter = Painter(LIME, 960, 720, lecture.rng)
    for number in range(6):
        states = painter.draw_bullets(3) if number % 3 == 1 else [painter.draw_bullets(2 + number % 3)[-1]]
        with_bars = [cv2.copyMakeBorder(state, 0, 0, 160, 160, cv2.BORDER_CONSTANT, value=(0, 0, 0)) for state in states]
        lecture.add_slide(f"s{number}", with_bars)  # type: ignore[arg-type]
    return lecture


def written(seed: int) -> Lecture:
    """An animated explainer: each slide is written line after line on black, stands for a second or two, and fades."""
    encoder = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "30", "-pix_fmt", "yuv420p")
    lecture = _lecture("written", seed, 854, 480, 25, encoder=encoder)
    painter = lecture.make_painter(BLACK)
    lecture.appearances.append(Appearance("black", [np.zeros((480, 854, 3), np.uint8)], [0.0], 0.6, is_slide=False))
    for number in range(8):
        written_s = round(lecture.rng.uniform(2.5, 4.5), 2)
        shown_s = written_s + round(lecture.rng.uniform(1.2, 2.6), 2)
        slide = painter.draw_bullets(lecture.rng.randint(2, 5))[-1]
        lecture.appearances.append(Appearance(f"s{number}", [slide], [0.0], shown_s, transition="written", transition_s=written_s))
    return lecture


def portrait(seed: int) -> Lecture:
    """A phone held upright: the slide fills a third of the picture, a person moves below it; sixty frames a second."""
    lecture = _lecture("portrait", seed, 432, 768, 60)
    painter = Painter(LIGHT, 432, 243, lecture.rng)
    wall = make_photo(lecture.rng, 432, 768, 90)
    for number in range(4):
        picture = cv2.GaussianBlur(wall, (0, 0), 5)
        picture[120:363] = painter.draw_bullets(3)[-1]
        lecture.appearances.append(Appearance(f"s{number}", [np.asarray(picture, np.uint8)], [0.0], 8.0))
    lecture.overlays.append(make_presenter(lecture, 0.2, 0.6, 0.6, 0.4))
    return lecture


CASES: dict[str, Callable[[int], Lecture]] = {
    case.__name__: case
    for case in (
        dark_pen,
        camera_builds,
        side_bar,
        photo_back,
        numbers_pointer,
        pointers,
        grainy_clip,
        board,
        deep_fades,
        desktop,
        meeting,
        subtitled,
        webinar,
        exposure,
        refined,
        drifting,
        coloured_bars,
        portrait,
        written,
    )
}


def _lecture(name: str, seed: int, width: int, height: int, rate: int, **options: Any) -> Lecture:
    return Lecture(width, height, rate, random.Random(zlib.crc32(f"{name} {seed}".encode())), name, **options)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default=",".join(CASES))
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name in arguments.only.split(","):
        CASES[name](arguments.seed).write(arguments.folder)
        print(name, flush=True)


if __name__ == "__main__":
    main()
