"""Makes small lectures with known slides: `python -m bench.slides.generate FOLDER [--seed N] [--only case,case]`.

Each case mixes several of the things that mislead slide finders. Beside each recording lies its truth (see score.py).
"""

from __future__ import annotations

import argparse
import json
import math
import random
import subprocess
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bench.slides.pictures import DARK, LIGHT, PHOTO, SIDE, Painter, Picture, photo, stroke

Overlay = Callable[[Picture, float], None]
Live = Callable[[Picture, float], Picture]


@dataclass
class Shown:
    """One appearance of a slide: its states with the seconds after which they come, and how it appears."""

    name: str
    states: list[Picture]
    times: list[float]
    duration_s: float
    transition: str = ""
    transition_s: float = 0.0
    counts: bool = True
    live: Live | None = None


@dataclass
class Lecture:
    name: str
    width: int
    height: int
    rate: int
    dice: random.Random
    encoder: tuple[str, ...] = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "24", "-pix_fmt", "yuv420p")
    shown: list[Shown] = field(default_factory=list)
    overlays: list[Overlay] = field(default_factory=list)
    suffix: str = ".mp4"

    def painter(self, theme: Any) -> Painter:
        return Painter(theme, self.width, self.height, self.dice)

    def show(self, name: str, states: list[Picture], gap: tuple[float, float] = (2.0, 5.0), **options: Any) -> None:
        times = [0.0]
        for _ in states[1:]:
            times.append(times[-1] + self.dice.uniform(*gap))
        rest = self.dice.uniform(4, 9)
        self.shown.append(Shown(name, states, times, round((times[-1] + rest) * self.rate) / self.rate, **options))

    def frames(self) -> Iterator[Picture]:
        before: Picture | None = None
        clock_s = 0.0
        for shown in self.shown:
            for count in range(round(shown.duration_s * self.rate)):
                passed_s = count / self.rate
                picture = shown.states[max(i for i, at in enumerate(shown.times) if at <= passed_s + 1e-6)]
                if before is not None and passed_s < shown.transition_s:
                    picture = blend(shown.transition, before, picture, passed_s / shown.transition_s)
                picture = shown.live(picture, passed_s) if shown.live else picture
                if self.overlays:
                    picture = picture.copy()
                    for overlay in self.overlays:
                        overlay(picture, clock_s + passed_s)
                yield picture
            before = shown.states[-1]
            clock_s += shown.duration_s

    def truth(self) -> dict[str, Any]:
        slides: list[dict[str, Any]] = []
        visits: dict[str, int] = {}
        clock_s = 0.0
        for number, shown in enumerate(self.shown):
            start_s = clock_s + (shown.transition_s if number else 0.0)
            if shown.counts:
                visits[shown.name] = visits.get(shown.name, 0) + 1
                states = [{"t": max(start_s, clock_s + at), "step": step, "of": len(shown.times)} for step, at in enumerate(shown.times, 1)]
                end_s = clock_s + shown.duration_s
                slides.append({"id": shown.name, "start": start_s, "end": end_s, "visit": visits[shown.name], "states": states})
            clock_s += shown.duration_s
        return {"case": self.name, "duration": clock_s, "slides": slides, "distinct": list(visits)}

    def write(self, folder: Path) -> None:
        target = folder / f"{self.name}{self.suffix}"
        raw = ["-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{self.width}x{self.height}", "-r", str(self.rate), "-i", "-"]
        command = ["ffmpeg", "-v", "error", "-y", *raw, *self.encoder, "-threads", "2", str(target)]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
            assert process.stdin
            for picture in self.frames():
                process.stdin.write(picture.tobytes())
        if process.returncode:
            raise SystemExit(f"ffmpeg failed on {self.name}")
        (folder / f"{self.name}.truth.json").write_text(json.dumps(self.truth(), indent=1) + "\n")


def blend(kind: str, old: Picture, new: Picture, share: float) -> Picture:
    height, width = new.shape[:2]
    mixed: Picture
    if kind == "fade":
        mixed = cv2.addWeighted(old, 1 - share, new, share, 0)  # type: ignore[assignment]
    elif kind == "black":
        mixed = cv2.convertScaleAbs(old if share < 0.5 else new, alpha=abs(1 - 2 * share))  # type: ignore[assignment]
    elif kind == "push":
        edge = int(width * share)
        mixed = np.concatenate([old[:, edge:], new[:, :edge]], 1)
    else:
        edge = int(height * share)
        mixed = np.concatenate([new[:edge], old[edge:]], 0)
    return mixed


def presenter(lecture: Lecture, left: float, top: float, width: float, height: float) -> Overlay:
    """A camera picture: somebody who never keeps quite still in front of a wall."""
    x, y, w, h = (int(v * s) for v, s in zip((left, top, width, height), (lecture.width, lecture.height) * 2, strict=True))
    wall = cv2.GaussianBlur(photo(lecture.dice, w, h), (0, 0), 7)
    noise = np.random.default_rng(lecture.dice.randrange(2**31))
    phase = lecture.dice.uniform(0, 6)

    def draw(picture: Picture, t: float) -> None:
        scene = wall.copy()
        cx = int(w * (0.5 + 0.12 * math.sin(0.8 * t + phase) + 0.03 * math.sin(3.7 * t)))
        cv2.ellipse(scene, (cx, h), (w // 3, int(h * 0.45)), 0, 0, 360, (120, 70, 50), -1)
        cv2.circle(scene, (cx, int(h * 0.4)), h // 5, (150, 180, 225), -1)
        cv2.line(scene, (cx, int(h * 0.8)), (int(cx + w * 0.3 * math.sin(1.6 * t)), int(h * 0.6)), (150, 180, 225), max(3, w // 20))
        grain = noise.normal(0, 4, scene.shape)
        picture[y : y + h, x : x + w] = np.clip(scene + grain, 0, 255).astype(np.uint8)

    return draw


def pointer(lecture: Lecture) -> Overlay:
    """A mouse pointer that rests, often on the writing, and moves on."""
    stops = [(lecture.dice.uniform(0.05, 0.9), lecture.dice.uniform(0.1, 0.9), lecture.dice.uniform(1, 7)) for _ in range(200)]
    shape = np.array([(0, 0), (0, 20), (5, 15), (9, 24), (12, 22), (8, 14), (15, 14)]) * lecture.height / 720

    def draw(picture: Picture, t: float) -> None:
        number = 0
        while t > stops[number][2] + 0.8:
            t -= stops[number][2] + 0.8
            number += 1
        here, there = np.array(stops[number][:2]), np.array(stops[number + 1][:2])
        share = min(1.0, max(0.0, (t - stops[number][2]) / 0.8))
        place = (here + (there - here) * share * share * (3 - 2 * share)) * (lecture.width, lecture.height)
        outline = (shape + place).astype(np.int32)
        cv2.fillPoly(picture, [outline], (255, 255, 255), cv2.LINE_AA)
        cv2.polylines(picture, [outline], True, (0, 0, 0), 1, cv2.LINE_AA)

    return draw


def grain(lecture: Lecture, strength: float) -> Overlay:
    noise = np.random.default_rng(lecture.dice.randrange(2**31))
    plates = [noise.normal(0, strength, (lecture.height, lecture.width, 1)) for _ in range(7)]

    def draw(picture: Picture, t: float) -> None:
        picture[:] = np.clip(picture + plates[round(t * lecture.rate) % 7], 0, 255).astype(np.uint8)

    return draw


def clip(lecture: Lecture, box: tuple[float, float, float, float], start_s: float, end_s: float) -> Live:
    """A film with cuts, playing inside the slide between two moments; its first and last pictures stand."""
    x, y, w, h = (int(v * s) for v, s in zip(box, (lecture.width, lecture.height) * 2, strict=True))
    scenes = [photo(lecture.dice, w * 2, h) for _ in range(3)]

    def draw(picture: Picture, t: float) -> Picture:
        u = min(max(t, start_s), end_s) - start_s
        scene = scenes[int(u / 2.6) % 3]
        pan = int(w * (0.5 - 0.5 * math.cos(0.9 * u)))
        picture = picture.copy()
        picture[y : y + h, x : x + w] = scene[:, pan : pan + w]
        cv2.circle(picture, (int(x + w * (0.5 + 0.4 * math.sin(2 * u))), y + h // 2), h // 8, (60, 220, 240), -1)
        return picture

    return draw


def dark_pen(seed: int) -> Lecture:
    """Dark slides on which coloured marks grow, some across the writing."""
    lecture = _lecture("dark_pen", seed, 854, 480, 30)
    painter = lecture.painter(DARK)
    for number in range(5):
        states = [painter.bullets(5)[-1] if number % 2 else painter.table()]
        for colour in ((60, 60, 255), (80, 230, 240), (90, 220, 90), (255, 150, 60))[: 2 + number % 3]:
            states += stroke(states[-1], lecture.dice, colour, 3, over=0.4)
        lecture.show(f"s{number}", states, gap=(0.3, 2.0))
    return lecture


def camera_builds(seed: int) -> Lecture:
    """Builds, fades and a camera inset at once."""
    lecture = _lecture("camera_builds", seed, 1280, 720, 24)
    painter = lecture.painter(LIGHT)
    for number in range(5):
        fade = {"transition": "fade", "transition_s": lecture.dice.choice((0.5, 1.0))} if number % 2 else {}
        lecture.show(f"s{number}", painter.bullets(3) if number % 3 else [painter.figure()], **fade)
    lecture.overlays.append(presenter(lecture, 0.77, 0.68, 0.21, 0.28))
    return lecture


def side_bar(seed: int) -> Lecture:
    """A heavy side bar on every slide, little else; pushes; no frames that may be left out."""
    lecture = _lecture("side_bar", seed, 1024, 768, 12, encoder=("-c:v", "libx264", "-profile:v", "baseline", "-pix_fmt", "yuv420p"))
    painter = lecture.painter(SIDE)
    for number in range(7):
        states = painter.bullets(2) if number in (2, 5) else [painter.bullets(lecture.dice.randint(1, 3))[-1]]
        lecture.show(f"s{number}", states, transition="push" if number % 3 == 1 else "", transition_s=0.75 if number % 3 == 1 else 0.0)
    return lecture


def photo_back(seed: int) -> Lecture:
    """The same photograph behind every slide, slow fades, going back."""
    lecture = _lecture("photo_back", seed, 960, 540, 25)
    painter = lecture.painter(PHOTO)
    slides = [painter.bullets(lecture.dice.randint(2, 4))[-1] for _ in range(5)]
    for number, which in enumerate((0, 1, 2, 1, 3, 4, 0)):
        fade = {"transition": "fade", "transition_s": 2.0} if number in (2, 5) else {}
        lecture.show(f"s{which}", [slides[which]], **fade)
    return lecture


def numbers_pointer(seed: int) -> Lecture:
    """A number that changes while a pointer roams; few frames a second."""
    lecture = _lecture("numbers_pointer", seed, 1280, 720, 10)
    for part, theme in enumerate((LIGHT, DARK)):
        painter = lecture.painter(theme)
        base = painter.table()
        for number, value in enumerate(lecture.dice.sample(range(11, 99), 4)):
            picture = base.copy()
            painter.text(picture, 0.7, 0.9, f"k = {value}", 0.75)
            lecture.show(f"s{part}_{number}", [picture])
    lecture.overlays.append(pointer(lecture))
    return lecture


def grainy_clip(seed: int) -> Lecture:
    """Film grain over everything, and a clip with cuts inside a slide."""
    lecture = _lecture("grainy_clip", seed, 1280, 720, 25)
    painter = lecture.painter(LIGHT)
    for number in range(5):
        lecture.show(f"s{number}", [painter.slide()])
        if number in (1, 3):
            shown = lecture.shown[-1]
            shown.duration_s, shown.live = 20.0, clip(lecture, (0.3, 0.25, 0.45, 0.45), 5.0, 5.0 + 5 * number)
    lecture.overlays.append(grain(lecture, 5))
    return lecture


def board(seed: int) -> Lecture:
    """A white board written on, wiped and written on again, somebody walking past."""
    lecture = _lecture("board", seed, 1280, 720, 25)
    noise = lecture.dice
    for number in range(3):
        picture = np.full((lecture.height, lecture.width, 3), 246, np.uint8)
        states = [picture]
        for line in range(5):
            x, y = 60.0, 110 + 115 * line
            while x < 950:
                points = np.array([(x + 6 * i, y + 22 * math.sin(i * 1.3) + noise.gauss(0, 5)) for i in range(noise.randint(10, 22))])
                picture = picture.copy()
                cv2.polylines(picture, [points.astype(np.int32)], False, (90, 40, 20), 4, cv2.LINE_AA)
                states.append(picture)
                x += 6 * len(points) + 30
        lecture.show(f"s{number}", states, gap=(0.25, 1.2))

    def passer(picture: Picture, t: float) -> None:
        x = int(lecture.width * (-0.4 + 1.8 * ((t % 23) / 9)))
        cv2.ellipse(picture, (x, 720), (90, 330), 0, 0, 360, (60, 60, 90), -1)
        cv2.circle(picture, (x, 360), 60, (150, 180, 225), -1)

    lecture.overlays.append(passer)
    return lecture


def deep_fades(seed: int) -> Lecture:
    """Ten bits a sample, HEVC, fades through black, wipes, flipping through slides."""
    encoder = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1")
    lecture = _lecture("deep_fades", seed, 854, 480, 25, encoder=encoder)
    painter = lecture.painter(DARK)
    slides = [painter.slide() for _ in range(6)]
    for number, which in enumerate((0, 1, 2, 5, 3, 1, 4)):
        if number in (3, 5):
            for passed in (2, 4):
                lecture.shown.append(Shown(f"s{passed}", [slides[passed]], [0.0], 0.4, counts=False))
        kind = ("", "black", "wipe", "")[number % 4]
        lecture.show(f"s{which}", [slides[which]], transition=kind, transition_s=1.0 if kind else 0.0)
    return lecture


CASES: dict[str, Callable[[int], Lecture]] = {
    case.__name__: case for case in (dark_pen, camera_builds, side_bar, photo_back, numbers_pointer, grainy_clip, board, deep_fades)
}


def _lecture(name: str, seed: int, width: int, height: int, rate: int, **options: Any) -> Lecture:
    return Lecture(name, width, height, rate, random.Random(zlib.crc32(f"{name} {seed}".encode())), **options)


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
