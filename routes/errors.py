"""Error handlers: every error response has one JSON body."""

from __future__ import annotations

import contextlib
import traceback
from typing import Any

import structlog
from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from flask import Response, current_app, g, jsonify, request
from gunicorn.http.errors import NoMoreData, ParseException
from werkzeug.exceptions import ClientDisconnected, HTTPException, RequestEntityTooLarge

import errors
from lib.clock import iso, now
from lib.database_errors import DATABASE_ERRORS, lectern_error_of
from lib.disk import is_disk_full
from lib.slow_clients import ClientTooSlow
from lib.validation_messages import readable
from routes.endpoints import invalid_status_of
from services.library.chunked_uploads import ChunksMissing
from services.operations import error_log
from services.scripts.errors import ScriptChanged
from services.slide_edits.errors import SlidesChanged
from services.transcripts.errors import RevisionConflict

log = structlog.get_logger(__name__)
_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    415: "unsupported_media_type",
    416: "range_not_satisfiable",
    429: "too_many_requests",
}
_HINTS = {404: "See /docs for all endpoints.", 416: "Request a range inside the file.", 429: "Wait a while, then try again."}
_DEFAULT_RETRY_AFTER_S = 10
_LOCATIONS = ("json", "query", "form", "files", "form_and_files", "json_or_form", "headers", "cookies")  # of APIFlask's inputs
_WHOLE_BODY = "_schema"
_OPENAI_PATH = "/v1/"


def error_body(message: str, *, code: str, status: int, detail: Any = "", hint: str = "") -> dict[str, Any]:
    """Return the body of an error response.

    `error`, `message` and `msg` are the same sentence, `detail` and `details` the same value: documented clients read different names.
    OpenAI's clients read `error.message`, those of Manimate and of AI Film Studio the sentence in `detail`.
    """
    detail = detail or message
    return {
        "success": False,
        "error": {"message": message, "type": code, "param": None, "code": code} if request.path.startswith(_OPENAI_PATH) else message,
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


def error_response(error: errors.LecternError) -> Response:
    sentence = f"{error.message} {error.detail}".strip()
    body = error_body(sentence, code=error.code, status=error.status, detail=error.detail, hint=error.hint)
    if isinstance(error, ChunksMissing):
        body["missing_chunks"] = error.missing
    if isinstance(error, SlidesChanged):
        body["revision"] = error.revision
    if isinstance(error, RevisionConflict):
        body["revision"], body["changed_segments"] = error.revision, error.changed_segments
    if isinstance(error, ScriptChanged):
        body["version"] = error.version
    response = jsonify(body)
    response.status_code = error.status
    if error.retryable or error.retry_after_s:
        response.headers["Retry-After"] = str(error.retry_after_s or _DEFAULT_RETRY_AFTER_S)
    return response


def init_errors(app: APIFlask) -> None:
    app.register_error_handler(errors.LecternError, error_response)
    app.register_error_handler(RequestEntityTooLarge, _handle_too_large)
    for kind in (ClientDisconnected, ParseException, NoMoreData):
        app.register_error_handler(kind, _handle_truncated_body)
    for kind in DATABASE_ERRORS:
        app.register_error_handler(kind, lambda error: error_response(lectern_error_of(error)))
    app.register_error_handler(HTTPException, http_error_response)
    app.register_error_handler(Exception, _handle_crash)
    app.error_processor(_handle_apiflask_error)


def _handle_apiflask_error(error: HTTPError) -> Any:
    """Respond to input that does not match its schema, and to unknown URLs and methods."""
    if error.status_code != errors.ValidationFailed.status:
        code, hint = _code_and_hint(error.status_code)
        return error_body(str(error.message), code=code, status=error.status_code, hint=hint), error.status_code, error.headers
    invalid = errors.ValidationFailed()
    fields = "; ".join(_flatten(error.detail)) or error.message
    status = invalid_status_of(current_app.view_functions.get(request.endpoint or ""))
    body = error_body(f"{invalid.message} {fields}".strip(), code=invalid.code, status=status, detail=error.detail, hint=invalid.hint)
    return body, status, error.headers


def _flatten(detail: Any, path: str = "") -> list[str]:
    """Return one `field: problem` per problem. Where the fields were sent, and the whole body, are not named."""
    if isinstance(detail, dict):
        return [line for key, value in detail.items() for line in _flatten(value, _join_path(path, str(key)))]
    problems = detail if isinstance(detail, list) else [detail]
    prefix = f"{path}: " if path else ""
    return [f"{prefix}{readable(each)}" if isinstance(each, str) else str(each) for each in problems]


def _join_path(path: str, key: str) -> str:
    return path if key == _WHOLE_BODY or (not path and key in _LOCATIONS) else f"{path}.{key}".strip(".")


def _handle_too_large(_: RequestEntityTooLarge) -> Response:
    """Distinguish a recording that is too large from a form whose other fields are too large or too many."""
    limit, size = request.max_content_length, request.content_length
    is_whole_body = size is None or (limit is not None and size > limit)
    return error_response(errors.TooLarge() if "open_sink" in g and is_whole_body else errors.BodyTooLarge())


def _handle_truncated_body(error: Exception) -> Response:
    """Respond to what werkzeug and gunicorn raise when the client disconnects or sends less than it announced."""
    is_slow = isinstance(error, ClientTooSlow) or isinstance(error.__context__, ClientTooSlow)  # werkzeug raises another in its place
    return error_response(errors.BodyTooSlow() if is_slow else errors.TruncatedBody())


def _code_and_hint(status: int) -> tuple[str, str]:
    return _CODES.get(status, f"http_{status}"), _HINTS.get(status, errors.BadRequest.hint)


def http_error_response(error: HTTPException) -> Any:
    status = error.code or 500
    code, hint = _code_and_hint(status)
    response = error.get_response()
    response.data = jsonify(error_body(error.description or error.name, code=code, status=status, hint=hint)).data
    response.content_type = "application/json"
    return response


def _handle_crash(error: Exception) -> Response:
    if is_disk_full(error):
        return error_response(errors.DiskFull())
    log.exception("request_crashed")
    with contextlib.suppress(Exception):  # respond even if the error log can't be written
        user_id = g.caller.user_id if "caller" in g else None
        trace = "".join(traceback.format_exception(error))
        error_log.record_crash(path=f"{request.method} {request.path}", user_id=user_id, message=type(error).__name__, trace=trace)
    return error_response(errors.LecternError())
