"""The background parts of credits: charges of jobs, and the end of holds and grants that have expired."""

from __future__ import annotations

from services.credits.job_charges import JobCharges
from services.credits.policy import CreditPolicy
from services.feature import Context, Feature


def _charges(context: Context) -> JobCharges:
    return JobCharges(lambda: CreditPolicy.from_settings(context.known_settings()))


FEATURE = Feature("credits", hooks=lambda context: _charges(context).hooks(), cleanup=lambda context: [_charges(context).sweep])
