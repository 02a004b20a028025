"""Find the places where the clock of a recording steps back: there, files were joined."""

from __future__ import annotations

import math
from pathlib import Path

import errors
from lib.process import CancellationCheck, never_cancelled, run_program
from services.media.allowed_formats import file_url
from services.media.probe import ffprobe_command, limits_for_reading
from services.media.streams import get_number

_MIN_STEP_S = 0.1  # ffmpeg ignores smaller ones (fftools/ffmpeg_demux.c, ts_discontinuity_detect)


def shortest_step_back_s(path: Path, *, check: CancellationCheck = never_cancelled) -> float | None:
    """Return the length of the shortest step back of the clock in any stream, or None if there is none."""
    newest: dict[str, float] = {}
    shortest: float | None = None

    def read_packet(line: str) -> None:
        nonlocal shortest
        packet = dict(part.partition("=")[::2] for part in line.split("|"))
        stream, time_s = packet.get("stream_index", ""), get_number(packet, "dts_time", float("nan"))
        if math.isnan(time_s):
            return
        step_s = newest.get(stream, time_s) - time_s
        if step_s > _MIN_STEP_S and (shortest is None or step_s < shortest):
            shortest = step_s
        newest[stream] = time_s

    argv = [*ffprobe_command(), "-show_entries", "packet=stream_index,dts_time", "-of", "compact=p=0", file_url(path)]
    try:
        run_program(argv, check=check, limits=limits_for_reading(path), on_line=read_packet)
    except errors.ProgramFailed as error:
        raise errors.UnusableRecording(f"Its streams can't be read ({error.detail}).") from error
    return shortest
