"""Images of frames: the right frame in every container, turned and cropped as displayed, in the colours of the recording."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

import errors
from domain import Box
from services.media.frames import FrameRequest, extract_frames
from services.media.frames_child import FrameReader
from services.media.probe import probe
from tests.media.samples import make_media

RATE, FRAMES = 25, 100
BITS = 7
H264 = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "30", "-bf", "3", "-sc_threshold", "0")
ENCODINGS = {
    "a.mp4": H264,
    "a.mkv": H264,
    "open.mp4": (*H264, "-x264-params", "open-gop=1:b-adapt=0"),
    "open.mkv": (*H264, "-x264-params", "open-gop=1:b-adapt=0"),
    "late.ts": (*H264, "-output_ts_offset", "7"),
    "a.avi": ("-c:v", "mpeg4", "-g", "30", "-bf", "2", "-q:v", "3"),
    "a.mpg": ("-c:v", "mpeg2video", "-g", "30", "-bf", "2", "-q:v", "3"),
    "a.webm": ("-c:v", "libvpx-vp9", "-g", "30", "-b:v", "1M"),
}


def draw_number(number: int) -> np.ndarray[Any, Any]:
    """Draw a number in binary, as white squares on black."""
    image = np.zeros((64, 32 * BITS), np.uint8)
    for bit in range(BITS):
        image[16:48, 32 * bit + 8 : 32 * bit + 24] = 255 * (number >> bit & 1)
    return image


def read_number(file: Path) -> int:
    image = cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)
    assert image is not None
    return sum(1 << bit for bit in range(BITS) if image[32, 32 * bit + 16] > 128)


def make_numbers(folder: Path, name: str) -> Path:
    for number in range(FRAMES):
        cv2.imwrite(str(folder / f"{number}.png"), draw_number(number))
    return make_media(folder / name, "-framerate", str(RATE), "-i", str(folder / "%d.png"), *ENCODINGS[name])


def times_of(video: Path) -> list[float]:
    """Return the times of the frames after the start of the container."""
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        return [float(frame.pts * stream.time_base - Fraction(container.start_time, 1_000_000)) for frame in container.decode(stream)]


@pytest.mark.parametrize("name", ENCODINGS)
def test_each_image_shows_the_frame_of_its_time(tmp_path: Path, name: str) -> None:
    video = make_numbers(tmp_path, name)
    numbers = [99, 0, 29, 30, 31, 1, 28, 60, 58, 59, 92, 30]
    times = times_of(video)
    requests = [FrameRequest(times[number], tmp_path / f"image-{place}.jpg") for place, number in enumerate(numbers)]
    assert extract_frames(video, probe(video), requests) == (32 * BITS, 64)
    assert [read_number(request.target) for request in requests] == numbers


class CountedSeeks:
    """A container that counts its seeks."""

    def __init__(self, container: Any) -> None:
        self._container, self.seeks = container, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._container, name)

    def seek(self, *arguments: Any, **options: Any) -> None:
        self.seeks += 1
        self._container.seek(*arguments, **options)


def test_frames_of_one_gop_are_decoded_in_one_go(tmp_path: Path) -> None:
    video = make_numbers(tmp_path, "a.mp4")
    with av.open(str(video)) as opened:
        container = CountedSeeks(opened)
        reader = FrameReader(container, opened.streams.video[0], lambda: None)
        for number in (2, 10, 20, 26):
            assert reader.read(number / RATE, False).pts * opened.streams.video[0].time_base == pytest.approx(number / RATE)
        assert container.seeks == 1
        reader.read(95 / RATE, False)
        assert container.seeks == 2


def test_a_time_after_the_last_frame_is_refused(tmp_path: Path) -> None:
    video = make_numbers(tmp_path, "a.mp4")
    with pytest.raises(errors.UnusableRecording, match=r"5\.00 s"):
        extract_frames(video, probe(video), [FrameRequest(5.0, tmp_path / "late.png")])


@pytest.mark.parametrize("mirroring", [(), ("-display_hflip",)], ids=["plain", "mirrored"])
@pytest.mark.parametrize("turned_by", [0, 90, 180, 270])
def test_images_are_turned_and_cropped_as_displayed(tmp_path: Path, turned_by: int, mirroring: tuple[str, ...]) -> None:
    picture = np.zeros((96, 160, 3), np.uint8)
    picture[:48, :80] = (0, 0, 255)
    picture[48:, 80:] = (255, 0, 0)
    cv2.imwrite(str(tmp_path / "picture.png"), picture)
    flat = make_media(tmp_path / "flat.mp4", "-loop", "1", "-t", "1", "-i", str(tmp_path / "picture.png"), *H264)
    turning = ("-display_rotation", str(-turned_by), *mirroring)
    video = make_media(tmp_path / "turned.mp4", *turning, "-i", str(flat), "-c", "copy")
    displayed_frame = make_media(tmp_path / "displayed.png", "-i", str(video), "-vframes", "1")  # ffmpeg turns it itself
    displayed = cv2.imread(str(displayed_frame))
    assert displayed is not None
    whole, part = tmp_path / "whole.png", tmp_path / "part.png"
    media = probe(video)
    extract_frames(video, media, [FrameRequest(0.4, whole)])
    crop = Box(8, 16, 60, 70)
    assert extract_frames(video, media, [FrameRequest(0.4, part)], crop=crop) == (60, 70)
    for file, expected in ((whole, displayed), (part, displayed[16:86, 8:68])):
        image = cv2.imread(str(file))
        assert image is not None and image.shape == expected.shape
        assert np.abs(image.astype(int) - expected).mean() < 6


@pytest.mark.parametrize("matrix", ["bt709", "smpte170m"])
def test_images_have_the_colours_of_the_recording(tmp_path: Path, matrix: str) -> None:
    """A JPEG file has the colour matrix of BT.601 (JFIF), whatever that of the recording."""
    colour = (40, 160, 220)  # blue, green, red
    cv2.imwrite(str(tmp_path / "colour.png"), np.full((64, 64, 3), colour, np.uint8))
    tags = ("-vf", f"scale=out_color_matrix={matrix}", "-colorspace", matrix, "-color_range", "tv")
    video = make_media(tmp_path / "colour.mp4", "-loop", "1", "-t", "1", "-i", str(tmp_path / "colour.png"), *tags, *H264)
    requests = [FrameRequest(0.4, tmp_path / name) for name in ("colour.jpg", "taken.png")]
    extract_frames(video, probe(video), requests)
    for request in requests:
        image = cv2.imread(str(request.target))
        assert image is not None
        assert image[32, 32].tolist() == pytest.approx(list(colour), abs=4)
