"""Rules that pydantic checks in code, expressed for /openapi.json too (JSON Schema 2020-12)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lib.text import VISIBLE

Schema = dict[str, Any]

_EMPTY_VALUES = [None, ""]
_NULL = {"type": "null"}
_NOT_NULL = {"type": ["string", "object", "array", "number", "boolean"]}
# Not by `not`: schemathesis 4.32 fails where it is next to a file ("Unsupported type: 'Binary'").
_NOT_EMPTY = {**_NOT_NULL, "minLength": 1}
_VISIBLE = {"type": "string", "pattern": VISIBLE}


def any_of_fields(*groups: tuple[str, ...]) -> Callable[[Schema], None]:
    """For `json_schema_extra`: at least one group of fields is required, each field not empty."""
    return _any_of_groups(groups, _NOT_EMPTY)


def any_of_visible(*groups: tuple[str, ...]) -> Callable[[Schema], None]:
    """The same for texts that are cleaned: each has a character that is shown."""
    return _any_of_groups(groups, _VISIBLE)


def any_not_null(*groups: tuple[str, ...]) -> Callable[[Schema], None]:
    """The same for fields that may be empty, but not null."""
    return _any_of_groups(groups, _NOT_NULL)


def exactly_one(*names: str) -> Callable[[Schema], None]:
    """For `json_schema_extra`: exactly one of these fields is required; the others are null or omitted."""

    def describe(schema: Schema) -> None:
        schema["oneOf"] = [
            {"required": [name], "properties": {each: _NOT_NULL if each == name else _NULL for each in names}} for name in names
        ]

    return describe


def never_both_empty(field: str, other: str) -> Callable[[Schema], None]:
    """For `json_schema_extra`: both fields of text may be null or omitted; if one is empty, the other is not."""

    def describe(schema: Schema) -> None:
        both_null = {"properties": {field: _NULL, other: _NULL}}
        schema["anyOf"] = [both_null, *_groups([(field,), (other,)], _VISIBLE)]

    return describe


def at_least_one(schema: Schema) -> None:
    """For `json_schema_extra`: at least one field is required."""
    schema["anyOf"] = [{"required": [name]} for name in schema["properties"]]


def needs_visible(flag: str, field: str, max_length: int) -> Callable[[Schema], None]:
    """For `json_schema_extra`: if `flag` is true, `field` has a text of at most this length."""

    def describe(schema: Schema) -> None:
        text = {**_VISIBLE, "maxLength": max_length}
        schema["anyOf"] = [{"properties": {flag: {"enum": [False]}}}, {"required": [field], "properties": {field: text}}]

    return describe


def dependent_fields(field: str, other: str) -> Callable[[Schema], None]:
    """For `json_schema_extra`: if `field` has a value, `other` is required."""

    def describe(schema: Schema) -> None:
        schema["anyOf"] = [{"properties": {field: {"enum": _EMPTY_VALUES}}}, {"required": [other], "properties": {other: _NOT_EMPTY}}]

    return describe


def _any_of_groups(groups: Sequence[tuple[str, ...]], value: Schema) -> Callable[[Schema], None]:
    def describe(schema: Schema) -> None:
        schema["anyOf"] = _groups(groups, value)

    return describe


def _groups(groups: Sequence[tuple[str, ...]], value: Schema) -> list[Schema]:
    return [{"required": list(names), "properties": dict.fromkeys(names, value)} for names in groups]
