"""Text fields of requests that are cleaned, described in JSON schemas as they are checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import AfterValidator, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

from lib.text import NOT_BLANK, VISIBLE, clean_lines, clean_text


@dataclass(frozen=True)
class RequiredText:
    """Annotation of a text that is cleaned and must not be empty then.

    Place it after the bounds, which apply to the text as it was sent.
    """

    clean: Callable[[str], str]
    pattern: str = VISIBLE

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._clean, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "pattern": self.pattern}

    def _clean(self, value: str) -> str:
        text = self.clean(value)
        if not text:
            raise PydanticKnownError("string_too_short", {"min_length": 1})
        return text


required_line = RequiredText(clean_text)
required_lines = RequiredText(clean_lines)
required_stripped = RequiredText(str.strip, NOT_BLANK)
optional_line = AfterValidator(clean_text)
optional_stripped = AfterValidator(str.strip)
