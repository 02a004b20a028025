"""Quotes: what a job will cost at most, and how long it will take, before it is submitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from database import session
from services.accounts import Caller
from services.credits import overview
from services.credits.policy import CreditPolicy
from services.jobs.scheduling import duration_model
from services.lessons.duration import estimate_scenes
from services.library import recordings
from services.scripts import reading


@dataclass(frozen=True)
class QuoteRequest:
    """A job that may be submitted. The length of the media is that of a recording, that of a script, or `media_s`."""

    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)
    recording_id: str | None = None
    script_id: str | None = None
    media_s: float = 0.0


@dataclass(frozen=True)
class Quote:
    """`credits` are held when the job is submitted; it costs less if it uses less. `expected_duration_s`: None if unknown."""

    credits: int
    available: int
    media_s: float
    expected_duration_s: float | None

    @property
    def suffices(self) -> bool:
        return self.credits <= self.available


def quote(caller: Caller, request: QuoteRequest, policy: CreditPolicy) -> Quote:
    """Return the price of a job for the caller, and the expected duration of its run without waiting. Raises NotFound."""
    media_s = _media_s(caller, request)
    price = policy.price_table().price(request.kind, request.options, media_s)
    available = overview.show(caller.user_id, policy).balance.available
    return Quote(price, available, media_s, duration_model.expected_s(session(), request.kind, media_s))


def _media_s(caller: Caller, request: QuoteRequest) -> float:
    if request.recording_id is not None:
        return recordings.get_owned(caller, request.recording_id).duration_s
    if request.script_id is not None:
        _, script = reading.get_written(caller, request.script_id)
        return sum(each.duration_s for each in estimate_scenes(script))
    return request.media_s
