"""What pydantic checks by code, said to readers of /openapi.json too (JSON Schema 2020-12)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Schema = dict[str, Any]

_UNSAID = [None, ""]
_SAID = {"not": {"enum": _UNSAID}}


def any_of_fields(*choices: tuple[str, ...]) -> Callable[[Schema], None]:
    """For `json_schema_extra`: one choice at least has to be there, each of its fields with some text."""

    def describe(schema: Schema) -> None:
        schema["anyOf"] = [{"required": list(names), "properties": dict.fromkeys(names, _SAID)} for names in choices]

    return describe


def at_least_one(schema: Schema) -> None:
    """For `json_schema_extra`: one of the fields at least has to be there."""
    schema["anyOf"] = [{"required": [name]} for name in schema["properties"]]


def dependent_fields(field: str, other: str) -> Callable[[Schema], None]:
    """For `json_schema_extra`: where a field has a value, another has one too."""

    def describe(schema: Schema) -> None:
        schema["anyOf"] = [{"properties": {field: {"enum": _UNSAID}}}, {"required": [other], "properties": {other: _SAID}}]

    return describe
