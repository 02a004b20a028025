"""Tone mapping of high dynamic range (HDR) recordings to standard dynamic range."""

from __future__ import annotations

import functools

from domain import VideoStream
from lib.process import run_program
from lib.programs import require_program

_HDR_TRANSFERS = ("smpte2084", "arib-std-b67")  # PQ and HLG
_WHITE_NITS = 203  # reference white of graphics in HDR (ITU-R BT.2408)


def tone_mapping_filters(video: VideoStream) -> list[str]:
    """Return ffmpeg filters that convert HDR to SDR; values above reference white are clipped.

    The list is empty for SDR recordings, and if this ffmpeg lacks the filters.
    """
    if video.transfer not in _HDR_TRANSFERS or not _can_tone_map():
        return []
    linear = [f"zscale=t=linear:npl={_WHITE_NITS}", "format=gbrpf32le", "zscale=p=bt709"]
    return [*linear, "tonemap=tonemap=clip:desat=0", "zscale=t=bt709:m=bt709:r=pc", "format=yuv444p"]


@functools.cache
def _can_tone_map() -> bool:
    output = run_program([require_program("ffmpeg"), "-hide_banner", "-filters"]).stdout
    return {"zscale", "tonemap"} <= {line.split()[1] for line in output.splitlines() if len(line.split()) > 1}
