"""Credits: requests and responses."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints, model_validator

from lib.clock import iso
from lib.numbers import reject_bool
from models import CreditHold
from schemas.times import UtcTime
from services.credits.overview import CreditOverview
from services.credits.quotes import Quote, QuoteRequest
from services.credits.statements import Statement
from services.operations.credits import BillingStatus
from services.projects.jobs import MAX_SPOKEN_CHARS

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]


class GrantOut(BaseModel):
    source: str = Field(description="plan, bought, welcome or adjustment.")
    amount: int
    left: int
    expires_at: str | None


class MovementOut(BaseModel):
    date: str | None
    type: str
    amount: int
    description: str


class BalanceOut(BaseModel):
    """`balance` and `credits` are the settled credits; those of running jobs are held, and `available` is the rest."""

    success: bool = True
    enabled: bool
    balance: int
    credits: int
    settled: int
    held: int
    available: int
    is_low: bool
    tier: str = Field(description="The caller's plan.")
    subscription_tier: str
    expires_at: str | None = Field(description="When the next of these credits expire.")
    resetDate: str | None = Field(description="The same.")
    grants: list[GrantOut] = Field(description="In the order in which they are spent.")
    history: list[MovementOut] = Field(description="The newest changes of the settled balance.")

    @classmethod
    def of(cls, overview: CreditOverview) -> BalanceOut:
        balance, expires_at = overview.balance, iso(overview.balance.expires_at)
        return cls(
            enabled=overview.is_enabled,
            balance=balance.settled,
            credits=balance.settled,
            settled=balance.settled,
            held=balance.held,
            available=balance.available,
            is_low=overview.is_low,
            tier=overview.plan,
            subscription_tier=overview.plan,
            expires_at=expires_at,
            resetDate=expires_at,
            grants=[
                GrantOut(source=each.source, amount=each.amount, left=each.remaining, expires_at=iso(each.expires_at))
                for each in balance.grants
            ],
            history=[
                MovementOut(date=iso(each.at), type=each.kind, amount=each.amount, description=each.description)
                for each in overview.movements
            ],
        )


class PricesOut(BaseModel):
    enabled: bool
    prices: dict[str, float] = Field(
        description="`KIND`: credits for a minute of media; `KIND.start`: for each job; `KIND.OPTION`: more for a minute with this option."
    )


class QuoteIn(BaseModel):
    """A job: its kind, and the length of its media, from a recording, a script, a text, the script of a project, or in minutes."""

    kind: Annotated[str, Field(min_length=1, max_length=40, description="Such as `lecture_notes`, `lesson` or `video_generation`.")]
    options: dict[str, Any] = Field(default_factory=dict, max_length=60)
    project_id: (
        Annotated[str, Field(max_length=36, description="The project whose script or recording is used; its payer pays.")] | None
    ) = None
    recording_id: Annotated[str, Field(max_length=36)] | None = None
    script_id: Annotated[str, Field(max_length=36)] | None = None
    text: Annotated[str, Field(max_length=MAX_SPOKEN_CHARS, description="What a voice shall say.")] = ""
    minutes: Annotated[float, Field(ge=0, le=100_000), reject_bool] | None = None

    def request(self) -> QuoteRequest:
        media_s = None if self.minutes is None else self.minutes * 60
        return QuoteRequest(self.kind, self.options, self.recording_id, self.script_id, self.project_id, self.text, media_s)


class QuoteOut(BaseModel):
    credits: int
    available: int | None = Field(description="Credits of the caller; null if somebody else pays for the project.")
    suffices: bool = Field(description="Whether who pays has enough credits.")
    minutes: float | None
    expected_duration_s: float | None = Field(description="Without waiting; null if no such job has finished on this server.")

    @classmethod
    def of(cls, quote: Quote) -> QuoteOut:
        return cls(
            credits=quote.credits,
            available=quote.available,
            suffices=quote.suffices,
            minutes=None if quote.media_s is None else round(quote.media_s / 60, 2),
            expected_duration_s=quote.expected_duration_s,
        )


class StatementLineOut(BaseModel):
    at: str | None
    kind: str
    description: str
    amount: int
    balance: int
    title: str = Field(description="The recording that the job read or made; empty if there is none, or not any more.")


class StatementOut(BaseModel):
    month: str
    opening: int
    closing: int
    lines: list[StatementLineOut]

    @classmethod
    def of(cls, statement: Statement) -> StatementOut:
        lines = [StatementLineOut(**{**vars(line), "at": iso(line.at)}) for line in statement.lines]
        return cls(month=statement.month, opening=statement.opening, closing=statement.closing, lines=lines)


class AdjustmentIn(BaseModel):
    amount: Annotated[int, Field(ge=-1_000_000_000, le=1_000_000_000, description="Negative to take credits away."), reject_bool]
    reason: Reason
    expires_at: UtcTime | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> AdjustmentIn:
        if self.amount == 0:
            raise ValueError("amount must not be 0")
        return self


class RefundIn(BaseModel):
    reason: Reason
    amount: Annotated[int, Field(ge=1), reject_bool] | None = Field(None, description="By default all that the job has used.")


class RefundOut(BaseModel):
    refunded: int


class HoldOut(BaseModel):
    id: str
    job_id: str | None
    kind: str
    state: str = Field(description="held, settled or released.")
    amount: int
    settled: int
    refunded: int
    created_at: str | None
    ended_at: str | None

    @classmethod
    def of(cls, hold: CreditHold) -> HoldOut:
        return cls(
            id=hold.id,
            job_id=hold.job_id,
            kind=hold.description,
            state=hold.state,
            amount=hold.amount,
            settled=hold.settled,
            refunded=hold.refunded,
            created_at=iso(hold.created_at),
            ended_at=iso(hold.ended_at),
        )


class UserCreditsOut(BalanceOut):
    holds: list[HoldOut]
    manual_plan: str | None = Field(description="The plan that an admin gave; a larger one that is paid for goes before it.")


class PlanIn(BaseModel):
    plan: Annotated[str, Field(max_length=40)] | None = Field(description="null takes the plan away.")
    until: UtcTime | None = None


class BillingOut(BaseModel):
    totals: dict[str, int] = Field(description="Sums of the ledger; together they are 0.")
    subscriptions: dict[str, int] = Field(description="Subscriptions in effect, by plan.")
    waiting_events: int = Field(description="Events of payments that are not handled yet.")
    last_event_error: str

    @classmethod
    def of(cls, status: BillingStatus) -> BillingOut:
        return cls(**{**vars(status), "totals": vars(status.totals)})
