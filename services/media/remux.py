"""Copy the streams of a recording whose container has no index or no continuous clock into one that has both.

ffmpeg reads MPEG-TS, MPEG-PS and raw streams from end to end without trouble, but seeking in them lands anywhere, and the times of
joined files jump. A copy made without decoding has an index and one clock, on which video, audio and slides agree.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import errors
from domain import MediaInfo
from lib.process import CancellationCheck, Report, ignore_progress, never_cancelled
from lib.serialization import atomic_write
from services.media.allowed_formats import RAW_VIDEO, file_url
from services.media.probe import probe, shortest_step_back_s

_CONTAINERS = {"mpegts", "mpeg"}
_MAX_GROWTH = 1.3
_FFMPEG_THRESHOLD_S = 10.0  # ffmpeg's own dts_delta_threshold


def make_seekable(
    source: Path, target: Path, *, report: Report = ignore_progress, check: CancellationCheck = never_cancelled
) -> tuple[Path, MediaInfo]:
    """Return the file to read from here on and its properties: `source`, or a copy at `target` if it can't be searched by time.

    The copy has the same video and audio tracks in the same order. Raises the errors of `probe`.
    """
    media = probe(source, check=check)
    if not needs_remux(media):
        return source, media
    remux(source, target, media, report=report, check=check)
    return target, dataclasses.replace(probe(target, check=check), announced_s=media.announced_s)


def needs_remux(media: MediaInfo) -> bool:
    return media.video is not None and media.format_name in _CONTAINERS | RAW_VIDEO


def remux(
    source: Path, target: Path, media: MediaInfo, *, report: Report = ignore_progress, check: CancellationCheck = never_cancelled
) -> None:
    """Write a copy of all video and audio streams. Raises UnusableRecording."""
    import ffmpeg as ffmpeg_python  # late: few recordings need a copy

    from services.media import ffmpeg

    inputs = ffmpeg.open_input(source, fflags="+genpts", sn=None, dn=None)
    indexes = sorted([stream.index for stream in media.video_streams] + [stream.index for stream in media.audio_streams])
    options = {
        "c": "copy",
        "map_metadata": -1,
        "max_muxing_queue_size": 4096,
        "f": "mp4" if media.format_name in RAW_VIDEO else "matroska",  # the writer of MP4 numbers frames without times
    }
    limits = ffmpeg.limits_for_duration(media.duration_s, file_bytes=int(media.size_bytes * _MAX_GROWTH) + 2**20)
    # Packets of the part before a joint may follow the first ones of the next part: only with a threshold below the step back does ffmpeg
    # correct their times too. Without joints a lower threshold would close the gaps of sparse frames.
    step_back_s = shortest_step_back_s(source, check=check) if media.format_name in _CONTAINERS else None
    if step_back_s is not None and step_back_s < 2 * _FFMPEG_THRESHOLD_S:
        options["dts_delta_threshold"] = f"{step_back_s / 2:.3f}"
    with atomic_write(target) as part:
        stream = ffmpeg_python.output(*[inputs[str(index)] for index in indexes], file_url(part), **options)
        try:
            ffmpeg.run(stream, media.duration_s, report=report, check=check, limits=dataclasses.replace(limits, stall_s=600))
        except errors.ProgramFailed as error:
            if type(error) is not errors.ProgramFailed:
                raise
            raise errors.UnusableRecording("Its video or audio is damaged and can't be read.") from error
