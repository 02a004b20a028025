"""Frames of the bench's recordings from and to ffmpeg, as arrays in BGR."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from bench.slides.drawing import Image
from scripts.ffmpeg import FFMPEG

THREADS = ("-threads", "2")  # libx264 writes other bytes with another number
_QUIET = (FFMPEG, "-nostdin", "-v", "error", "-y")
_RAW = ("-f", "rawvideo", "-pix_fmt", "bgr24")


def run_ffmpeg(*arguments: str | Path) -> None:
    process = subprocess.run([*_QUIET, *map(str, arguments)], stderr=subprocess.PIPE, text=True)  # libsvtav1 is never quiet
    if process.returncode:
        raise SystemExit(process.stderr)


def read_frames(video: Path, width: int, height: int, rate: int) -> Iterator[Image]:
    """Return the frames of a recording at a size and a rate; they may be drawn on."""
    command = [*_QUIET, "-i", str(video), "-vf", f"fps={rate},scale={width}:{height}", *_RAW, "-"]
    size = width * height * 3
    with subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=size) as process:
        assert process.stdout
        while len(frame := process.stdout.read(size)) == size:
            yield np.frombuffer(bytearray(frame), np.uint8).reshape(height, width, 3)
    if process.returncode:
        raise SystemExit(f"ffmpeg cannot read {video}")


def write_frames(frames: Iterable[Image], width: int, height: int, rate: int, encoder: Sequence[str], target: Path) -> None:
    source = (*_RAW, "-s", f"{width}x{height}", "-r", str(rate), "-i", "-")
    with subprocess.Popen([*_QUIET, *source, *encoder, *THREADS, str(target)], stdin=subprocess.PIPE) as process:
        assert process.stdin
        for frame in frames:
            process.stdin.write(frame.tobytes())
    if process.returncode:
        raise SystemExit(f"ffmpeg cannot write {target}")
