"""Small real recordings that hostile ones are made of, by ffmpeg."""

from __future__ import annotations

import subprocess
from pathlib import Path

from scripts.program import PROJECT

TINY = PROJECT / "samples" / "tiny.mp4"


def ffmpeg(target: Path, *arguments: str) -> Path:
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *arguments, "-fflags", "+bitexact", "-flags", "+bitexact", str(target)]
    subprocess.run(command, check=True, timeout=300)
    return target


def base(folder: Path) -> Path:
    """Three seconds of the sample, one slide and some words, the index at the end."""
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


def copied(source: Path, target: Path, *arguments: str) -> Path:
    """Another container around the same streams."""
    return ffmpeg(target, "-i", str(source), "-c", "copy", *arguments)
