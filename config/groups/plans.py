"""Settings of plans, and of payments with Stripe."""

from __future__ import annotations

import json
from typing import Annotated, Self

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import NoDecode

from config.types import GIB, CountByName


class Plan(BaseModel):
    """Limits and credits. None means the server's setting; the first plan of the list is that of users without a subscription."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9_-]{1,40}$")
    title: str = Field("", max_length=80)
    monthly_credits: int = Field(0, ge=0, le=1_000_000_000)
    price_ids: tuple[str, ...] = Field((), description="Prices of Stripe, monthly or yearly, that buy this plan.")
    quota_bytes: int | None = Field(None, ge=0)
    quota_jobs: int | None = Field(None, ge=0)
    quota_uploads: int | None = Field(None, ge=0)
    priority: int = Field(0, ge=0, le=100, description="Jobs of a plan with a higher priority start first.")
    watermark: str = Field("", max_length=60, description="A text over the videos and PDFs that are made for users of this plan.")
    retention_days: int | None = Field(None, ge=1, description="Recordings are moved to the trash after so many days.")


def _parse(value: object) -> object:
    return json.loads(value) if isinstance(value, str) else value


Plans = Annotated[tuple[Plan, ...], NoDecode, BeforeValidator(_parse), Field(min_length=1)]
"""A JSON array of plans in the environment, the smallest first."""

_PLANS = (
    Plan(name="free", title="Free", monthly_credits=60),
    Plan(name="pro", title="Pro", monthly_credits=600, quota_bytes=200 * GIB, priority=1),
    Plan(name="enterprise", title="Enterprise", monthly_credits=6000, quota_bytes=2000 * GIB, priority=2),
)


class PlanSettings(BaseModel):
    """Plans and payments"""

    plans: Plans = Field(_PLANS, description="Plans as a JSON array, the smallest first; see docs/credits.md.")
    stripe_secret_key: SecretStr = Field(SecretStr(""), description="Secret key of Stripe. Empty: no payments.")
    stripe_webhook_secret: SecretStr = Field(SecretStr(""), description="Signing secret of the webhook `/api/v1/subscriptions/webhook`.")
    stripe_api_url: str = Field("https://api.stripe.com", pattern=r"^https?://\S+$", description="URL of Stripe's API.")
    stripe_price_pro: str = Field(
        "", validation_alias=AliasChoices("stripe_price_pro", "STRIPE_PRICE_ID_PRO"), description="A price of the plan `pro`."
    )
    stripe_price_enterprise: str = Field(
        "",
        validation_alias=AliasChoices("stripe_price_enterprise", "STRIPE_PRICE_ID_ENTERPRISE"),
        description="A price of the plan `enterprise`.",
    )
    credit_packs: CountByName = Field({}, description="Prices of Stripe that buy credits once, as `price=credits`, comma-separated.")
    billing_grace_days: int = Field(7, ge=0, le=60, description="Days for which a plan stays after a payment has failed.")

    @property
    def all_plans(self) -> tuple[Plan, ...]:
        """The plans with the prices of the other settings."""
        prices = {"pro": self.stripe_price_pro, "enterprise": self.stripe_price_enterprise}
        price_ids = {plan.name: (prices[plan.name],) if prices.get(plan.name) else () for plan in self.plans}
        return tuple(plan.model_copy(update={"price_ids": plan.price_ids + price_ids[plan.name]}) for plan in self.plans)

    @model_validator(mode="after")
    def _require_webhook_secret(self) -> Self:
        if self.stripe_secret_key.get_secret_value() and not self.stripe_webhook_secret.get_secret_value():
            raise ValueError("STRIPE_SECRET_KEY requires STRIPE_WEBHOOK_SECRET: events without a checked signature must be refused")
        if len({plan.name for plan in self.plans}) < len(self.plans):
            raise ValueError("PLANS: two plans have the same name")
        prices = [price for plan in self.all_plans for price in plan.price_ids] + list(self.credit_packs)
        if twice := sorted({price for price in prices if prices.count(price) > 1}):
            raise ValueError(f"PLANS, STRIPE_PRICE_* and CREDIT_PACKS: {', '.join(twice)} would buy two different things")
        if empty := [price for price, credits in self.credit_packs.items() if not credits]:
            raise ValueError(f"CREDIT_PACKS: {', '.join(empty)} would buy no credits")
        first = self.plans[0]
        if first.priority or any(each is not None for each in (first.quota_bytes, first.quota_jobs, first.quota_uploads)):
            raise ValueError("PLANS: the first plan has the server's limits, such as USER_QUOTA_BYTES, and no priority; leave them out")
        return self
