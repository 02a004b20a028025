"""Small valid recordings, made by ffmpeg, from which adversarial ones are derived."""

from __future__ import annotations

import subprocess
from pathlib import Path

from scripts.ffmpeg import FFMPEG
from scripts.program import PROJECT

TINY = PROJECT / "samples" / "tiny.mp4"


def ffmpeg(target: Path, *arguments: str) -> Path:
    command = [FFMPEG, "-nostdin", "-v", "error", "-y", *arguments, "-fflags", "+bitexact", "-flags", "+bitexact", str(target)]
    subprocess.run(command, check=True, timeout=300)
    return target


def create_base_recording(folder: Path) -> Path:
    """Create three seconds of the sample: one slide, some words, the index at the end."""
    return ffmpeg(
        folder / "base.mp4",
        "-ss",
        "1",
        "-i",
        str(TINY),
        "-t",
        "3",
        "-vf",
        "scale=320:-2",
        "-c:v",
        "libx264",
        "-threads",
        "1",
        "-c:a",
        "aac",
    )


def remux(source: Path, target: Path, *arguments: str) -> Path:
    """Copy the streams into another container."""
    return ffmpeg(target, "-i", str(source), "-c", "copy", *arguments)
