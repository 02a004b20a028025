"""One envelope for everything that goes wrong."""

from __future__ import annotations

import contextlib
import traceback
from typing import Any

import structlog
from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from flask import Response, g, jsonify, request
from gunicorn.http.errors import NoMoreData, ParseException
from werkzeug.exceptions import ClientDisconnected, HTTPException, RequestEntityTooLarge

import errors
from lib.clock import iso, now
from lib.database_errors import DATABASE_ERRORS, lectern_error_of
from lib.disk import is_disk_full
from services.library.chunked_uploads import ChunksMissing
from services.operations import error_log

log = structlog.get_logger(__name__)
_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    415: "unsupported_media_type",
    416: "range_not_satisfiable",
    429: "too_many_requests",
}
_HINTS = {404: "See /docs for the addresses there are.", 416: "Ask for a range inside the file.", 429: "Wait a while, then try again."}

_TEXTS = ("error", "message", "msg", "code", "hint", "request_id")
_ANYTHING = {"description": "Details of this case: a sentence, or for input what is wrong with each field."}
ENVELOPE = {
    "type": "object",
    "required": ["success", *_TEXTS, "detail", "details", "status_code", "timestamp"],
    "properties": {
        "success": {"type": "boolean", "enum": [False]},
        **{name: {"type": "string"} for name in _TEXTS},
        "detail": _ANYTHING,
        "details": _ANYTHING,
        "status_code": {"type": "integer"},
        "timestamp": {"type": "string", "format": "date-time"},
    },
}


_LONG_ADDRESS = {"description": "The address is too long", "content": {"text/html": {}}}  # said by gunicorn, which reads no further
_ANY_TIME = {"400": "The request can't be understood", "429": "Too many requests", "503": "Something that is needed is away for now"}
_WITH_BODY = {"413": "The body is too large", "415": "Not the right type of content"}
_WRITING = {"409": "Something else changed at the same moment"}


def describe_refusals(spec: dict[str, Any]) -> dict[str, Any]:
    """Say in the API's description what any address may answer, whatever its view does, and which bodies can't be left out."""
    body = {"application/json": {"schema": ENVELOPE}}
    for path in spec["paths"].values():
        for method in ("get", "post", "put", "patch", "delete"):
            operation = path.get(method)
            if operation is None:
                continue
            at_times = {**_ANY_TIME, **(_WITH_BODY if "requestBody" in operation else {}), **(_WRITING if method != "get" else {})}
            for status, said in at_times.items():
                operation["responses"].setdefault(status, {"description": said, "content": body})
            operation["responses"]["414"] = _LONG_ADDRESS
            taken = operation.get("requestBody", {}).get("content", {})
            if list(taken) == ["application/json"] or any(_has_needs(kind["schema"], spec) for kind in taken.values()):
                operation["requestBody"]["required"] = True
    return spec


def _has_needs(schema: dict[str, Any], spec: dict[str, Any]) -> bool:
    named = spec["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], schema)
    return bool(named.get("required"))


def envelope(message: str, *, code: str, status: int, detail: Any = "", hint: str = "") -> dict[str, Any]:
    """The body of every error answer. `error`, `message` and `msg` are one sentence, `detail` and `details` one thing: clients differ."""
    return {
        "success": False,
        "error": message,
        "message": message,
        "msg": message,
        "code": code,
        "detail": detail,
        "details": detail,
        "hint": hint,
        "status_code": status,
        "request_id": g.get("request_id", ""),
        "timestamp": iso(now()),
    }


def answer(error: errors.LecternError) -> Response:
    sentence = f"{error.message} {error.detail}".strip()
    body = envelope(sentence, code=error.code, status=error.status, detail=error.detail, hint=error.hint)
    if isinstance(error, ChunksMissing):
        body["missing_chunks"] = error.missing
    response = jsonify(body)
    response.status_code = error.status
    if error.retryable or error.retry_after_s:
        response.headers["Retry-After"] = str(error.retry_after_s or 10)
    return response


def init_errors(app: APIFlask) -> None:
    app.register_error_handler(errors.LecternError, answer)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    for broken_off in (ClientDisconnected, ParseException, NoMoreData):
        app.register_error_handler(broken_off, _cut_short)
    for kind in DATABASE_ERRORS:
        app.register_error_handler(kind, lambda error: answer(lectern_error_of(error)))
    app.register_error_handler(HTTPException, http_error_response)
    app.register_error_handler(Exception, _crash)
    app.error_processor(_validation)


def _validation(error: HTTPError) -> Any:
    """What APIFlask raises for input that does not fit its schema, and for addresses and methods that there are not."""
    if error.status_code != errors.ValidationFailed.status:
        code, hint = _named(error.status_code)
        return envelope(str(error.message), code=code, status=error.status_code, hint=hint), error.status_code, error.headers
    problem = errors.ValidationFailed()
    where = "; ".join(_flatten(error.detail)) or error.message
    body = envelope(
        f"{problem.message} {where}".strip(), code=problem.code, status=error.status_code, detail=error.detail, hint=problem.hint
    )
    return body, error.status_code, error.headers


def _flatten(detail: Any, path: str = "") -> list[str]:
    if isinstance(detail, dict):
        return [line for key, value in detail.items() for line in _flatten(value, f"{path}.{key}".strip("."))]
    if isinstance(detail, list):
        return [f"{path}: {item}" if isinstance(item, str) else str(item) for item in detail]
    return [f"{path}: {detail}"]


def _too_large(_: RequestEntityTooLarge) -> Response:
    """The whole body, of which a recording is by far the largest part; or a form's fields, or too many of them."""
    limit, size = request.max_content_length, request.content_length
    whole = size is None or (limit is not None and size > limit)
    return answer(errors.TooLarge() if "open_sink" in g and whole else errors.BodyTooLarge())


def _cut_short(_: Exception) -> Response:
    """What reading a body raises when its sender hangs up or miscounts: werkzeug's word for it, and gunicorn's."""
    return answer(errors.CutShort())


def _named(status: int) -> tuple[str, str]:
    """The code and the hint of an error that is HTTP's rather than ours."""
    return _CODES.get(status, f"http_{status}"), _HINTS.get(status, errors.BadRequest.hint)


def http_error_response(error: HTTPException) -> Any:
    status = error.code or 500
    code, hint = _named(status)
    body = envelope(error.description or error.name, code=code, status=status, hint=hint)
    response = error.get_response()
    response.data = jsonify(body).data
    response.content_type = "application/json"
    return response


def _crash(error: Exception) -> Response:
    if is_disk_full(error):
        return answer(errors.DiskFull())
    log.exception("request_crashed")
    with contextlib.suppress(Exception):  # the answer goes out whatever becomes of the log
        who = g.caller.user_id if "caller" in g else None
        trace = "".join(traceback.format_exception(error))
        error_log.record_crash(path=f"{request.method} {request.path}", user_id=who, message=type(error).__name__, trace=trace)
    return answer(errors.LecternError())
