"""Frames that show nothing new are not decoded."""

from __future__ import annotations

import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from scripts.ffmpeg import FFMPEG
from services.slides.packets import PacketGroup
from services.slides.parameters import DEFAULTS
from services.slides.sampler import Sampler


def write_video(target: Path, filters: str, *options: str) -> str:
    subprocess.run([FFMPEG, "-v", "error", "-f", "lavfi", "-i", filters, *options, "-pix_fmt", "yuv420p", str(target)], check=True)
    return str(target)


def test_of_keyframes_only_five_a_second_are_decoded(tmp_path: Path) -> None:
    sampler = Sampler(write_video(tmp_path / "intra.mov", "testsrc=s=160x90:r=25:d=4", "-c:v", "mjpeg"))
    assert [sample.time_s for sample in sampler if sample.image is not None] == pytest.approx([number / 5 for number in range(20)])
    assert sampler.decoded_packets == 20


def test_still_parts_between_keyframes_are_skipped(tmp_path: Path) -> None:
    grain = "noise=alls=30,noise=alls=2:allf=t"
    slides = f"color=white:s=320x180:r=25:d=20,{grain},drawbox=x=40:y=40:w=90:h=60:color=black:t=fill:enable='gte(t,9)'"
    options = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-sc_threshold", "0")
    sampler = Sampler(write_video(tmp_path / "still.mp4", slides, *options))
    levels = [(sample.time_s, float(sample.image.mean())) for sample in sampler if sample.image is not None]
    assert min(time_s for time_s, level in levels if level < levels[0][1] - 5) == pytest.approx(9, abs=0.25)
    assert sampler.decoded_packets < 0.3 * sampler.packets


@pytest.mark.parametrize(("size", "is_seen"), [(18_000, True), (4_000, False)])
def test_a_packet_right_after_a_keyframe_counts_if_it_is_too_large_to_refine_it(size: int, is_seen: bool) -> None:
    group = PacketGroup([SimpleNamespace(size=each) for each in (50_000, size, *[50] * 60)])
    parameters = DEFAULTS.decoding
    assert group.last_active(56, parameters.refining_packets, parameters) == int(is_seen)
    assert group.has_burst(parameters.refining_packets, parameters) is is_seen
