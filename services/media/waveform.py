"""Videos that show the waveform of audio over a still picture."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ffmpeg as ffmpeg_python

from lib.process import CancellationCheck, Report, ignore_progress, never_cancelled
from lib.serialization import atomic_write
from services.media import ffmpeg
from services.media.allowed_formats import file_url
from services.media.assemble import AUDIO_BIT_RATE, LIMITS
from services.media.chapters import Chapter, metadata_input

_FRAME_RATE = 15
_WAVEFORM_SHARE = 0.2  # of the picture's height
_MARGIN_SHARE = 0.06
_BAR_SHARE = 1 / 90  # of the picture's height
_BAR_GAP_SHARE = 0.4  # of a bar
# Most of the picture is static: with these settings x264 needs a third of the CPU time.
_X264 = "rc-lookahead=10:aq-mode=0:weightp=0:ref=1:me=dia:subme=1:trellis=0"


def encode_waveform(
    source: Path,
    audio_index: int,
    picture: Path,
    size: tuple[int, int],
    colour: str,
    chapters: Sequence[Chapter],
    title: str,
    target: Path,
    *,
    duration_s: float,
    report: Report = ignore_progress,
    check: CancellationCheck = never_cancelled,
) -> None:
    """Write an MP4 with an audio stream of a recording, over a picture (PNG) whose lower part shows the waveform."""
    audio = ffmpeg.open_input(source)[str(audio_index)].filter_multi_output("asplit", 2)
    video = _overlay(_waveform(audio[0], size, colour), picture, size)
    limits = dataclasses.replace(LIMITS, timeout_s=900 + 10 * duration_s)
    with metadata_input(target, title, chapters) as metadata, atomic_write(target) as part:
        output = ffmpeg_python.output(
            video,
            audio[1],
            metadata,
            file_url(part),
            f="mp4",
            vcodec="libx264",
            preset="veryfast",
            crf=22,
            g=4 * _FRAME_RATE,
            r=_FRAME_RATE,
            acodec="aac",
            ac=2,
            audio_bitrate=AUDIO_BIT_RATE,
            shortest=None,
            movflags="+faststart",
            map_metadata=2,
            map_chapters=2,
            **{"x264-params": _X264},
        )
        ffmpeg.run(output, duration_s, report=report, check=check, limits=limits)


def _waveform(audio: Any, size: tuple[int, int], colour: str) -> Any:
    """Return a video stream of bars; their heights show the loudness."""
    width, height = size
    columns, bar_px = width // _bar_px(height), _bar_px(height)
    waves = audio.filter("aformat", channel_layouts="mono")
    waves = waves.filter(
        "showwaves", s=f"{columns}x{_waveform_height(height)}", mode="cline", draw="full", rate=_FRAME_RATE, colors=colour, scale="sqrt"
    )
    # Each column becomes a bar, with a gap that shows the picture.
    waves = waves.filter("scale", columns * bar_px, _waveform_height(height), flags="neighbor").filter("format", "rgba")
    gap = round(bar_px * _BAR_GAP_SHARE)
    return waves.filter("drawgrid", w=bar_px, h=2 * _waveform_height(height), t=gap, color="black@0.0", replace=1)


def _overlay(waves: Any, picture: Path, size: tuple[int, int]) -> Any:
    width, height = size
    still = ffmpeg_python.input(file_url(picture), f="png_pipe", framerate=_FRAME_RATE, protocol_whitelist="file,pipe").video
    still = still.filter("scale", *size).filter("format", "yuv420p").filter("loop", loop=-1, size=1)
    x = width % _bar_px(height) // 2
    y = height - _waveform_height(height) - round(height * _MARGIN_SHARE)
    return ffmpeg_python.filter([still, waves], "overlay", x=x, y=y, shortest=1, format="yuv420")


def _bar_px(height: int) -> int:
    return round(height * _BAR_SHARE)


def _waveform_height(height: int) -> int:
    return round(height * _WAVEFORM_SHARE) // 2 * 2
