"""Muxing: a video file and an audio file of the same recording become one file, without decoding."""

from __future__ import annotations

from pathlib import Path

import ffmpeg as ffmpeg_python

import errors
from lib.process import CancellationCheck, Report, ignore_progress, never_cancelled
from lib.serialization import atomic_write
from services.media import ffmpeg
from services.media.allowed_formats import file_url
from services.media.probe import probe


def mux(video: Path, audio: Path, target: Path, *, report: Report = ignore_progress, check: CancellationCheck = never_cancelled) -> None:
    """Write a Matroska file with the video of one file and the audio of the other. Raises the errors of `probe`."""
    media = probe(video, check=check)
    size = video.stat().st_size + audio.stat().st_size
    inputs = [ffmpeg.open_input(video)["v:0"], ffmpeg.open_input(audio)["a:0"]]
    limits = ffmpeg.limits_for_duration(media.duration_s, file_bytes=2 * size + 2**20)
    with atomic_write(target) as part:
        stream = ffmpeg_python.output(*inputs, file_url(part), c="copy", f="matroska", max_muxing_queue_size=4096)
        try:
            ffmpeg.run(stream, media.duration_s, report=report, check=check, limits=limits)
        except errors.ProgramFailed as error:
            if type(error) is not errors.ProgramFailed:
                raise
            raise errors.UnusableRecording("Its video and audio can't be joined; one of them may be damaged.") from error
