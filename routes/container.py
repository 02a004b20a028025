"""The container of services that bootstrap built for this app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app

from services.credits.policy import CreditPolicy
from services.subscriptions.checkout import Billing
from services.subscriptions.plans import PlanTable

if TYPE_CHECKING:
    from bootstrap import Container


def container() -> Container:
    of_app: Container = current_app.extensions["lectern"]
    return of_app


def addresses_are_confirmed() -> bool:
    """Whether users verify their e-mail addresses on this server."""
    settings = container().settings
    return bool(settings.smtp_host) and settings.email_verification != "off"


def credit_policy() -> CreditPolicy:
    """Return the settings that credits depend on."""
    return CreditPolicy.from_settings(container().settings)


def plan_table() -> PlanTable:
    """Return the plans of this server."""
    return PlanTable.from_settings(container().settings)


def billing() -> Billing:
    """Return what buys plans and credits."""
    return Billing(container().payments, plan_table())
