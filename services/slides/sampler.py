"""Samples of a recording's analysis frames at regular times, with presentation times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import av
import numpy as np

import errors
from services.slides.decoder import GrayImage, SelectiveDecoder, analysis_frame
from services.slides.parameters import DEFAULTS, Parameters, SamplingParameters

_AV_TIME_BASE = 1_000_000  # ffmpeg's unit for the times of a container


@dataclass(frozen=True)
class Sample:
    """The picture at `time_s`; `image` is None if it is the same as in the sample before.

    `previous_s`: the last time at which the picture before was certainly shown; `pts_s`: presentation time of the frame.
    `is_keyframe`: the frame can be decoded by itself; `is_reference`: it can be reached by decoding reference frames only.
    """

    time_s: float
    previous_s: float
    pts_s: float
    is_keyframe: bool
    image: GrayImage | None
    is_reference: bool = False


class Sampler:
    """Reads a file's video stream once, from beginning to end."""

    def __init__(
        self,
        url: str,
        formats: str = "",
        rotation: int = 0,
        duration_s: float = float("inf"),
        parameters: Parameters = DEFAULTS,
        stream_index: int | None = None,
    ) -> None:
        """`formats`: the containers that may be opened, all if empty; `rotation`: clockwise degrees for display.

        No sample is later than `duration_s`, whatever duration the stream states. `stream_index`: the video stream's number in the
        file; the one that ffmpeg prefers if None.
        """
        self._url, self._duration_s, self._parameters = url, duration_s, parameters
        self._options = {"protocol_whitelist": "file", **({"format_whitelist": formats} if formats else {})}
        self._stream_index = stream_index
        self._quarter_turns = -rotation // 90 % 4
        self.decoded_packets = 0
        self.packets = 0

    def __iter__(self) -> Iterator[Sample]:
        try:
            with av.open(self._url, metadata_errors="ignore", options=self._options) as container:
                index = self._stream_index
                yield from self._samples(container, container.streams.best("video") if index is None else container.streams[index])
        except av.error.FFmpegError as error:
            raise errors.UnusableRecording(f"Its video can't be decoded: {error}") from error

    def _samples(self, container: Any, stream: Any) -> Iterator[Sample]:
        if stream is None:
            return
        start_s = (container.start_time or 0) / _AV_TIME_BASE
        decoder = SelectiveDecoder(container, stream, self._parameters.decoding)
        tick_s = float(stream.time_base)
        clock = _SampleClock(self._parameters.sampling)
        pending: tuple[float, Any, bool] | None = None
        for frame in decoder.frames():
            time_s = frame.pts * tick_s - start_s
            if time_s > self._duration_s and clock.is_started:
                break
            if pending and clock.has_gap_before(time_s):
                yield self._take(clock, *pending)
            pending = None
            yield from clock.hold_until(time_s)
            if clock.is_due(time_s):
                yield self._take(clock, time_s, frame, decoder.skips_non_reference)
            else:
                pending = time_s, frame, decoder.skips_non_reference
        if pending:
            yield self._take(clock, *pending)
        if clock.is_started:
            yield from clock.hold_until(min(self._duration_s, _stream_end_s(container, stream, start_s)))
        self.packets, self.decoded_packets = decoder.packets, decoder.decoded

    def _take(self, clock: _SampleClock, time_s: float, frame: Any, is_reference: bool) -> Sample:
        image = np.rot90(analysis_frame(frame, self._parameters.decoding), self._quarter_turns)
        return clock.take(time_s, bool(frame.key_frame), np.ascontiguousarray(image), is_reference)


class _SampleClock:
    """Turns frames at any rate into samples one period apart."""

    def __init__(self, parameters: SamplingParameters) -> None:
        self._parameters = parameters
        self.is_started = False
        self._latest_s = 0.0
        self._pts_s = 0.0
        self._is_keyframe = False
        self._is_reference = False

    def is_due(self, time_s: float) -> bool:
        return not self.is_started or time_s > self._latest_s + self._parameters.period_s - self._parameters.early_tolerance_s

    def has_gap_before(self, time_s: float) -> bool:
        """Whether so much time passes until `time_s` that samples are needed in between."""
        return self.is_started and self._latest_s + self._parameters.hold_periods * self._parameters.period_s < time_s

    def take(self, time_s: float, is_keyframe: bool, image: GrayImage, is_reference: bool) -> Sample:
        previous_s = self._latest_s if self.is_started else time_s
        self.is_started, self._latest_s, self._pts_s = True, time_s, time_s
        self._is_keyframe, self._is_reference = is_keyframe, is_reference
        return Sample(time_s, previous_s, time_s, is_keyframe, image, is_reference)

    def hold_until(self, time_s: float) -> Iterator[Sample]:
        """Repeat the latest sample until shortly before `time_s`: once a period, at longer intervals if it is shown for long."""
        period_s, long_hold_s, stride_share = self._parameters.period_s, self._parameters.long_hold_s, self._parameters.hold_stride_share
        while self.has_gap_before(time_s):
            previous_s = self._latest_s
            held_s = previous_s - self._pts_s
            stride_s = period_s if held_s < long_hold_s else min(held_s * stride_share, time_s - period_s - previous_s)
            self._latest_s += max(period_s, stride_s)
            yield Sample(self._latest_s, previous_s, self._pts_s, self._is_keyframe, None, self._is_reference)


def _stream_end_s(container: Any, stream: Any, start_s: float) -> float:
    """Return the end of the video stream in container time; the end of the file if the stream states none."""
    if stream.duration is not None and stream.start_time is not None:
        return float((stream.start_time + stream.duration) * stream.time_base) - start_s
    if container.duration is not None:
        return float(container.duration / _AV_TIME_BASE)
    return 0.0
