"""Extract a recording's audio as WAV for speech engines."""

from __future__ import annotations

from pathlib import Path

import errors
from domain import MediaInfo
from lib.process import Check, Limits, Report, never_cancelled, no_report
from lib.serialization import replacing
from services.media import ffmpeg
from services.media.allowed_formats import file_url

SAMPLE_RATE = 16_000


def extract_audio(source: Path, target_wav: Path, media: MediaInfo, *, report: Report = no_report, check: Check = never_cancelled) -> None:
    """Write a 16 kHz mono s16 WAV whose time 0 is the container's time 0.

    A late start and gaps are filled with silence. Raises UnusableRecording if the audio can't be decoded.
    """
    if media.audio is None:
        raise errors.UnusableRecording("It has no audio.")
    # Use the stream's start explicitly: how ffmpeg shifts inputs without -copyts differs between containers and versions.
    filters = f"asetpts=PTS-STARTPTS+({media.audio.start_s:.6f})/TB,aresample={SAMPLE_RATE}:async=1:first_pts=0"
    with replacing(target_wav) as part:
        stream = ffmpeg.open_input(source, vn=None, sn=None, dn=None).output(
            file_url(part),
            af=filters,
            ac=1,
            ar=SAMPLE_RATE,
            acodec="pcm_s16le",
            map_metadata=-1,
            t=f"{media.duration_s:.6f}",
            f="wav",
            **{"fflags": "+bitexact", "flags:a": "+bitexact"},
        )
        try:
            ffmpeg.run(stream, media.duration_s, report=report, check=check, limits=_limits(media.duration_s))
        except errors.ProgramFailed as error:
            if type(error) is not errors.ProgramFailed:
                raise
            raise errors.UnusableRecording(f"Its audio can't be decoded ({error.detail}).") from error


def _limits(duration_s: float) -> Limits:
    return ffmpeg.limits_for_duration(duration_s, file_bytes=int(2 * SAMPLE_RATE * (duration_s + 60)))
