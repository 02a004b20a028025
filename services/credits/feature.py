"""The background parts of credits: charges of jobs, and the end of holds and grants that have expired."""

from __future__ import annotations

from services.credits.job_charges import JobCharges
from services.feature import Feature

FEATURE = Feature(
    "credits",
    hooks=lambda context: JobCharges(context.known_settings).hooks(),
    cleanup=lambda context: [JobCharges(context.known_settings).sweep],
)
