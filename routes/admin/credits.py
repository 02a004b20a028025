"""Credits and plans of users: adjustments, refunds, and plans without payment."""

from __future__ import annotations

from typing import Any

from routes.caller import admin_required, caller
from routes.container import container, credit_policy, plan_table
from routes.endpoints import Blueprint
from schemas.accounts import MessageOut
from schemas.credits import AdjustmentIn, BalanceOut, BillingOut, HoldOut, PlanIn, RefundIn, RefundOut, UserCreditsOut
from schemas.subscriptions import PlansOut
from services.credits import overview
from services.operations import credits as use_case

credits = Blueprint("admin_credits", __name__, scope="admin", tag="Admin")


@credits.get("/credits")
@admin_required
@credits.output(BillingOut)
def show_billing() -> Any:
    """Show the sums of the ledger, the subscriptions by plan, and events of payments that are not handled yet."""
    return BillingOut.of(use_case.status())


@credits.get("/plans")
@admin_required
@credits.output(PlansOut)
def list_plans() -> Any:
    """List the plans; the setting PLANS defines them."""
    return PlansOut.of(plan_table(), payments=container().payments is not None)


@credits.get("/users/<user_id>/credits")
@admin_required
@credits.output(UserCreditsOut)
@credits.doc(responses={404: "Not found"})
def show_user_credits(user_id: str) -> Any:
    """Show a user's balance, and what jobs hold or have used."""
    return _user_credits_out(user_id)


@credits.post("/users/<user_id>/credits")
@admin_required
@credits.input(AdjustmentIn)
@credits.output(UserCreditsOut)
@credits.doc(responses={404: "Not found", 409: "The user has fewer available credits"})
def adjust_credits(user_id: str, json_data: AdjustmentIn) -> Any:
    """Give credits to a user, or take them away, with a reason."""
    use_case.adjust(caller(), user_id, json_data.amount, json_data.reason, expires_at=json_data.expires_at)
    return _user_credits_out(user_id)


@credits.put("/users/<user_id>/plan")
@admin_required
@credits.input(PlanIn)
@credits.output(MessageOut)
@credits.doc(responses={404: "Unknown user or plan"})
def set_plan(user_id: str, json_data: PlanIn) -> Any:
    """Give a user a plan without payment, or take it away."""
    use_case.set_plan(caller(), user_id, json_data.plan, json_data.until, plan_table())
    return MessageOut(message="Changed.")


@credits.post("/credits/holds/<hold_id>/refund")
@admin_required
@credits.input(RefundIn)
@credits.output(RefundOut)
@credits.doc(responses={404: "Not found", 409: "The credits were not spent"})
def refund_hold(hold_id: str, json_data: RefundIn) -> Any:
    """Give back credits that a job has used, with a reason."""
    return RefundOut(refunded=use_case.refund(caller(), hold_id, json_data.amount, json_data.reason))


def _user_credits_out(user_id: str) -> UserCreditsOut:
    holds = use_case.holds_of(user_id)
    balance = BalanceOut.of(overview.show(user_id, credit_policy()))
    return UserCreditsOut(**balance.model_dump(), holds=[HoldOut.of(each) for each in holds], manual_plan=use_case.manual_plan(user_id))
