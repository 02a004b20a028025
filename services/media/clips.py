"""Parts of recordings for lessons: their picture in the size of the lesson, and their sound."""

from __future__ import annotations

import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.process import CancellationCheck, Limits, Report, ignore_progress, never_cancelled
from lib.serialization import atomic_write
from services.media import assemble, ffmpeg
from services.media.allowed_formats import file_url
from services.media.voice_level import RATE_HZ

_LIMITS = Limits(stall_s=300, memory_bytes=4 * 2**30)


@dataclass(frozen=True)
class ClipRange:
    """Seconds of a recording."""

    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


def encode(
    source: Path,
    part: ClipRange,
    size: tuple[int, int],
    frame_rate: int,
    target: Path,
    *,
    background: str,
    still_frames: int,
    frames: int,
    bar: assemble.ProgressBar | None = None,
    mark: Path | None = None,
    report: Report = ignore_progress,
    check: CancellationCheck = never_cancelled,
) -> None:
    """Write the picture as an MP4 without sound that can be joined with pictures of the same size.

    The first picture stands still for `still_frames`; the last one stays until there are `frames` in all.
    `background`: the colour beside the picture, as #rrggbb.
    """
    video = _fit(source, part, size, frame_rate, background)
    hold = {"start_mode": "clone", "start": still_frames, "stop_mode": "clone", "stop": -1}
    video = video.filter("tpad", **hold)
    assemble.encode_video(video, size, frame_rate, frames, target, bar=bar, mark=mark, report=report, check=check)


def first_picture(
    source: Path,
    part: ClipRange,
    size: tuple[int, int],
    target: Path,
    *,
    background: str,
    check: CancellationCheck = never_cancelled,
) -> None:
    """Write the first picture of the clip as PNG."""
    with atomic_write(target) as file:
        output = _fit(source, part, size, 30, background).output(file_url(file), f="image2", vcodec="png", update=1, **{"frames:v": 1})
        ffmpeg.run(output, check=check, limits=_LIMITS)


def extract_sound(source: Path, part: ClipRange | None, target: Path, *, check: CancellationCheck = never_cancelled) -> None:
    """Write the sound of a part, or of the whole file, as a mono WAV of 16 bits at 48 kHz."""
    times = {} if part is None else {"ss": f"{part.start_s:.3f}", "t": f"{part.duration_s:.3f}"}
    with atomic_write(target) as file:
        output = ffmpeg.open_input(source, **times).audio.output(file_url(file), ac=1, ar=RATE_HZ, acodec="pcm_s16le", f="wav")
        ffmpeg.run(output, check=check, limits=_LIMITS)


def sound_duration_s(path: Path) -> float:
    """Return the duration of such a WAV."""
    with wave.open(str(path)) as file:
        return float(file.getnframes() / file.getframerate())


def _fit(source: Path, part: ClipRange, size: tuple[int, int], frame_rate: int, background: str) -> Any:
    """Return the picture of a part, scaled into the size on a background of one colour, in square pixels."""
    width, height = size
    video = ffmpeg.open_input(source, ss=f"{part.start_s:.3f}", t=f"{part.duration_s:.3f}")["v:0"]
    video = video.filter("scale", "trunc(iw*sar/2)*2", "ih").filter("setsar", 1)
    video = video.filter("scale", width, height, force_original_aspect_ratio="decrease", force_divisible_by=2, flags="area")
    video = video.filter("setsar", 1)  # scaling to even sizes changes the shape of the pixels by a little
    video = video.filter("scale", out_color_matrix="bt709", out_range="tv").filter("format", "yuv420p")
    return video.filter("pad", width, height, "(ow-iw)/2", "(oh-ih)/2", color=f"0x{background[1:]}").filter("fps", frame_rate, round="near")
