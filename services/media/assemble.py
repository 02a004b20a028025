"""Encode pictures with durations, join encoded parts, and add sound and chapters. The inputs are files that Lectern made."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg as ffmpeg_python

from lib.process import CancellationCheck, Limits, Report, ignore_progress, never_cancelled
from lib.serialization import atomic_write
from services.media import ffmpeg
from services.media.allowed_formats import file_url
from services.media.chapters import Chapter, metadata_input

LIMITS = Limits(stall_s=300, memory_bytes=4 * 2**30)
_MARK_MARGIN = 0.03  # of the picture's shorter side
_KEYFRAMES_S = 4
AUDIO_BIT_RATE = "128k"
# Pictures that stand still need no look-ahead and no search for motion: a third less CPU.
_X264 = "mbtree=0:rc-lookahead=5:aq-mode=0:weightp=0:ref=1:me=dia:subme=1:trellis=0"


@dataclass(frozen=True)
class ProgressBar:
    """A bar at the lower edge that grows from `start` to `end` (shares of the width) while the pictures are shown."""

    start: float
    end: float
    height_px: int
    colour: str
    right_to_left: bool = False


def encode_pictures(
    pictures: Sequence[tuple[Path, int]],
    size: tuple[int, int],
    frame_rate: int,
    target: Path,
    *,
    bar: ProgressBar | None = None,
    mark: Path | None = None,
    report: Report = ignore_progress,
    check: CancellationCheck = never_cancelled,
) -> None:
    """Write an MP4 without sound that shows each picture (JPEG) for its number of frames. All parts with the same size can be joined."""
    total = sum(frames for _, frames in pictures)
    playlist = target.with_suffix(".ffconcat")
    rows = ["ffconcat version 1.0"]
    # The demuxer of pictures counts time in frames, so that durations are exact. The last entry has no duration of its own.
    for path, frames in [*pictures, (pictures[-1][0], 1)]:
        rows += [f"file '{_quote(path)}'", f"option framerate {frame_rate}", f"duration {frames / frame_rate:.6f}"]
    playlist.write_text("\n".join(rows) + "\n", encoding="utf-8")
    source = ffmpeg_python.input(file_url(playlist), f="concat", safe=0, protocol_whitelist="file,pipe")
    # Colours are converted once for each picture, before frames are repeated.
    video = source.video.filter(
        "scale", *size, in_color_matrix="bt601", in_range="pc", out_color_matrix="bt709", out_range="tv", flags="area"
    ).filter("format", "yuv420p")
    video = video.filter("fps", frame_rate, round="near")
    try:
        encode_video(video, size, frame_rate, total, target, bar=bar, mark=mark, report=report, check=check)
    finally:
        playlist.unlink(missing_ok=True)


def encode_video(
    video: ffmpeg_python.Stream,
    size: tuple[int, int],
    frame_rate: int,
    frames: int,
    target: Path,
    *,
    bar: ProgressBar | None = None,
    mark: Path | None = None,
    report: Report = ignore_progress,
    check: CancellationCheck = never_cancelled,
) -> None:
    """Encode frames of yuv420p in this size and rate. All parts have the same parameters, so that they can be joined.

    `mark`: a picture (PNG) that is laid over the lower right corner.
    """
    duration_s = frames / frame_rate
    if mark is not None:
        video = _with_mark(video, mark, size)
    if bar is not None:
        video = _with_bar(video, bar, size, frame_rate, duration_s)
    video = video.filter("setparams", color_primaries="bt709", color_trc="bt709", colorspace="bt709", range="tv")
    with atomic_write(target) as part:
        output = ffmpeg_python.output(
            video,
            file_url(part),
            f="mp4",
            vcodec="libx264",
            preset="veryfast",
            crf=19,
            bf=0,
            g=_KEYFRAMES_S * frame_rate,
            r=frame_rate,
            threads=2,
            video_track_timescale=frame_rate * 512,
            map_metadata=-1,
            map_chapters=-1,
            **{"frames:v": frames, "x264-params": _X264},
        )
        ffmpeg.run(output, duration_s, report=report, check=check, limits=dataclasses.replace(LIMITS, timeout_s=600 + 20 * duration_s))


def _with_bar(
    video: ffmpeg_python.Stream, bar: ProgressBar, size: tuple[int, int], frame_rate: int, duration_s: float
) -> ffmpeg_python.Stream:
    """Lay a strip over the lower edge. It is as wide as the picture and moves in from the side."""
    width, height = size
    source = f"color=c={bar.colour.replace('#', '0x')}:s={width}x{bar.height_px}:r={frame_rate}:d={duration_s + 1:.3f}"
    strip = ffmpeg_python.input(source, f="lavfi").video.filter("format", "yuv420p")
    length = f"({bar.start:.6f}+({bar.end - bar.start:.6f})*min(1,t/{duration_s:.6f}))*{width}"
    x = f"{width}-{length}" if bar.right_to_left else f"{length}-{width}"
    return ffmpeg_python.filter([video, strip], "overlay", x=x, y=height - bar.height_px, eval="frame", shortest=1, format="yuv420")


def _with_mark(video: ffmpeg_python.Stream, mark: Path, size: tuple[int, int]) -> ffmpeg_python.Stream:
    picture = ffmpeg_python.input(file_url(mark), f="image2", pattern_type="none", protocol_whitelist="file,pipe").video
    margin = round(min(size) * _MARK_MARGIN)
    place = {"x": f"main_w-overlay_w-{margin}", "y": f"main_h-overlay_h-{margin}"}
    return ffmpeg_python.filter([video, picture], "overlay", **place, eof_action="repeat", format="yuv420")


def join(
    parts: Sequence[Path],
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
    """Write an MP4 of the parts, which are copied, and the sound as AAC, with chapters; without parts, of the sound only."""
    options: dict[str, Any] = {"f": "mp4", "acodec": "aac", "audio_bitrate": AUDIO_BIT_RATE, "movflags": "+faststart"}
    with _playlist(parts, target) as video, metadata_input(target, title, chapters) as metadata, atomic_write(target) as part_file:
        streams = [*video, ffmpeg.open_input(sound).audio]
        options |= {"map_metadata": len(streams), "map_chapters": len(streams), "metadata:s:a:0": f"language={language}"}
        if parts:
            options["vcodec"] = "copy"
        output = ffmpeg_python.output(*streams, metadata, file_url(part_file), **options)
        ffmpeg.run(output, duration_s, report=report, check=check, limits=dataclasses.replace(LIMITS, timeout_s=600 + duration_s))


@contextlib.contextmanager
def _playlist(parts: Sequence[Path], target: Path) -> Iterator[list[Any]]:
    """Yield the video stream of all parts, one after the other; none without parts. The list of the parts is written next to `target`."""
    file = target.with_suffix(".ffconcat")
    if not parts:
        yield []
        return
    file.write_text("\n".join(["ffconcat version 1.0", *(f"file '{_quote(part)}'" for part in parts)]) + "\n", encoding="utf-8")
    try:
        yield [ffmpeg_python.input(file_url(file), f="concat", safe=0, protocol_whitelist="file,pipe").video]
    finally:
        file.unlink(missing_ok=True)


def extract_poster(video: Path, time_s: float, target: Path, *, check: CancellationCheck = never_cancelled) -> None:
    """Write the picture of a time as JPEG."""
    with atomic_write(target) as part:
        source = ffmpeg.open_input(video, ss=f"{time_s:.3f}").video
        output = ffmpeg_python.output(source, file_url(part), f="image2", vcodec="mjpeg", qscale=3, update=1, **{"frames:v": 1})
        ffmpeg.run(output, check=check)


def _quote(path: Path) -> str:
    return str(path.absolute()).replace("'", "'\\''")
