"""Pictures that never rest because the whole of them drifts."""

from __future__ import annotations

from services.slides.brief_pictures import BriefPicture, without_motion
from services.slides.motion import MotionSample
from services.slides.parameters import DriftParameters


class DriftingPictureDetector:
    """Finds pictures that drifted from one change of the whole picture to the next, without coming to rest in between."""

    def __init__(self, parameters: DriftParameters) -> None:
        self._parameters = parameters
        self._latest: MotionSample | None = None
        self._since_s: float | None = None  # since the last change of the whole picture; None once the picture came to rest
        self._has_drifted = False
        self._motion_s = 0.0  # the last time at which much of the picture moved

    @property
    def is_drifting(self) -> bool:
        """Whether the picture has drifted since it came, so that its end is awaited."""
        return self._since_s is not None and self._has_drifted

    def observe(self, motion: MotionSample) -> BriefPicture | None:
        """Return the drifting picture that this sample ends, if there is one."""
        previous, time_s = self._latest, motion.sample.time_s
        if previous is None:
            self._since_s = self._motion_s = time_s
        elif time_s - self._motion_s > self._parameters.max_rest_s:
            self._since_s = None
        if motion.sample.image is None:
            return None
        self._latest = motion
        if motion.drifts is None or previous is None:
            return None
        self._motion_s = time_s
        if motion.drifts:
            self._has_drifted = True
            return None
        picture = self._picture(previous)
        self._since_s, self._has_drifted = time_s, False
        return picture

    def finish(self) -> BriefPicture | None:
        """Return the picture that drifts at the end of the recording."""
        return None if self._latest is None else self._picture(self._latest)

    def _picture(self, motion: MotionSample) -> BriefPicture | None:
        if self._since_s is None or not self._has_drifted or motion.sample.time_s - self._since_s < self._parameters.min_duration_s:
            return None
        return BriefPicture(without_motion(motion), self._since_s)
