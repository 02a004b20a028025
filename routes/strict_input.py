"""What no request may carry, whatever address it asks for: signs that no text has, JSON that can't be read, a body cut short."""

from __future__ import annotations

import re
from typing import Any

from flask import Request, request
from flask.json.provider import DefaultJSONProvider

import errors

# NUL, which PostgreSQL's text can't hold, and halves of surrogate pairs, which have no UTF-8 (RFC 3629, section 3).
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


class StrictJson(DefaultJSONProvider):
    """Raises ValueError for whatever can't be read or kept, however deep it is."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            read = super().loads(s, **kwargs)
            _check(read)
        except RecursionError:
            raise ValueError("It is nested too deeply.") from None
        return read


def _check(value: Any) -> None:
    if isinstance(value, str) and _NO_TEXT.search(value):
        raise ValueError("It has signs that no text may have (NUL, or half of a surrogate pair).")
    if isinstance(value, dict):
        for each in (*value.keys(), *value.values()):
            _check(each)
    elif isinstance(value, list):
        for each in value:
            _check(each)


def refuse_odd_addresses() -> None:
    """NUL in a path or a query. What is no UTF-8 has been replaced before it gets here."""
    if "\0" in request.path or any("\0" in part for item in request.args.items(multi=True) for part in item):
        raise errors.BadRequest("The address has a NUL in it.")


class StrictRequest(Request):
    """Says what was wrong with a body, in our words and with our codes."""

    def on_json_loading_failed(self, e: ValueError | None) -> Any:
        if e is None:
            raise errors.BadRequest("Send JSON, with `Content-Type: application/json`.")
        raise errors.MalformedJson(str(e)[:200])

    def _load_form_data(self) -> None:
        super()._load_form_data()
        wrong = next((name for name, value in self.form.items(multi=True) if "\0" in name or "\0" in value), None)
        if wrong is not None:
            raise errors.BadRequest(f"The field {wrong.replace(chr(0), '')[:50]!r} has a NUL in it.")
