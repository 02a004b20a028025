"""The times of the samples: frames at any rate become samples about one period apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.slides.decoder import GrayImage
from services.slides.parameters import SamplingParameters


@dataclass(frozen=True)
class Sample:
    """The picture at `time_s`; `image` is None if it is the same as in the previous sample.

    `previous_sample_s`: the time of the previous sample, its own time for the first; `pts_s`: presentation time of the frame.
    `is_keyframe`: the frame can be decoded by itself; `is_known_reference`: it is certainly a reference frame.
    `frame_gap_s`: the time between the frame before and this one, infinite if unknown.
    """

    time_s: float
    previous_sample_s: float
    pts_s: float
    is_keyframe: bool
    image: GrayImage | None
    is_known_reference: bool = False
    frame_gap_s: float = float("inf")


class SampleSchedule:
    """Decides at which frames samples are taken, and repeats samples in gaps between frames."""

    def __init__(self, parameters: SamplingParameters) -> None:
        self._parameters = parameters
        self.is_started = False
        self._latest_s = 0.0
        self._pts_s = 0.0
        self._is_keyframe = False
        self._is_known_reference = False

    def is_due(self, time_s: float) -> bool:
        return not self.is_started or time_s > self._latest_s + self._parameters.period_s - self._parameters.early_tolerance_s

    def has_gap_before(self, time_s: float) -> bool:
        """Whether so much time passes until `time_s` that samples are needed in between."""
        return self.is_started and self._latest_s + self._parameters.hold_periods * self._parameters.period_s < time_s

    def record_sample(self, time_s: float, is_keyframe: bool, image: GrayImage, is_known_reference: bool, frame_gap_s: float) -> Sample:
        """Return the sample of a frame; later times are measured from it."""
        previous_s = self._latest_s if self.is_started else time_s
        self.is_started, self._latest_s, self._pts_s = True, time_s, time_s
        self._is_keyframe, self._is_known_reference = is_keyframe, is_known_reference
        return Sample(time_s, previous_s, time_s, is_keyframe, image, is_known_reference, frame_gap_s)

    def fill_gap_until(self, time_s: float) -> Iterator[Sample]:
        """Repeat the latest sample, without its image, until shortly before `time_s`.

        Repetitions are one period apart, or more if the picture has been shown for longer than `long_hold_s`.
        """
        period_s, long_hold_s, stride_share = self._parameters.period_s, self._parameters.long_hold_s, self._parameters.hold_stride_share
        while self.has_gap_before(time_s):
            previous_s = self._latest_s
            held_s = previous_s - self._pts_s
            stride_s = period_s if held_s < long_hold_s else min(held_s * stride_share, time_s - period_s - previous_s)
            self._latest_s += max(period_s, stride_s)
            yield Sample(self._latest_s, previous_s, self._pts_s, self._is_keyframe, None, self._is_known_reference)
