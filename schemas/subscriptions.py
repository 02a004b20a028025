"""Plans and subscriptions: requests and responses."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from config.groups.plans import Plan
from lib.clock import iso
from lib.numbers import reject_bool
from models import Subscription
from services.subscriptions.checkout import StartedCheckout
from services.subscriptions.plans import PlanTable


class PlanOut(BaseModel):
    name: str
    title: str
    monthly_credits: int
    quota_bytes: int | None = Field(description="null: as of the server.")
    quota_jobs: int | None
    quota_uploads: int | None
    priority: int
    watermark: str = Field(description="A text over the videos of lessons and over PDFs; empty: none.")
    retention_days: int | None
    price_ids: list[str]
    can_be_bought: bool

    @classmethod
    def of(cls, plan: Plan) -> PlanOut:
        values: dict[str, Any] = plan.model_dump(exclude={"price_ids", "title"})
        return cls(**values, title=plan.title or plan.name, price_ids=list(plan.price_ids), can_be_bought=bool(plan.price_ids))


class PackOut(BaseModel):
    price_id: str
    credits: int


class PlansOut(BaseModel):
    payments: bool = Field(description="Whether plans and credits can be bought on this server.")
    plans: list[PlanOut]
    packs: list[PackOut] = Field(description="Credits that are bought once.")

    @classmethod
    def of(cls, plans: PlanTable, *, payments: bool) -> PlansOut:
        packs = [PackOut(price_id=price, credits=credits) for price, credits in plans.packs.items()]
        return cls(payments=payments, plans=[PlanOut.of(plan) for plan in plans.plans], packs=packs)


class SubscriptionOut(BaseModel):
    """The plan that the caller has now, and the subscription that it comes from, if there is one."""

    success: bool = True
    plan: str
    tier: str
    status: str = Field(description="`free` without a subscription, `manual` for a plan that an admin gave, else Stripe's word.")
    in_effect: bool = Field(description="Whether the subscription gives its plan at the moment.")
    next_plan: str = Field(description="The plan from the end of the period; empty if it stays.")
    current_period_start: str | None
    current_period_end: str | None
    cancel_at_period_end: bool
    expires_at: str | None = Field(description="When the plan ends without another payment.")
    limits: PlanOut

    @classmethod
    def of(cls, current: Subscription | None, newest: Subscription | None, plans: PlanTable) -> SubscriptionOut:
        name = current.plan if current else plans.default.name
        plan = next((each for each in plans.plans if each.name == name), plans.default)
        return cls(
            plan=name,
            tier=name,
            status=newest.status if newest else "free",
            in_effect=current is not None,
            next_plan=current.next_plan if current else "",
            current_period_start=iso(newest.period_start) if newest else None,
            current_period_end=iso(newest.period_end) if newest else None,
            cancel_at_period_end=newest.cancels_at_period_end if newest else False,
            expires_at=iso(current.entitled_until) if current else None,
            limits=PlanOut.of(plan),
        )


class CheckoutIn(BaseModel):
    """A plan, or the price of a plan or of a pack of credits."""

    plan: Annotated[str, Field(max_length=40)] = ""
    price_id: Annotated[str, Field(max_length=255)] = ""
    quantity: Annotated[int, Field(ge=1, le=1000, description="Number of packs of credits."), reject_bool] = 1


class ChangePlanIn(BaseModel):
    plan: Annotated[str, Field(min_length=1, max_length=40)]
    price_id: Annotated[str, Field(max_length=255)] = ""


class CheckoutOut(BaseModel):
    """The page of the payment provider, under the names that documented clients read."""

    success: bool = True
    session_id: str
    url: str
    checkout_url: str
    stripeSessionId: str
    redirectUrl: str

    @classmethod
    def of(cls, checkout: StartedCheckout) -> CheckoutOut:
        return cls(
            session_id=checkout.id, url=checkout.url, checkout_url=checkout.url, stripeSessionId=checkout.id, redirectUrl=checkout.url
        )


class PortalOut(BaseModel):
    success: bool = True
    url: str


class ReceivedOut(BaseModel):
    received: bool = True
