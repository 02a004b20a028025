"""What no request may carry, whatever address it asks for: signs that no text has, JSON that can't be read, a body cut short."""

from __future__ import annotations

import re
from typing import Any

from flask import Request, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.formparser import FormDataParser
from werkzeug.wsgi import LimitedStream

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


def reject_malformed_urls() -> None:
    """NUL in a path or a query. What is no UTF-8 has been replaced before it gets here."""
    if "\0" in request.path or any("\0" in part for item in request.args.items(multi=True) for part in item):
        raise errors.BadRequest("The address has a NUL in it.")


def _unreadable(said: str, *, cut: bool) -> errors.BadRequest:
    """What is wrong with a form, from werkzeug's word for it (werkzeug.sansio.multipart, `State`). `cut`: less came than was announced."""
    if "parse beyond" in said and (cut or "PREAMBLE" not in said):
        return errors.CutShort("The form ends before its closing boundary.")
    if "oundary" in said or "parse beyond" in said:
        return errors.BadRequest("The form does not begin with the boundary that its Content-Type names.")
    return errors.BadRequest("The form can't be read: each part needs a head with Content-Disposition and a name.")


class StrictRequest(Request):
    """Says what was wrong with a body, in our words and with our codes."""

    def on_json_loading_failed(self, e: ValueError | None) -> Any:
        if e is None:
            raise errors.BadRequest("Send JSON, with `Content-Type: application/json`.")
        raise errors.MalformedJson(str(e)[:200])

    def get_json(self, *args: Any, **kwargs: Any) -> Any:
        """One object: `null` and `[]` are no empty one."""
        read = super().get_json(*args, **kwargs)
        if not isinstance(read, dict):
            raise errors.MalformedJson("It is no object.")
        return read

    def _has_less_than_announced(self) -> bool:
        """Gunicorn ends a body where its sender hung up, and werkzeug leaves it at that."""
        body = self.stream
        return isinstance(body, LimitedStream) and self.content_length is not None and body.tell() < self.content_length

    def make_form_data_parser(self) -> FormDataParser:
        """Werkzeug's own takes a form that it can't read for an empty one."""
        parser = super().make_form_data_parser()
        parser.silent = self.content_length == 0
        return parser

    def _load_form_data(self) -> None:
        try:
            super()._load_form_data()
        except ValueError as error:
            raise _unreadable(str(error), cut=self._has_less_than_announced()) from error
        if None in self.form or None in self.files:  # werkzeug's word for a name that it can't read
            raise _unreadable("", cut=False)
        wrong = next((name for name, value in self.form.items(multi=True) if "\0" in name or "\0" in value), None)
        if wrong is not None:
            raise errors.BadRequest(f"The field {wrong.replace(chr(0), '')[:50]!r} has a NUL in it.")
