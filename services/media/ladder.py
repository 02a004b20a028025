"""The sizes and bit rates in which a video is offered for streaming."""

from __future__ import annotations

from dataclasses import dataclass

from domain import VideoStream

# Short side in pixels and bit rate of 16:9 in kbit/s: those of iTube's transcoder.
_STEPS = ((360, 1000), (720, 4000), (1080, 8000))
_ASPECT = 16 / 9
_MIN_KBPS = 100
_MIN_STEP = 1.2  # a rendition that is hardly smaller than the next one has no use
MAX_RUNGS = len(_STEPS)


@dataclass(frozen=True)
class Rung:
    """One rendition; `max_kbps` is the highest bit rate of its video."""

    width: int
    height: int
    max_kbps: int


def rungs_of(video: VideoStream) -> list[Rung]:
    """Return the renditions, smallest first: none larger than the video, all with its aspect ratio, also in portrait format."""
    short = min(video.width, video.height)
    below = [step for step in _STEPS if step[0] * _MIN_STEP <= short]
    rungs = [_rung(video, step, step, kbps) for step, kbps in below]
    if len(below) < len(_STEPS):
        step, kbps = _STEPS[len(below)]
        rungs.append(_rung(video, min(short, step), step, kbps))
    return rungs


def _rung(video: VideoStream, short_side: int, step: int, kbps: int) -> Rung:
    """Return the rendition with this short side; `kbps` is the bit rate of a 16:9 picture with the short side `step`."""
    factor = short_side / min(video.width, video.height)
    width, height = (_even(side * factor) for side in (video.width, video.height))
    share = width * height / (step * step * _ASPECT)
    return Rung(width, height, max(_MIN_KBPS, round(kbps * min(1.5, share))))


def _even(side: float) -> int:
    """H.264 with subsampled colours has even sides."""
    return max(2, 2 * int(side / 2 + 1e-6))
