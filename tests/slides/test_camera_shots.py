"""The speaker who fills the picture, or the participants of a meeting, get no page beside the slides."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from scripts.ffmpeg import FFMPEG
from services.media.probe import probe
from services.ocr import text_finder
from services.slides import SlideOptions, find_slides
from services.slides.camera_shots import without_camera_shots
from services.slides.child_task import _as_json
from services.slides.decoder import GrayImage
from services.slides.grid import find_edges
from services.slides.parameters import DEFAULTS
from tests.slides.sequences import SIZE, detect, draw_page

DECK = [
    draw_page(["Water levels", "Ice stops the float", "Pressure cells drift", "Nobody looks before spring"]),
    draw_page(["What we change", "Ultrasound from above", "Neighbours correct each other", "Alarms within a minute"]),
    draw_page(["Results", "Errors of two centimetres", "Half as many alarms", "One winter without repairs"]),
]


_RATE = round(1 / DEFAULTS.sampling.period_s)  # frames per second
find_text = text_finder()
assert find_text is not None


def speaker(step: int, place: int = 240) -> GrayImage:
    """Draw a head and shoulders that sway before a wall with a soft picture on it."""
    wall = np.tile(np.linspace(90, 150, SIZE[0]).astype(np.uint8), (SIZE[1], 1))
    cv2.rectangle(wall, (40, 40), (130, 110), 170, -1)
    place += round(14 * np.sin(step * 1.1))
    cv2.ellipse(wall, (place, 260), (110, 90), 0, 0, 360, 60, -1)
    cv2.ellipse(wall, (place, 130), (46, 62), 0, 0, 360, 190, -1)
    for side in (-18, 18):
        cv2.circle(wall, (place + side, 120), 5, 80, -1)
    return cv2.GaussianBlur(wall, (0, 0), 3)  # type: ignore[return-value]


def film(seconds: float, place: int = 240) -> Iterator[tuple[GrayImage, float]]:
    period_s = DEFAULTS.sampling.period_s
    for step in range(round(seconds / period_s)):
        yield speaker(step, place), period_s


def _without_camera_shots(pages: Sequence[Mapping[str, Any]], pictures: Sequence[GrayImage]) -> dict[int, Any]:
    with tempfile.TemporaryDirectory() as folder:

        def take_pictures(positions: Sequence[int]) -> tuple[list[Path], int, int]:
            paths = [Path(folder, f"{position}.png") for position in positions]
            for path, position in zip(paths, positions, strict=True):
                cv2.imwrite(str(path), pictures[position])
            return paths, *SIZE

        return without_camera_shots(pages, take_pictures, find_text, DEFAULTS.camera_shots)


def remaining(frames: list[tuple[GrayImage, float]]) -> tuple[list[float], int]:
    """Return the starts of the pages that remain, and how many there were."""
    frames = list(frames)
    detection = _as_json(detect(frames), sum(seconds for _, seconds in frames))
    period_s = DEFAULTS.sampling.period_s
    images = [image for image, seconds in frames for _ in range(round(seconds / period_s))]

    best_images = [images[round(page["best_frame"]["time_s"] / period_s)] for page in detection["pages"]]
    pages = _without_camera_shots(detection["pages"], best_images)
    return [page["spans"][0][0] for page in pages.values()], len(detection["pages"])


def test_a_speaker_who_fills_the_picture_between_slides_has_no_page() -> None:
    starts, count = remaining([(DECK[0], 8.0), *film(8.0), (DECK[1], 8.0), *film(8.0, 150), (DECK[2], 8.0)])
    assert count > 3
    assert starts == pytest.approx([0, 16, 32], abs=0.6)


def test_the_pictures_of_the_remaining_pages_are_numbered_without_gaps(tmp_path: Path) -> None:
    video, frames = tmp_path / "talk.mkv", [(DECK[0], 6.0), *film(6.0), (DECK[1], 6.0)]
    pictures = b"".join(image.tobytes() * round(seconds * _RATE) for image, seconds in frames)
    source = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{SIZE[0]}x{SIZE[1]}", "-r", str(_RATE), "-i", "-"]
    subprocess.run([FFMPEG, "-v", "error", *source, "-pix_fmt", "yuv420p", str(video)], input=pictures, check=True)
    images = tmp_path / "images"
    timeline = find_slides(video, probe(video), SlideOptions(), images, find_text=find_text)
    assert (
        [slide.image for slide in timeline.slides] == sorted(path.name for path in images.iterdir()) == ["slide-001.jpg", "slide-002.jpg"]
    )
    for slide, page in zip(timeline.slides, DECK, strict=False):
        picture = cv2.imread(str(images / str(slide.image)), cv2.IMREAD_GRAYSCALE)
        assert picture is not None and float(np.mean(cv2.absdiff(picture, page))) < 3


def test_a_speaker_beside_the_slides_hides_none() -> None:
    def beside(slide: GrayImage, step: int) -> GrayImage:
        picture = slide.copy()
        picture[:, 330:] = speaker(step)[:, 165:315]
        return picture

    period_s = DEFAULTS.sampling.period_s
    frames = [(beside(page, step), period_s) for page in DECK for step in range(round(8 / period_s))]
    starts, count = remaining(frames)
    assert count == len(starts) == 3


Shown = tuple[GrayImage, float, list[list[float]]]


def without_shots(*pages: Shown) -> dict[int, list[list[float]]]:
    """Return the visits of the pages that remain, by position. `pages`: the picture, the share of it that is live, and the visits."""
    described = [
        {
            "spans": spans,
            "live_share": live_share,
            "stroke_share": float(np.mean(find_edges(picture, DEFAULTS.camera_shots.min_stroke_gradient))),
            "edge_share": float(np.mean(find_edges(picture, DEFAULTS.comparison.min_gradient))),
        }
        for picture, live_share, spans in pages
    ]

    remaining_pages = _without_camera_shots(described, [picture for picture, _, _ in pages])
    return {position: page["spans"] for position, page in remaining_pages.items()}


def kept(*pages: tuple[GrayImage, float, float]) -> list[int]:
    """Return the numbers of the pages that remain. `pages`: the picture, the share of it that is live, and how long it is shown."""
    ends = np.cumsum([seconds for _, _, seconds in pages]).tolist()
    return list(
        without_shots(*[(picture, live, [[end - seconds, end]]) for (picture, live, seconds), end in zip(pages, ends, strict=True)])
    )


SLIDES = [(page, 0.0, 8.0) for page in DECK]


def with_text(picture: GrayImage, text: str, scale: float = 0.4) -> GrayImage:
    return cv2.putText(picture.copy(), text, (12, 250), cv2.FONT_HERSHEY_SIMPLEX, scale, 250, 1, cv2.LINE_AA)  # type: ignore[return-value]


def test_participants_have_no_page_although_their_names_are_shown() -> None:
    assert kept((with_text(speaker(0), "Ada L."), 0.35, 8.0), *SLIDES) == [1, 2, 3]


def test_a_name_over_a_speaker_makes_no_slide() -> None:
    named = with_text(speaker(0), "Ada Lovelace, Mathematics", 0.5)
    assert kept(*SLIDES, (named, 0.06, 8.0)) == [0, 1, 2]


def test_a_film_below_a_heading_is_a_slide() -> None:
    titled = cv2.putText(speaker(0), "Ice in February", (20, 40), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 250, 2, cv2.LINE_AA)
    assert kept(*SLIDES, (titled, 0.15, 8.0)) == [0, 1, 2, 3]


def test_a_speaker_who_is_shown_briefly_and_stands_still_has_no_page() -> None:
    assert kept(SLIDES[0], (speaker(0), 0.0, 2.0), *SLIDES[1:]) == [0, 2, 3]
    assert kept(SLIDES[0], (speaker(0), 0.0, 8.0), *SLIDES[1:]) == [0, 1, 2, 3]  # a photograph


def test_a_sheet_with_few_words_that_is_shown_briefly_is_kept() -> None:
    assert kept(*SLIDES, (draw_page(["Then"]), 0.0, 2.0)) == [0, 1, 2, 3]


def test_a_short_cut_to_the_speaker_does_not_divide_a_visit() -> None:
    first, second = DECK[:2]
    shots: list[Shown] = [(speaker(0), 0.3, [[8.0, 11.0]]), (speaker(1), 0.3, [[31.0, 37.0]])]
    visits = without_shots((first, 0.0, [[0.0, 8.0], [11.0, 20.0]]), *shots, (second, 0.0, [[20.0, 31.0], [37.0, 50.0]]))
    assert visits == {0: [[0.0, 20.0]], 3: [[20.0, 31.0], [37.0, 50.0]]}


def test_a_film_that_is_shown_for_long_has_a_page() -> None:
    assert kept(*SLIDES, (speaker(0), 0.35, 20.0)) == [0, 1, 2]
    assert kept(*SLIDES, (speaker(0), 0.35, 70.0)) == [0, 1, 2, 3]


def test_a_film_with_a_sentence_over_it_is_a_slide() -> None:
    assert kept(*SLIDES, (with_text(speaker(0), "Ice on the river in February", 0.9), 0.35, 8.0)) == [0, 1, 2, 3]


def test_a_recording_of_people_alone_keeps_its_pages() -> None:
    assert kept((speaker(0), 0.3, 8.0), (speaker(0, 140), 0.3, 8.0)) == [0, 1]


def test_where_sheets_of_paper_are_filmed_nothing_is_left_out() -> None:
    assert kept((DECK[0], 0.3, 20.0), (DECK[1], 0.4, 20.0), (speaker(0), 0.3, 20.0), (DECK[2], 0.02, 20.0)) == [0, 1, 2, 3]


def test_where_slides_are_filmed_from_afar_nothing_is_left_out() -> None:
    rooms = []
    for page in DECK:
        room = np.full(SIZE[::-1], 70, np.uint8)
        room[20:74, 190:286] = cv2.resize(cv2.GaussianBlur(page, (0, 0), 2.5), (96, 54), interpolation=cv2.INTER_AREA)
        rooms.append((room, 0.01, 8.0))
    assert kept(*rooms, (speaker(0), 0.3, 8.0)) == [0, 1, 2, 3]
