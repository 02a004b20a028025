"""The images of an HDR recording are as bright as its slides."""

from __future__ import annotations

import subprocess
from pathlib import Path

import cv2
import pytest

from scripts.ffmpeg import FFMPEG
from services.media.probe import probe
from services.slides import SlideOptions, find_slides

REFERENCE_WHITE = {"smpte2084": "0x949494", "arib-std-b67": "0xbfbfbf"}  # 203 nits (ITU-R BT.2408) in each transfer function


@pytest.mark.parametrize("transfer", REFERENCE_WHITE)
def test_reference_white_is_mapped_to_white(transfer: str, tmp_path: Path) -> None:
    video = tmp_path / "hdr.mp4"
    drawing = f"color=c={REFERENCE_WHITE[transfer]}:s=320x180:r=5:d=3,drawbox=x=40:y=40:w=100:h=60:color=black:t=fill,format=yuv420p10le"
    x265_parameters = f"log-level=error:colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc"
    command = [
        FFMPEG,
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        drawing,
        "-c:v",
        "libx265",
        "-preset",
        "ultrafast",
        "-x265-params",
        x265_parameters,
    ]
    subprocess.run([*command, "-color_trc", transfer, "-color_primaries", "bt2020", "-colorspace", "bt2020nc", str(video)], check=True)
    timeline = find_slides(video, probe(video), SlideOptions(), tmp_path / "images")
    assert len(timeline.slides) == 1
    image = cv2.imread(str(tmp_path / "images" / "slide-001.jpg"))
    assert image is not None
    assert image[10, 10].min() > 245
    assert image[70, 90].max() < 10
