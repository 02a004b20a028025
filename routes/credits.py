"""Credits of the caller: balance, prices, quotes and statements."""

from __future__ import annotations

from typing import Any, Literal

from flask import Response
from pydantic import BaseModel

from pipelines.registry import PIPELINES
from routes.caller import caller, login_required
from routes.container import credit_policy
from routes.endpoints import Blueprint
from schemas.credits import BalanceOut, PricesOut, QuoteIn, QuoteOut, StatementOut
from services.credits import overview, quotes, statements

credits = Blueprint("credits", __name__, scope="content", tag="Credits")


class StatementQuery(BaseModel):
    format: Literal["json", "csv"] = "json"


@credits.get("/balance")
@login_required
@credits.output(BalanceOut)
def show_balance() -> Any:
    """Show the caller's credits: settled, held by running jobs, and available; also while credits are off."""
    return BalanceOut.of(overview.show(caller().user_id, credit_policy()))


@credits.get("/prices")
@login_required
@credits.output(PricesOut)
def list_prices() -> Any:
    """List the prices of jobs. Kinds that are not listed are free."""
    policy = credit_policy()
    return PricesOut(enabled=policy.is_enabled, prices={name: float(price) for name, price in policy.prices.prices.items()})


@credits.post("/quote")
@login_required
@credits.input(QuoteIn)
@credits.output(QuoteOut)
@credits.doc(responses={404: "The recording, the script or the project does not exist"})
def quote_job(json_data: QuoteIn) -> Any:
    """Tell what a job will cost at most and how long it will take. Nothing is held until it is submitted."""
    return QuoteOut.of(quotes.quote(caller(), json_data.request(), credit_policy(), PIPELINES))


@credits.get("/statements/<month>")
@login_required
@credits.input(StatementQuery, location="query")
@credits.output(StatementOut)
@credits.doc(responses={422: "Not a month like 2026-11"})
def show_statement(month: str, query_data: StatementQuery) -> Any:
    """Show the changes of the settled balance in a month (`2026-11`, UTC), as JSON or with `format=csv` as CSV."""
    statement = statements.for_user(caller().user_id, month)
    if query_data.format == "json":
        return StatementOut.of(statement)
    response = Response(statements.as_csv(statement), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f"attachment; filename=credits-{statement.month}.csv"
    return response
