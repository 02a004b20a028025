"""Responses that are bare arrays, as documented clients expect."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel


def list_of(model: type[BaseModel]) -> Any:
    """Return the argument of `output` for an array of a model; APIFlask accepts it, its annotations don't."""
    return list[model]  # type: ignore[valid-type]
