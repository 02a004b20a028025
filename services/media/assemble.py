"""Encode pictures with durations, join encoded parts, and add sound and chapters. The inputs are files that Lectern made."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import ffmpeg as ffmpeg_python

from lib.process import CancellationCheck, Limits, Report, ignore_progress, never_cancelled
from lib.serialization import replacing
from services.media import ffmpeg
from services.media.allowed_formats import file_url

_LIMITS = Limits(stall_s=300, memory_bytes=4 * 2**30)
_KEYFRAMES_S = 4
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


@dataclass(frozen=True)
class Chapter:
    start_s: float
    end_s: float
    title: str


def chapters_of(starts: Sequence[tuple[float, str]], duration_s: float) -> list[Chapter]:
    """Return chapters with these starts and titles; each ends where the next one begins."""
    ends = [*(start_s for start_s, _ in starts[1:]), duration_s]
    return [Chapter(start_s, end_s, title) for (start_s, title), end_s in zip(starts, ends, strict=False) if end_s > start_s]


def encode_pictures(
    pictures: Sequence[tuple[Path, int]],
    size: tuple[int, int],
    frame_rate: int,
    target: Path,
    *,
    bar: ProgressBar | None = None,
    report: Report = ignore_progress,
    check: CancellationCheck = never_cancelled,
) -> None:
    """Write an MP4 without sound that shows each picture (JPEG) for its number of frames. All parts with the same size can be joined."""
    total = sum(frames for _, frames in pictures)
    playlist = target.with_suffix(".ffconcat")
    rows = ["ffconcat version 1.0"]
    # The demuxer of pictures counts time in frames, so that durations are exact. The last entry has no duration of its own.
    for path, frames in [*pictures, (pictures[-1][0], 1)]:
        rows += [f"file '{_quoted(path)}'", f"option framerate {frame_rate}", f"duration {frames / frame_rate:.6f}"]
    playlist.write_text("\n".join(rows) + "\n", encoding="utf-8")
    source = ffmpeg_python.input(file_url(playlist), f="concat", safe=0, protocol_whitelist="file,pipe")
    # Colours are converted once for each picture, before frames are repeated.
    video = source.video.filter(
        "scale", *size, in_color_matrix="bt601", in_range="pc", out_color_matrix="bt709", out_range="tv", flags="area"
    ).filter("format", "yuv420p")
    video = video.filter("fps", frame_rate, round="near")
    try:
        encode_video(video, size, frame_rate, total, target, bar=bar, report=report, check=check)
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
    report: Report = ignore_progress,
    check: CancellationCheck = never_cancelled,
) -> None:
    """Encode frames of yuv420p in this size and rate. All parts have the same parameters, so that they can be joined."""
    duration_s = frames / frame_rate
    if bar is not None:
        video = _with_bar(video, bar, size, frame_rate, duration_s)
    video = video.filter("setparams", color_primaries="bt709", color_trc="bt709", colorspace="bt709", range="tv")
    with replacing(target) as part:
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
        ffmpeg.run(output, duration_s, report=report, check=check, limits=dataclasses.replace(_LIMITS, timeout_s=600 + 20 * duration_s))


def _with_bar(
    video: ffmpeg_python.Stream, bar: ProgressBar, size: tuple[int, int], frame_rate: int, duration_s: float
) -> ffmpeg_python.Stream:
    """Lay a strip over the lower edge. It is as wide as the picture and moves in from the side."""
    width, height = size
    source = f"color=c={bar.colour.replace('#', '0x')}:s={width}x{bar.height_px}:r={frame_rate}:d={duration_s + 1:.3f}"
    strip = ffmpeg_python.input(source, f="lavfi").video.filter("format", "yuv420p")
    done = f"({bar.start:.6f}+({bar.end - bar.start:.6f})*min(1,t/{duration_s:.6f}))*{width}"
    x = f"{width}-{done}" if bar.right_to_left else f"{done}-{width}"
    return ffmpeg_python.filter([video, strip], "overlay", x=x, y=height - bar.height_px, eval="frame", shortest=1, format="yuv420")


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
    """Write an MP4 of all parts, which are copied, with the sound as AAC, chapters, and the index at the start."""
    playlist, metadata = target.with_suffix(".ffconcat"), target.with_suffix(".ffmeta")
    playlist.write_text("\n".join(["ffconcat version 1.0", *(f"file '{_quoted(part)}'" for part in parts)]) + "\n", encoding="utf-8")
    metadata.write_text(metadata_text(title, chapters), encoding="utf-8")
    video = ffmpeg_python.input(file_url(playlist), f="concat", safe=0, protocol_whitelist="file,pipe")
    facts = ffmpeg_python.input(file_url(metadata), f="ffmetadata", protocol_whitelist="file,pipe")
    try:
        with replacing(target) as part_file:
            output = ffmpeg_python.output(
                video.video,
                ffmpeg.open_input(sound).audio,
                facts["t?"],  # ffmpeg-python needs a stream of each input; this optional one does not exist
                file_url(part_file),
                f="mp4",
                vcodec="copy",
                acodec="aac",
                audio_bitrate="128k",
                movflags="+faststart",
                map_metadata=2,
                map_chapters=2,
                **{"metadata:s:a:0": f"language={language}"},
            )
            ffmpeg.run(output, duration_s, report=report, check=check, limits=dataclasses.replace(_LIMITS, timeout_s=600 + duration_s))
    finally:
        playlist.unlink(missing_ok=True)
        metadata.unlink(missing_ok=True)


def extract_poster(video: Path, time_s: float, target: Path, *, check: CancellationCheck = never_cancelled) -> None:
    """Write the picture of a time as JPEG."""
    with replacing(target) as part:
        source = ffmpeg.open_input(video, ss=f"{time_s:.3f}").video
        output = ffmpeg_python.output(source, file_url(part), f="image2", vcodec="mjpeg", qscale=3, update=1, **{"frames:v": 1})
        ffmpeg.run(output, check=check)


def metadata_text(title: str, chapters: Sequence[Chapter]) -> str:
    """Return the title and chapters in ffmpeg's metadata format (https://ffmpeg.org/ffmpeg-formats.html#Metadata-2)."""
    rows = [";FFMETADATA1", f"title={_escaped(title)}"]
    for chapter in chapters:
        times = (f"START={round(chapter.start_s * 1000)}", f"END={round(chapter.end_s * 1000)}")
        rows += ["[CHAPTER]", "TIMEBASE=1/1000", *times, f"title={_escaped(chapter.title)}"]
    return "\n".join(rows) + "\n"


def _escaped(text: str) -> str:
    return "".join(f"\\{each}" if each in "=;#\\" else each for each in text).replace("\n", " ")


def _quoted(path: Path) -> str:
    return str(path.absolute()).replace("'", "'\\''")
