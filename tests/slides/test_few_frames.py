"""Recordings with few frames: every frame that shows another slide is seen, at its time."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from services.media.probe import probe
from services.slides import SlideOptions, detect_slides
from tests.slides.test_engine import run_ffmpeg

TITLES = (
    *("Graphs", "Shortest paths", "Spanning trees", "Network flows", "Matching", "Planarity", "Colouring", "Euler tours"),
    *("Spectra", "Minors", "Cliques", "Games"),
)


def write_slides(folder: Path) -> str:
    for number, title in enumerate(TITLES):
        image = np.full((360, 640), 250, np.uint8)
        cv2.putText(image, title, (40, 80), cv2.FONT_HERSHEY_SIMPLEX, 1.6, 20, 3, cv2.LINE_AA)
        for line in range(3):
            cv2.putText(image, f"{title.lower()}: remark {line + number}", (50, 150 + 50 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 20, 2)
        cv2.imwrite(str(folder / f"{number}.png"), image)
    return str(folder / "%d.png")


def starts_of(video: Path) -> list[float]:
    return [slide.visits[0].start_s for slide in detect_slides(video, probe(video), SlideOptions()).slides]


@pytest.mark.parametrize(
    ("shown_s", "options"),
    [
        (10, ()),
        (10, ("-g", "5", "-sc_threshold", "0")),
        (13, ("-vf", "fps=1", "-g", "8", "-sc_threshold", "0")),
        (6, ("-vf", "fps=2", "-g", "8")),
    ],
    ids=["a frame for each slide", "a keyframe every 5 slides", "1 frame a second", "2 frames a second"],
)
def test_a_recording_with_few_frames_gives_each_slide_at_its_time(tmp_path: Path, shown_s: int, options: tuple[str, ...]) -> None:
    video = tmp_path / "few.mp4"
    run_ffmpeg("-framerate", f"1/{shown_s}", "-i", write_slides(tmp_path), *options, "-c:v", "libx264", "-pix_fmt", "yuv420p", str(video))
    starts = starts_of(video)
    assert len(starts) == len(TITLES)
    assert all(abs(start - number * shown_s) <= 1.0 for number, start in enumerate(starts)), starts


@pytest.mark.parametrize("with_sound", [False, True], ids=["silent", "with sound"])
def test_the_last_frame_counts_however_short_it_is(tmp_path: Path, with_sound: bool) -> None:
    """Without repeated frames, a file states a tenth of a second for the last slide; players show it to the end."""
    slides = write_slides(tmp_path)
    sound = ("-f", "lavfi", "-i", "sine=r=8000:d=40", "-c:a", "aac", "-b:a", "16k") if with_sound else ()
    video = tmp_path / "vfr.mp4"
    still = ("-vf", "fps=10,mpdecimate,trim=end=35.1", "-fps_mode", "vfr")
    run_ffmpeg("-framerate", "1/10", "-t", "40", "-i", slides, *sound, *still, "-c:v", "libx264", "-pix_fmt", "yuv420p", str(video))
    media = probe(video)
    slides_found = detect_slides(video, media, SlideOptions()).slides
    starts = [slide.visits[0].start_s for slide in slides_found]
    assert len(starts) == 4 and all(abs(start - 10 * number) <= 0.25 for number, start in enumerate(starts)), starts
    assert slides_found[-1].visits[-1].end_s <= media.duration_s


def test_a_black_end_that_costs_a_few_bytes_belongs_to_no_slide(tmp_path: Path) -> None:
    """A codec can blacken the picture by weights alone, in a packet that is hardly larger than an empty one."""
    write_slides(tmp_path)
    video = tmp_path / "black.mp4"
    still = ("-framerate", "10", "-loop", "1", "-t", "8", "-i", str(tmp_path / "0.png"))
    run_ffmpeg(*still, "-vf", "tpad=stop_duration=4:color=black", "-c:v", "libx264", "-bf", "0", "-pix_fmt", "yuv420p", str(video))
    (slide,) = detect_slides(video, probe(video), SlideOptions()).slides
    assert slide.visits[-1].end_s == pytest.approx(8.0, abs=0.3)
    assert slide.frame_time_s < 8.0
