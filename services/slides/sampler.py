"""Samples of a recording's analysis frames at regular times, with presentation times."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import av
import numpy as np

import errors
from services.slides.decoder import SelectiveDecoder, analysis_frame
from services.slides.parameters import DEFAULTS, Parameters
from services.slides.sample_schedule import Sample, SampleSchedule

_AV_TIME_BASE = 1_000_000  # ffmpeg's unit for the times of a container


class _PendingFrame(NamedTuple):
    """The latest frame without a sample. It becomes a sample if the picture does not change for a while after it."""

    time_s: float
    frame: Any
    is_known_reference: bool
    gap_s: float


class Sampler:
    """Reads a file's video stream once, from beginning to end."""

    def __init__(
        self,
        url: str,
        allowed_containers: str = "",
        rotation: int = 0,
        duration_s: float = float("inf"),
        parameters: Parameters = DEFAULTS,
        stream_index: int | None = None,
    ) -> None:
        """`allowed_containers`: ffmpeg's names of the containers that may be opened, all if empty; `rotation`: clockwise degrees.

        Frames after `duration_s` are not read, except the first one. `stream_index`: the video stream's number in the file; the one that
        ffmpeg prefers if None.
        """
        self._url, self._duration_s, self._parameters = url, duration_s, parameters
        self._options = {"protocol_whitelist": "file", **({"format_whitelist": allowed_containers} if allowed_containers else {})}
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
            raise errors.UnusableRecording("Its video is damaged and can't be decoded.") from error

    def _samples(self, container: Any, stream: Any) -> Iterator[Sample]:
        if stream is None:
            return
        start_s = (container.start_time or 0) / _AV_TIME_BASE
        decoder = SelectiveDecoder(container, stream, self._parameters.decoding)
        time_base_s = float(stream.time_base)
        schedule = SampleSchedule(self._parameters.sampling)
        pending_frame: _PendingFrame | None = None
        latest_s, latest_gap_s = 0.0, 0.0
        for frame in decoder.frames():
            time_s = frame.pts * time_base_s - start_s
            if time_s > self._duration_s and schedule.is_started:
                break
            latest_s, latest_gap_s = time_s, time_s - latest_s
            if pending_frame and schedule.has_gap_before(time_s):
                yield self._make_sample(schedule, *pending_frame)
            pending_frame = None
            yield from schedule.fill_gap_until(time_s)
            if schedule.is_due(time_s):
                yield self._make_sample(schedule, time_s, frame, decoder.skips_non_reference, latest_gap_s)
            else:
                pending_frame = _PendingFrame(time_s, frame, decoder.skips_non_reference, latest_gap_s)
        if pending_frame:
            yield self._make_sample(schedule, *pending_frame)
        if schedule.is_started:
            end_s = min(self._duration_s, _stream_end_s(container, stream, start_s))
            hold_s = self._parameters.sampling.final_hold_s
            yield from schedule.fill_gap_until(max(end_s, latest_s + hold_s) if latest_gap_s >= hold_s else end_s)
        self.packets, self.decoded_packets = decoder.packets, decoder.decoded

    def _make_sample(self, schedule: SampleSchedule, time_s: float, frame: Any, is_known_reference: bool, gap_s: float) -> Sample:
        image = np.rot90(analysis_frame(frame, self._parameters.decoding), self._quarter_turns)
        return schedule.record_sample(time_s, bool(frame.key_frame), np.ascontiguousarray(image), is_known_reference, gap_s)


def _stream_end_s(container: Any, stream: Any, start_s: float) -> float:
    """Return when the video stream ends, in seconds after the start of the file.

    If the stream states no duration, return that of the file; 0 if neither is known.
    """
    if stream.duration is not None and stream.start_time is not None:
        return float((stream.start_time + stream.duration) * stream.time_base) - start_s
    if container.duration is not None:
        return float(container.duration / _AV_TIME_BASE)
    return 0.0
