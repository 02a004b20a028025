"""Rules that pydantic checks in code, expressed for /openapi.json too (JSON Schema 2020-12)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Schema = dict[str, Any]

_EMPTY_VALUES = [None, ""]
_NOT_EMPTY = {"not": {"enum": _EMPTY_VALUES}}


def any_of_fields(*groups: tuple[str, ...]) -> Callable[[Schema], None]:
    """For `json_schema_extra`: at least one group of fields is required, each field not empty."""

    def describe(schema: Schema) -> None:
        schema["anyOf"] = [{"required": list(names), "properties": dict.fromkeys(names, _NOT_EMPTY)} for names in groups]

    return describe


def at_least_one(schema: Schema) -> None:
    """For `json_schema_extra`: at least one field is required."""
    schema["anyOf"] = [{"required": [name]} for name in schema["properties"]]


def dependent_fields(field: str, other: str) -> Callable[[Schema], None]:
    """For `json_schema_extra`: if `field` has a value, `other` is required."""

    def describe(schema: Schema) -> None:
        schema["anyOf"] = [{"properties": {field: {"enum": _EMPTY_VALUES}}}, {"required": [other], "properties": {other: _NOT_EMPTY}}]

    return describe
