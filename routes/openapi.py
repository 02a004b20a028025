"""Additions to /openapi.json: errors that any endpoint may return, required bodies, and multipart forms."""

from __future__ import annotations

from typing import Any

from schemas.errors import ERROR_SCHEMA
from schemas.uploads import FORMS

_URL_TOO_LONG = {"description": "The URL is too long", "content": {"text/html": {}}}  # gunicorn responds, before Flask sees the request
_ANY_REQUEST = {"400": "The request is malformed", "429": "Too many requests", "503": "A required service is unavailable"}
_WITH_BODY = {"413": "The body is too large", "415": "Unsupported content type"}
_WRITE = {"409": "Conflict with a concurrent change"}
_ERROR_REF = {"$ref": "#/components/schemas/Error"}


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
    resolved = spec["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], schema)
    return bool(resolved.get("required")) or ("anyOf" in resolved and all(each.get("required") for each in resolved["anyOf"]))
