"""Reject NUL, lone surrogates, malformed JSON and truncated bodies in every request."""

from __future__ import annotations

import math
import re
from typing import IO, Any
from urllib.parse import SplitResult, urlsplit

from flask import Request, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.formparser import FormDataParser
from werkzeug.utils import cached_property
from werkzeug.wsgi import LimitedStream

import errors
from lib.waiting import before_waiting

_HOST = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=%:\[\]-]*")  # RFC 3986, section 3.2.2, and the port
_PREFIX = re.compile(r"(/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)*")
# PostgreSQL's text can't hold NUL; half of a surrogate pair has no UTF-8 encoding (RFC 3629, section 3).
_INVALID_CHARACTERS = re.compile("[\0\ud800-\udfff]")
_MAX_DEPTH = 50  # what is stored must be readable for every client and database


class StrictJson(DefaultJSONProvider):
    """JSON provider that raises ValueError for values that can't be parsed or stored, at any depth."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            value = super().loads(s, **kwargs)
            _check(value)
        except RecursionError:
            raise ValueError("It is nested too deeply.") from None
        return value


def _check(value: Any, depth: int = 0) -> None:
    if depth > _MAX_DEPTH:
        raise ValueError("It is nested too deeply.")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("It contains NaN, an infinity, or a number that is too large.")
    if isinstance(value, str) and _INVALID_CHARACTERS.search(value):
        raise ValueError("It contains NUL or half of a surrogate pair.")
    if isinstance(value, dict):
        for each in (*value.keys(), *value.values()):
            _check(each, depth + 1)
    elif isinstance(value, list):
        for each in value:
            _check(each, depth + 1)


def reject_malformed_headers() -> None:
    """Reject an Origin or Host that can't be parsed."""
    authority_of(request.headers.get("Origin", ""))
    host = request.headers.get("Host", "")
    if "/" in host or "@" in host or not _HOST.fullmatch(host):
        raise errors.BadRequest("The header Host is malformed.")
    _split(f"//{host}", "Host")
    if request.scheme not in ("http", "https"):
        raise errors.BadRequest("The header X-Forwarded-Proto is malformed.")
    if not _PREFIX.fullmatch(request.script_root):
        raise errors.BadRequest("The header X-Forwarded-Prefix is malformed.")


def authority_of(origin: str) -> str:
    """Return host and port of an Origin header; "" for `null`. Raises BadRequest."""
    if not origin.isascii():  # RFC 6454, section 7.1
        raise errors.BadRequest("The header Origin is malformed.")
    return _split(origin, "Origin").netloc


def _split(url: str, header: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port, parts.hostname  # they are parsed on access
    except ValueError:
        raise errors.BadRequest(f"The header {header} is malformed.") from None
    return parts


def reject_malformed_urls() -> None:
    """Reject NUL in path and query. Werkzeug has replaced bytes that are not UTF-8 already."""
    if "\0" in request.path or any("\0" in part for item in request.args.items(multi=True) for part in item):
        raise errors.BadRequest("The URL contains NUL.")


def _form_error(message: str, *, is_truncated: bool) -> errors.BadRequest:
    """Return the error for a malformed form, from werkzeug's message (werkzeug.sansio.multipart, `State`).

    `is_truncated`: fewer bytes arrived than Content-Length announced.
    """
    if "parse beyond" in message and (is_truncated or "PREAMBLE" not in message):
        return errors.TruncatedBody("The form ends before its closing boundary.")
    if "oundary" in message or "parse beyond" in message:
        return errors.BadRequest("The form does not begin with the boundary that its Content-Type names.")
    return errors.BadRequest("The form is malformed: each part needs a Content-Disposition header with a name.")


class StrictRequest(Request):
    """A request that reports malformed bodies with Lectern's messages and codes."""

    @cached_property
    def stream(self) -> IO[bytes]:
        """The body. It may arrive slowly, so this thread holds no database connection meanwhile."""
        before_waiting()
        return super().stream

    def on_json_loading_failed(self, e: ValueError | None) -> Any:
        if e is None:
            raise errors.BadRequest("Send JSON, with `Content-Type: application/json`.")
        raise errors.MalformedJson(str(e)[:200])

    def get_json(self, *args: Any, **kwargs: Any) -> Any:
        """Return the JSON object. An empty body is an empty object; `null` and `[]` are errors."""
        if not self.get_data() and not self._is_truncated():  # clients that send nothing often announce JSON all the same
            return {}
        value = super().get_json(*args, **kwargs)
        if not isinstance(value, dict):
            raise errors.MalformedJson("It is not an object.")
        return value

    def _is_truncated(self) -> bool:
        """Whether the client disconnected within the body; gunicorn and werkzeug don't report it."""
        body = self.stream
        return isinstance(body, LimitedStream) and self.content_length is not None and body.tell() < self.content_length

    def make_form_data_parser(self) -> FormDataParser:
        """Return a parser that reports a malformed form; werkzeug's default treats it as empty."""
        parser = super().make_form_data_parser()
        parser.silent = self.content_length == 0
        return parser

    def _load_form_data(self) -> None:
        try:
            super()._load_form_data()
        except ValueError as error:
            raise _form_error(str(error), is_truncated=self._is_truncated()) from error
        if None in self.form or None in self.files:  # werkzeug's key for a name that it can't parse
            raise _form_error("", is_truncated=False)
        invalid = next((name for name, value in self.form.items(multi=True) if "\0" in name or "\0" in value), None)
        if invalid is not None:
            raise errors.BadRequest(f"The field {invalid.replace(chr(0), '')[:50]!r} contains NUL.")
