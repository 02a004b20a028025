"""Recordings in high dynamic range, shown as they would be on a plain screen."""

from __future__ import annotations

import functools

from domain import VideoStream
from lib.process import run_program
from lib.programs import require_program

_HIGH_RANGE = ("smpte2084", "arib-std-b67")  # PQ and HLG
_WHITE_NITS = 203  # of slides and other graphics in HDR (ITU-R BT.2408)


def filters_for(video: VideoStream) -> list[str]:
    """ffmpeg filters that make a plain picture of it: white stays white, what shines brighter is white too.

    None for plain recordings, and where this ffmpeg can't do it.
    """
    if video.transfer not in _HIGH_RANGE or not _can_map():
        return []
    linear = [f"zscale=t=linear:npl={_WHITE_NITS}", "format=gbrpf32le", "zscale=p=bt709"]
    return [*linear, "tonemap=tonemap=clip:desat=0", "zscale=t=bt709:m=bt709:r=pc", "format=yuv444p"]


@functools.cache
def _can_map() -> bool:
    listed = run_program([require_program("ffmpeg"), "-hide_banner", "-filters"]).stdout
    return {"zscale", "tonemap"} <= {line.split()[1] for line in listed.splitlines() if len(line.split()) > 1}
