"""Responses that are bare arrays, as documented clients expect."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel


def list_of(model: type[BaseModel]) -> Any:
    """Return `list[model]` for APIFlask's `output`, whose type hints do not allow it."""
    return list[model]  # type: ignore[valid-type]
