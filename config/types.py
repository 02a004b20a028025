"""Value types that several settings share."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import NoDecode

KIB, MIB, GIB = 2**10, 2**20, 2**30
_RATE = r"[1-9]\d*\s*(?:per|/)\s*(?:[1-9]\d*\s*)?(?:second|minute|hour|day|month)s?"


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _split_pairs(value: object) -> object:
    if not isinstance(value, str):
        return value
    pairs = [part.partition("=") for part in value.split(",") if part.strip()]
    return {name.strip(): number.strip() for name, _, number in pairs}


def _validate_rate(value: str) -> str:
    if not re.fullmatch(rf"{_RATE}(\s*;\s*{_RATE})*", value.strip()):
        raise ValueError("must be like `5 per minute` or `100/hour`, several separated by `;`")
    return value.strip()


CommaSeparated = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
"""`a, b, c` in the environment."""

CountByName = Annotated[dict[str, int], NoDecode, BeforeValidator(_split_pairs)]
"""`name=1, other=2` in the environment."""

PriceByName = Annotated[dict[str, Annotated[Decimal, Field(ge=0, le=1_000_000)]], NoDecode, BeforeValidator(_split_pairs)]
"""`name=1.5, other=2` in the environment."""

Rate = Annotated[str, AfterValidator(_validate_rate)]
"""`5 per minute` or `100/hour`; several are separated by `;`."""
