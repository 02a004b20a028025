"""Addresses that open without a header, and sending the files behind them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Response, current_app, request, send_file, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.datastructures import ContentRange
from werkzeug.exceptions import RequestedRangeNotSatisfiable

import errors
from routes.caller import caller
from routes.container import container
from services import accounts
from services.jobs.job_kind import JobInput

if TYPE_CHECKING:
    from models import Artifact, Recording

_INLINE = ("application/pdf", "text/plain", "text/html", "text/vtt", "application/json", "video/", "audio/", "image/")


def base_url() -> str:
    """This server's address as its users see it."""
    return container().settings.public_url.rstrip("/") or request.url_root.rstrip("/")


def link_to(endpoint: str, **values: Any) -> str:
    """The address of one of our views as its users see it. What stands before the path (SCRIPT_NAME) is in the base already."""
    return base_url() + url_for(endpoint, **values).removeprefix(request.script_root)


def artifact_url(made: Artifact) -> str:
    """The store's own signed URL where it has one, else one of ours."""
    life = dt.timedelta(seconds=container().settings.signed_url_s)
    direct = container().store.signed_url(made.storage_key, made.filename, made.content_type, life)
    token = _serializer().dumps([made.id, caller().user_id])
    return direct or link_to("downloads.signed_file", token=token, filename=made.filename)


def artifact_id_from(token: str) -> str:
    """Raises NotFound for a token that is forged or has run out, or whose owner is out."""
    try:
        artifact_id, user_id = _serializer().loads(token, max_age=container().settings.signed_url_s)
    except (BadSignature, ValueError):
        artifact_id, user_id = "", ""
    if not user_id or not accounts.is_active(user_id):
        raise errors.NotFound("This link has run out.", hint="Ask /download/{id} for a new one.")
    return str(artifact_id)


def send_artifact(made: Artifact, *, attachment: bool) -> Response:
    return _send(made.storage_key, made.filename, made.content_type, made.size_bytes, attachment=attachment)


def send_recording(recording: Recording) -> Response:
    kind = "video" if (recording.media or {}).get("video") else "audio"
    return _send(recording.storage_key, recording.filename, _media_type(recording.filename, kind), recording.size_bytes, attachment=False)


def send_input(job_input: JobInput) -> Response:
    """Send an input of a job; ranges only where its size is known."""
    if job_input.size_bytes is not None:
        return _send(job_input.storage_key, job_input.filename, job_input.content_type, job_input.size_bytes, attachment=True)
    response = Response(container().store.read(job_input.storage_key), mimetype=job_input.content_type)
    response.headers["Content-Disposition"] = "attachment"
    return response


def _send(key: str, filename: str, content_type: str, size_bytes: int, *, attachment: bool) -> Response:
    """The file, or the range of it that was asked for (RFC 9110, section 14)."""
    path = container().store.path(key)
    if path is not None:
        if not path.is_file():
            raise errors.NotFound("The file is missing from the store.")
        response = send_file(path, mimetype=content_type, conditional=True, max_age=0)
    else:
        response = _from_store(key, content_type, size_bytes)
    kind = "attachment" if attachment or not content_type.startswith(_INLINE) else "inline"
    response.headers["Content-Disposition"] = f"{kind}; filename*=UTF-8''{quote(filename)}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if content_type.startswith("text/html"):
        response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    return response


def _from_store(key: str, content_type: str, size_bytes: int) -> Response:
    """The bytes pass through this server, a block at a time."""
    asked = request.range
    if asked is None or asked.units != "bytes":
        response = Response(container().store.read(key), mimetype=content_type, headers={"Accept-Ranges": "bytes"})
        response.content_length = size_bytes
        return response
    wanted = asked.range_for_length(size_bytes)
    if wanted is None:
        raise RequestedRangeNotSatisfiable(size_bytes)
    start, end = wanted
    response = Response(container().store.read(key, start, end), 206, mimetype=content_type, headers={"Accept-Ranges": "bytes"})
    response.content_length = end - start
    response.content_range = ContentRange("bytes", start, end, size_bytes)
    return response


def _media_type(filename: str, kind: str) -> str:
    suffix = filename.rpartition(".")[2].lower()
    known = {
        "mp3": "audio/mpeg",
        "m4a": "audio/mp4",
        "wav": "audio/wav",
        "ogg": f"{kind}/ogg",
        "webm": f"{kind}/webm",
        "flac": "audio/flac",
    }
    return known.get(suffix, f"{kind}/mp4")


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["JWT_SECRET_KEY"], salt="lectern-artifact")
