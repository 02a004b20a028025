"""Parts of recordings as pictures of a lesson."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest

from lib.process import Limits, run_program
from lib.programs import require_program
from services.media.clips import ClipRange, encode, first_picture
from services.media.probe import probe


@pytest.mark.parametrize("source_size", [(640, 360), (1024, 576), (854, 480), (360, 640), (320, 320), (640, 32)])
@pytest.mark.parametrize("size", [(720, 1280), (720, 720), (1280, 720)])
def test_a_clip_has_the_size_of_the_lesson(source_size: tuple[int, int], size: tuple[int, int], tmp_path: Path) -> None:
    source = tmp_path / "source.mp4"
    picture = f"color=red:s={source_size[0]}x{source_size[1]}:d=0.4:r=10"
    command = [require_program("ffmpeg"), "-v", "error", "-f", "lavfi", "-i", picture, "-pix_fmt", "yuv420p", source]
    run_program(command, limits=Limits(timeout_s=60))
    encode(source, ClipRange(0, 0.4), size, 10, tmp_path / "clip.mp4", background="#fbfaf6", still_frames=0, frames=4)
    video = probe(tmp_path / "clip.mp4").video
    assert video is not None and (video.width, video.height) == size
    first_picture(source, ClipRange(0, 0.4), size, tmp_path / "first.png", background="#fbfaf6")
    pixels = cv2.imread(str(tmp_path / "first.png"))
    assert pixels.shape[:2] == (size[1], size[0])
    assert pixels[size[1] // 2, size[0] // 2].argmax() == 2
