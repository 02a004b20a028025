"""Build ffmpeg commands with ffmpeg-python and run them through lib.process."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ffmpeg

import errors
from lib.process import CancellationCheck, Limits, ProcessOutput, Report, ignore_progress, never_cancelled, run_program
from lib.programs import require_program
from services.media.allowed_codecs import ALLOWED_DECODERS
from services.media.allowed_formats import ALLOWED_FORMATS, file_url

_LIMITS = Limits(stall_s=120, memory_bytes=3 * 2**30)
_NO_DECODER = re.compile("unknown decoder|no decoder found|decoder .{0,60}not found|not on whitelist", re.IGNORECASE)


def limits_for_duration(duration_s: float, *, file_bytes: int) -> Limits:
    """Return limits with a timeout of five minutes plus twice the duration; decoding is faster than that."""
    return dataclasses.replace(_LIMITS, timeout_s=300 + 2 * duration_s, file_bytes=file_bytes)


def open_input(path: Path, **options: Any) -> Any:
    """Return an ffmpeg-python input that can open only `path`, with allowed decoders. `options` are input options of ffmpeg."""
    allow_lists = {"protocol_whitelist": "file,pipe", "format_whitelist": ALLOWED_FORMATS, "codec_whitelist": ALLOWED_DECODERS}
    return ffmpeg.input(file_url(path), **allow_lists, **options)


def run(
    stream: Any,
    duration_s: float = 0.0,
    *,
    report: Report = ignore_progress,
    check: CancellationCheck = never_cancelled,
    limits: Limits = _LIMITS,
    on_line: Callable[[str], None] | None = None,
) -> ProcessOutput:
    """Run an ffmpeg-python output; report seconds done of `duration_s`, read from ffmpeg's standard output.

    With `on_line`, the standard output is what filters print, and no progress is reported.
    """
    quiet = stream.global_args("-nostdin", "-hide_banner", "-nostats", "-loglevel", "error")
    if on_line is None:
        quiet = quiet.global_args("-progress", "pipe:1")
        on_line = functools.partial(_report_progress, report, duration_s)
    argv: list[str] = quiet.compile(cmd=[str(require_program("ffmpeg"))], overwrite_output=True)
    try:
        return run_program(argv, check=check, limits=limits, on_line=on_line)
    except errors.ProgramFailed as error:
        if _NO_DECODER.search("\n".join(getattr(error, "__notes__", ()))):
            raise errors.UnknownCodec(error.detail) from error
        raise


def _report_progress(report: Report, duration_s: float, line: str) -> None:
    name, _, value = line.partition("=")
    if name == "out_time_us" and duration_s > 0:
        with contextlib.suppress(ValueError):  # "N/A" before the first frame
            report(min(max(0.0, int(value) / 1e6), duration_s), duration_s)
