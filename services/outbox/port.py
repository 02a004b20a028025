"""What a way of telling others has to offer to the thread that works through the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class ClaimedDelivery:
    """A delivery that one process has claimed for one attempt."""

    id: str
    attempt: int
    event: str
    user_id: str | None
    webhook_id: str | None
    job_id: str | None
    body: str


@dataclass(frozen=True)
class Outcome:
    """What became of an attempt. `final`: it is not tried again, heard or not."""

    delivered: bool
    final: bool = False
    status_code: int | None = None
    response: str = ""
    error: str = ""


class Channel(Protocol):
    """A way of telling others: its name stands in the deliveries."""

    @property
    def name(self) -> str: ...

    @property
    def first_backoff_s(self) -> float: ...

    def ready(self) -> ColumnElement[bool]:
        """Which of its deliveries may be tried now, as a condition on them."""
        ...

    def attempt(self, due: ClaimedDelivery) -> Outcome:
        """Try once; no transaction is open. Raises nothing that the receiver could cause."""
        ...

    def record(self, writing: Session, due: ClaimedDelivery, outcome: Outcome) -> None:
        """Write what else follows from an outcome, in its transaction."""
        ...
