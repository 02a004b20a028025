"""Additions to /openapi.json: errors that any endpoint may return, required bodies, and multipart forms."""

from __future__ import annotations

import functools
import gzip
import hashlib
import json
from collections.abc import Callable
from typing import Any

from apiflask import APIFlask
from flask import Response, request

from schemas.errors import ERROR_SCHEMA
from schemas.uploads import FORMS

_URL_TOO_LONG = {"description": "The URL is too long", "content": {"text/html": {}}}  # gunicorn responds, before Flask sees the request
_ANY_REQUEST = {"400": "The request is malformed", "429": "Too many requests", "503": "A required service is unavailable"}
_WITH_BODY = {"413": "The body is too large", "415": "Unsupported content type"}
_WRITE = {"409": "Conflict with a concurrent change"}
_ERROR_REF = {"$ref": "#/components/schemas/Error"}


def document_view(app: APIFlask, prefix: str) -> Callable[[], Response]:
    """Return the view of the document, which is made once: it has 1 MB. It names this server by its path, never by a request's Host."""
    app.config.update(AUTO_SERVERS=False, SERVERS=[{"url": prefix or "/"}])

    @functools.cache
    def document() -> tuple[bytes, bytes, str]:
        plain = json.dumps(app._get_spec("json"), ensure_ascii=False).encode()
        return plain, gzip.compress(plain, compresslevel=6, mtime=0), hashlib.sha256(plain).hexdigest()[:32]

    def show_document() -> Response:
        plain, gzip_body, etag = document()
        is_compressed = request.accept_encodings.quality("gzip") > 0
        response = Response(gzip_body if is_compressed else plain, mimetype="application/json")
        if is_compressed:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"], response.headers["Cache-Control"] = "Accept-Encoding", "no-cache"
        response.set_etag(etag, weak=True)
        response.make_conditional(request)
        return response

    return show_document


def complete_spec(spec: dict[str, Any]) -> dict[str, Any]:
    """Add the parts that views do not declare to every operation, and name the schema of errors instead of repeating it."""
    spec["components"]["schemas"]["Error"] = ERROR_SCHEMA
    for path in spec["paths"].values():
        for method in ("get", "post", "put", "patch", "delete"):
            if method in path:
                _add_form(path[method])
                _add_errors(path[method], method)
                _require_body(path[method], spec)
    return spec


def _add_form(operation: dict[str, Any]) -> None:
    """Describe the multipart form that the operation names by `x-form`."""
    form = FORMS.get(operation.pop("x-form", ""))
    if form is not None:
        operation["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": form.model_json_schema()}}}


def _add_errors(operation: dict[str, Any], method: str) -> None:
    statuses = {**_ANY_REQUEST, **(_WITH_BODY if "requestBody" in operation else {}), **(_WRITE if method != "get" else {})}
    for status, description in statuses.items():
        operation["responses"].setdefault(status, {"description": description, "content": {"application/json": {"schema": ERROR_SCHEMA}}})
    for response in operation["responses"].values():
        for media in response.get("content", {}).values():
            if media.get("schema") == ERROR_SCHEMA:
                media["schema"] = _ERROR_REF
    operation["responses"]["414"] = _URL_TOO_LONG


def _require_body(operation: dict[str, Any], spec: dict[str, Any]) -> None:
    content = operation.get("requestBody", {}).get("content", {})
    if any(_has_required_fields(media["schema"], spec) for media in content.values()):
        operation["requestBody"]["required"] = True


def _has_required_fields(schema: dict[str, Any], spec: dict[str, Any]) -> bool:
    """Whether the schema rejects an empty object, which an empty body stands for."""
    target = spec["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], schema)
    choices = target.get("anyOf") or target.get("oneOf")
    return bool(target.get("required")) or (choices is not None and all(each.get("required") for each in choices))
