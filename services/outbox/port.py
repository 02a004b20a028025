"""The port of delivery channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class DeliveryAttempt:
    """One attempt at a delivery; `attempt` is its number, from 1."""

    id: str
    attempt: int
    event: str
    user_id: str | None
    webhook_id: str | None
    job_id: str | None
    body: str


@dataclass(frozen=True)
class Outcome:
    """The outcome of an attempt. `is_final`: there is no further attempt."""

    is_delivered: bool
    is_final: bool = False
    status_code: int | None = None
    response: str = ""
    error: str = ""


class Channel(Protocol):
    """A delivery channel; `name` is stored in its deliveries.

    It has threads of its own: `workers` in each process, and at most `workers_per_user` for one user.
    """

    @property
    def workers(self) -> int: ...

    @property
    def workers_per_user(self) -> int: ...

    @property
    def name(self) -> str: ...

    @property
    def first_backoff_s(self) -> float: ...

    def ready(self) -> ColumnElement[bool]:
        """Return the condition for deliveries that may be attempted now."""
        ...

    def attempt(self, delivery: DeliveryAttempt) -> Outcome:
        """Attempt a delivery; no transaction is open. Must not raise errors that the receiver can cause."""
        ...

    def record(self, session: Session, delivery: DeliveryAttempt, outcome: Outcome) -> None:
        """Save the consequences of an outcome, in its transaction."""
        ...
