"""Cut a part out of a recording, exact to the frame, without decoding where possible.

A copy has to begin at a keyframe. MP4 states in an edit list (ISO 14496-12, 8.6.6) where the presentation begins, and libavformat marks the
packets before it, whose frames decoders then drop.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import ffmpeg as ffmpeg_python

import errors
from domain import MediaInfo, TimeRange
from lib.process import CancellationCheck, Report, ignore_progress, never_cancelled
from lib.serialization import atomic_write
from services.media import ffmpeg
from services.media.allowed_formats import MAX_PIXELS, file_url
from services.media.probe import probe

_COPIED_VIDEO = ("h264", "hevc", "av1", "vp9", "mpeg4")
_COPIED_AUDIO = ("aac", "mp3", "opus", "flac", "ac3", "alac")
_VIDEO_ENCODER = {"vcodec": "libx264", "preset": "veryfast", "crf": 18, "pix_fmt": "yuv420p"}
_AUDIO_ENCODER = {"acodec": "aac", "b:a": "192k"}
_MAX_GROWTH = 20  # of a file that is encoded again
_MIN_DURATION_S = 0.1


def trim(
    source: Path,
    target: Path,
    media: MediaInfo,
    part: TimeRange,
    *,
    report: Report = ignore_progress,
    check: CancellationCheck = never_cancelled,
) -> MediaInfo:
    """Write this part of the recording with all its tracks to `target`, and return its properties. Time 0 is the start of the part.

    Raises ValidationFailed if the recording ends before the part begins.
    """
    part = within(part, media.duration_s)
    inputs = ffmpeg.open_input(source, ss=f"{part.start_s:.3f}", t=f"{part.duration_s:.3f}", sn=None, dn=None, max_pixels=MAX_PIXELS)
    indexes = sorted([stream.index for stream in media.video_streams] + [stream.index for stream in media.audio_streams])
    options: dict[str, Any] = {"f": "mp4", "map_metadata": -1, "map_chapters": -1, "max_muxing_queue_size": 4096, "strict": "experimental"}
    options |= _video_codec(media) | _audio_codec(media)
    limits = ffmpeg.limits_for_duration(20 * part.duration_s, file_bytes=_MAX_GROWTH * media.size_bytes + 2**24)
    with atomic_write(target) as cut:
        output = ffmpeg_python.output(*[inputs[str(index)] for index in indexes], file_url(cut), **options)
        try:
            ffmpeg.run(output, part.duration_s, report=report, check=check, limits=limits)
        except errors.ProgramFailed as error:
            if type(error) is not errors.ProgramFailed:
                raise
            raise errors.UnusableRecording("The part can't be cut out; the recording may be damaged.") from error
    media_info = probe(target, check=check)
    return dataclasses.replace(media_info, duration_s=min(media_info.duration_s, part.duration_s))


def within(part: TimeRange, duration_s: float) -> TimeRange:
    """Return the part that lies in the recording; an end of 0 is that of the recording. Raises ValidationFailed if nothing is left."""
    end_s = min(part.end_s or duration_s, duration_s)
    if end_s - part.start_s < _MIN_DURATION_S:
        raise errors.ValidationFailed(f"start_time: the recording ends at {duration_s:.1f} s, the part begins at {part.start_s:.1f} s.")
    return TimeRange(part.start_s, end_s)


def _video_codec(media: MediaInfo) -> dict[str, Any]:
    can_copy = all(stream.codec in _COPIED_VIDEO for stream in media.video_streams)
    return {"vcodec": "copy"} if can_copy else dict(_VIDEO_ENCODER)


def _audio_codec(media: MediaInfo) -> dict[str, Any]:
    can_copy = all(stream.codec in _COPIED_AUDIO for stream in media.audio_streams)
    return {"acodec": "copy"} if can_copy else dict(_AUDIO_ENCODER)
