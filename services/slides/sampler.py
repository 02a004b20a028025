"""A recording's brightness at low resolution, four times a second, with presentation times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import av
import numpy as np

import errors
from services.slides.decoder import Gray, SelectiveDecoder, analysis_frame

PERIOD_S = 0.25
_EARLY_S = 0.03
_LONG_HOLD_S = 30.0
_STRIDE = 1 / 8  # of the time for which nothing has changed
_MICROSECOND = 1_000_000


@dataclass(frozen=True)
class Sample:
    """The picture at `time_s`, None where it is still the one before; `before_s` is the last moment known to show the one before.

    `shown_s` is the presentation time of the frame shown then; `is_key`: that frame can be decoded by itself;
    `is_needed`: all the way to it only frames that others need were decoded, itself included.
    """

    time_s: float
    before_s: float
    shown_s: float
    is_key: bool
    picture: Gray | None
    is_needed: bool = False


class Sampler:
    """Goes through a file's picture stream once, from beginning to end."""

    def __init__(self, url: str, formats: str = "", rotation: int = 0, duration_s: float = float("inf")) -> None:
        """`formats`: the containers that may be opened, all where empty; `rotation`: clockwise degrees for showing.

        No sample comes after `duration_s`, whatever the stream says of itself.
        """
        self._url, self._duration_s = url, duration_s
        self._options = {"protocol_whitelist": "file", **({"format_whitelist": formats} if formats else {})}
        self._turns = -rotation // 90 % 4
        self.decoded_packets = 0
        self.packets = 0

    def __iter__(self) -> Iterator[Sample]:
        try:
            with av.open(self._url, metadata_errors="ignore", options=self._options) as container:
                yield from self._samples(container, container.streams.best("video"))
        except av.error.FFmpegError as error:
            raise errors.UnusableRecording(f"Its pictures can't be decoded: {error}") from error

    def _samples(self, container: Any, stream: Any) -> Iterator[Sample]:
        if stream is None:
            return
        start_s = (container.start_time or 0) / _MICROSECOND
        decoder = SelectiveDecoder(container, stream)
        tick_s = float(stream.time_base)
        clock = _Clock()
        waiting: tuple[float, Any, bool] | None = None
        for frame in decoder.frames():
            time_s = frame.pts * tick_s - start_s
            if time_s > self._duration_s and clock.started:
                break
            if waiting and clock.would_hold(time_s):
                yield self._take(clock, *waiting)
            waiting = None
            yield from clock.hold_until(time_s)
            if clock.is_due(time_s):
                yield self._take(clock, time_s, frame, decoder.leaves_out)
            else:
                waiting = time_s, frame, decoder.leaves_out
        if waiting:
            yield self._take(clock, *waiting)
        if clock.started:
            yield from clock.hold_until(min(self._duration_s, _end_of(container, stream, start_s)))
        self.packets, self.decoded_packets = decoder.packets, decoder.decoded

    def _take(self, clock: _Clock, time_s: float, frame: Any, is_needed: bool) -> Sample:
        picture = np.rot90(analysis_frame(frame), self._turns)
        return clock.take(time_s, bool(frame.key_frame), np.ascontiguousarray(picture), is_needed)


class _Clock:
    """Turns frames at any rate into samples a period apart."""

    def __init__(self) -> None:
        self.started = False
        self._latest_s = 0.0
        self._shown_s = 0.0
        self._is_key = False
        self._is_needed = False

    def is_due(self, time_s: float) -> bool:
        return not self.started or time_s > self._latest_s + PERIOD_S - _EARLY_S

    def would_hold(self, time_s: float) -> bool:
        """Whether so much time goes by until `time_s` that the picture must be known meanwhile."""
        return self.started and self._latest_s + 1.5 * PERIOD_S < time_s

    def take(self, time_s: float, is_key: bool, picture: Gray, is_needed: bool) -> Sample:
        before_s = self._latest_s if self.started else time_s
        self.started, self._latest_s, self._shown_s = True, time_s, time_s
        self._is_key, self._is_needed = is_key, is_needed
        return Sample(time_s, before_s, time_s, is_key, picture, is_needed)

    def hold_until(self, time_s: float) -> Iterator[Sample]:
        """The same picture until shortly before `time_s`: a period at a time, in longer strides once it has stood long."""
        while self.would_hold(time_s):
            before_s = self._latest_s
            stood_s = before_s - self._shown_s
            stride_s = PERIOD_S if stood_s < _LONG_HOLD_S else min(stood_s * _STRIDE, time_s - PERIOD_S - before_s)
            self._latest_s += max(PERIOD_S, stride_s)
            yield Sample(self._latest_s, before_s, self._shown_s, self._is_key, None, self._is_needed)


def _end_of(container: Any, stream: Any, start_s: float) -> float:
    """When the picture stream ends, in container time; a stream that does not say so ends with the file."""
    if stream.duration is not None and stream.start_time is not None:
        return float((stream.start_time + stream.duration) * stream.time_base) - start_s
    if container.duration is not None:
        return float(container.duration / _MICROSECOND)
    return 0.0
