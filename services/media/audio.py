"""Extract a recording's audio as WAV for speech engines."""

from __future__ import annotations

from pathlib import Path

import errors
from domain import AudioStream, MediaInfo
from lib.process import CancellationCheck, Limits, Report, ignore_progress, never_cancelled
from lib.serialization import atomic_write
from services.media import ffmpeg
from services.media.allowed_formats import file_url
from services.media.audio_selection import AudioSelection
from services.media.probe import first_packet_s

SAMPLE_RATE_HZ = 16_000


def extract_audio(
    source: Path,
    target_wav: Path,
    media: MediaInfo,
    selection: AudioSelection | None = None,
    *,
    report: Report = ignore_progress,
    check: CancellationCheck = never_cancelled,
) -> None:
    """Write a 16 kHz mono s16 WAV whose time 0 is the container's time 0.

    `selection`: the stream and channel, without it the mix of `media.audio`. A late start and gaps are filled with silence.
    Raises UnusableRecording if the audio can't be decoded.
    """
    if media.audio is None:
        raise errors.UnusableRecording("It has no audio.")
    selection = selection or AudioSelection(media.audio)
    with atomic_write(target_wav) as part:
        stream = ffmpeg.open_input(source, vn=None, sn=None, dn=None)[str(selection.stream.index)].output(
            file_url(part),
            af=",".join(_filters(selection, _start_s(source, media, selection.stream, check))),
            ac=1,
            ar=SAMPLE_RATE_HZ,
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
            raise errors.UnusableRecording("Its audio is damaged and can't be decoded.") from error


def _filters(selection: AudioSelection, start_s: float) -> list[str]:
    """Place the stream at its own start: how ffmpeg shifts inputs without -copyts differs between containers and versions."""
    channel = [] if selection.channel is None else [f"pan=mono|c0=c{selection.channel}"]
    return [*channel, f"asetpts=PTS-STARTPTS+({start_s:.6f})/TB", f"aresample={SAMPLE_RATE_HZ}:async=1:first_pts=0"]


def _start_s(source: Path, media: MediaInfo, stream: AudioStream, check: CancellationCheck) -> float:
    """Return the stream's start on the container's clock.

    libavformat states 0 for a stream whose first packet lies beyond the part of the file that it analyses, so that packet is read too. It
    may lie before the stated start, where an encoder's delay is cut off.
    """
    first_s = first_packet_s(source, stream.index, check=check)
    return stream.start_s if first_s is None else max(stream.start_s, first_s - media.start_s)


def _limits(duration_s: float) -> Limits:
    return ffmpeg.limits_for_duration(duration_s, file_bytes=int(2 * SAMPLE_RATE_HZ * (duration_s + 60)))
