"""The documentation of a parameter."""

from __future__ import annotations

from dataclasses import field
from typing import Any


def parameter(default: float | tuple[float, float], unit: str, meaning: str, case: str = "not traced") -> Any:
    """Return a dataclass field with its documentation. `case`: the recording or test that fixed the value."""
    return field(default=default, metadata={"unit": unit, "meaning": meaning, "case": case})
