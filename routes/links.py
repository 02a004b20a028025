"""URLs of this server, and signed links to documents that open without a header."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from flask import current_app, request, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer

import errors
from routes.caller import caller
from routes.container import container
from services import accounts

if TYPE_CHECKING:
    from models import Artifact


def base_url() -> str:
    """Return this server's public URL, without a trailing slash."""
    return container().settings.public_url.rstrip("/") or request.url_root.rstrip("/")


def link_to(endpoint: str, **values: Any) -> str:
    """Return the public URL of an endpoint. The base contains the path prefix (SCRIPT_NAME) already."""
    return base_url() + url_for(endpoint, **values).removeprefix(request.script_root)


def artifact_url(artifact: Artifact) -> str:
    """Return the store's signed URL of a document, or one of this server if the store has none."""
    lifetime = dt.timedelta(seconds=container().settings.signed_url_s)
    store_url = container().store.signed_url(artifact.storage_key, artifact.filename, artifact.content_type, lifetime)
    token = _serializer().dumps([artifact.id, caller().user_id])
    return store_url or link_to("downloads.signed_file", token=token, filename=artifact.filename)


def artifact_id_from(token: str) -> str:
    """Return the document's id. Raises NotFound if the token is forged or expired, or its user is no longer active."""
    try:
        artifact_id, user_id = _serializer().loads(token, max_age=container().settings.signed_url_s)
    except (BadSignature, ValueError):
        artifact_id, user_id = "", ""
    if not user_id or not accounts.is_active(user_id):
        raise errors.NotFound("This link has expired.", hint="Request a new link from /download/{id}.")
    return str(artifact_id)


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["JWT_SECRET_KEY"], salt="lectern-artifact")
