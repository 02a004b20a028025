"""Answers that are arrays without an envelope, as some documented clients read them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel


def list_of(model: type[BaseModel]) -> Any:
    """What `output` takes for an array of these; its annotations do not know that it does."""
    return list[model]  # type: ignore[valid-type]
