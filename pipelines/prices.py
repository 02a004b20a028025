"""Checks of CREDIT_PRICES against the kinds of jobs and their options."""

from __future__ import annotations

from collections.abc import Iterable

from pipelines.registry import PIPELINES
from services.credits.pricing import START


def unknown_prices(names: Iterable[str]) -> list[str]:
    """Return a sentence for each price that no job has, because its kind or its option does not exist."""
    return [message for name in sorted(names) if (message := _problem(*name.partition(".")[::2]))]


def _problem(kind: str, option: str) -> str:
    pipeline = PIPELINES.get(kind)
    if pipeline is None:
        return f"CREDIT_PRICES: there are no jobs of the kind {kind!r}; choose one of {', '.join(sorted(PIPELINES))}."
    if option and option != START and option not in pipeline.options_model.model_fields:
        options = ", ".join(sorted({START, *pipeline.options_model.model_fields}))
        return f"CREDIT_PRICES: jobs of the kind {kind!r} have no option {option!r}; choose one of {options}."
    return ""
