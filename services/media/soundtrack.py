"""Sound with chapters, and videos that show the waves of a sound over a still picture."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import ffmpeg as ffmpeg_python

from lib.process import CancellationCheck, Limits, Report, ignore_progress, never_cancelled
from lib.serialization import replacing
from services.media import ffmpeg
from services.media.allowed_formats import file_url
from services.media.assemble import Chapter, metadata_text

_LIMITS = Limits(stall_s=300, memory_bytes=4 * 2**30)
_FRAME_RATE = 15
_BIT_RATE = "128k"
_WAVES_SHARE = 0.2  # of the picture's height
_MARGIN_SHARE = 0.06
_BAR_SHARE = 1 / 90  # of the picture's height
_BAR_GAP_SHARE = 0.4  # of a bar
# Blocks that stand still are most of the picture: a third of the CPU with these settings.
_X264 = "rc-lookahead=10:aq-mode=0:weightp=0:ref=1:me=dia:subme=1:trellis=0"


def encode(
    sound: Path,
    chapters: Sequence[Chapter],
    title: str,
    language: str,
    target: Path,
    *,
    duration_s: float,
    report: Report = ignore_progress,
    check: CancellationCheck = never_cancelled,
) -> None:
    """Write a sound that Lectern made as AAC in MP4, with title, language and chapters."""
    metadata = target.with_suffix(".ffmeta")
    metadata.write_text(metadata_text(title, chapters), encoding="utf-8")
    facts = ffmpeg_python.input(file_url(metadata), f="ffmetadata", protocol_whitelist="file,pipe")
    try:
        with replacing(target) as part:
            output = ffmpeg_python.output(
                ffmpeg.open_input(sound).audio,
                facts["t?"],  # ffmpeg-python needs a stream of each input; this optional one does not exist
                file_url(part),
                f="mp4",
                acodec="aac",
                audio_bitrate=_BIT_RATE,
                movflags="+faststart",
                map_metadata=1,
                map_chapters=1,
                **{"metadata:s:a:0": f"language={language}"},
            )
            ffmpeg.run(output, duration_s, report=report, check=check, limits=dataclasses.replace(_LIMITS, timeout_s=600 + duration_s))
    finally:
        metadata.unlink(missing_ok=True)


def show_waves(
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
    """Write an MP4 with an audio stream of a recording, over a picture (PNG) whose lower part shows the waves of the sound."""
    width, height = size
    waves_height, bar_px = round(height * _WAVES_SHARE) // 2 * 2, round(height * _BAR_SHARE)
    columns = width // bar_px
    metadata = target.with_suffix(".ffmeta")
    metadata.write_text(metadata_text(title, chapters), encoding="utf-8")
    facts = ffmpeg_python.input(file_url(metadata), f="ffmetadata", protocol_whitelist="file,pipe")
    sound = ffmpeg.open_input(source)[str(audio_index)].filter_multi_output("asplit", 2)
    still = ffmpeg_python.input(file_url(picture), f="png_pipe", framerate=_FRAME_RATE, protocol_whitelist="file,pipe").video
    still = still.filter("scale", *size).filter("format", "yuv420p").filter("loop", loop=-1, size=1)
    waves = sound[0].filter("aformat", channel_layouts="mono")
    waves = waves.filter(
        "showwaves", s=f"{columns}x{waves_height}", mode="cline", draw="full", rate=_FRAME_RATE, colors=colour, scale="sqrt"
    )
    # Each column becomes a bar, with a gap that shows the picture.
    waves = waves.filter("scale", columns * bar_px, waves_height, flags="neighbor").filter("format", "rgba")
    waves = waves.filter("drawgrid", w=bar_px, h=2 * waves_height, t=round(bar_px * _BAR_GAP_SHARE), color="black@0.0", replace=1)
    y = height - waves_height - round(height * _MARGIN_SHARE)
    video = ffmpeg_python.filter([still, waves], "overlay", x=(width - columns * bar_px) // 2, y=y, shortest=1, format="yuv420")
    limits = dataclasses.replace(_LIMITS, timeout_s=900 + 10 * duration_s)
    try:
        with replacing(target) as part:
            output = ffmpeg_python.output(
                video,
                sound[1],
                facts["t?"],
                file_url(part),
                f="mp4",
                vcodec="libx264",
                preset="veryfast",
                crf=22,
                g=4 * _FRAME_RATE,
                r=_FRAME_RATE,
                acodec="aac",
                ac=2,
                audio_bitrate=_BIT_RATE,
                shortest=None,
                movflags="+faststart",
                map_metadata=2,
                map_chapters=2,
                **{"x264-params": _X264},
            )
            ffmpeg.run(output, duration_s, report=report, check=check, limits=limits)
    finally:
        metadata.unlink(missing_ok=True)
