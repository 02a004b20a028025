"""URLs of this server, and signed URLs of documents and uploaded files, which need no header."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import g, request, url_for

from lib.hosts import is_known_host, join_url
from routes.caller import caller
from routes.container import container
from routes.signed_tokens import TokenSigner
from services.files import files
from services.library import recordings

if TYPE_CHECKING:
    from models import Artifact, UploadedFile

_EXPIRED_MESSAGE = "This link has expired."
_ARTIFACT_TOKENS = TokenSigner("artifact", _EXPIRED_MESSAGE, "Request a new link from /download/{id}.")
_FILE_TOKENS = TokenSigner("file", _EXPIRED_MESSAGE, "Request a new link from /api/v1/files/{id}.")


def public_url() -> str:
    """Return PUBLIC_URL without a trailing slash, or "". Links in e-mails and webhooks always use it."""
    return container().settings.public_url.rstrip("/")


def base_url() -> str:
    """Return the beginning of links in responses and documents, path prefix included, without a trailing slash.

    It is PUBLIC_URL, or the request's host if that is known to be this server. Otherwise links are relative to the host.
    """
    if "base_url" not in g:
        is_known = not public_url() and is_known_host(request.host, container().settings.allowed_hosts)
        g.base_url = public_url() or (request.url_root.rstrip("/") if is_known else request.script_root)
    return str(g.base_url)


def email_page_url(fragment: str) -> str:
    """Return the prefix of an e-mail link, to which the token is appended; "" without PUBLIC_URL."""
    return join_url(public_url(), f"/#{fragment}=") if public_url() else ""


def endpoint_url(endpoint: str, **values: Any) -> str:
    """Return the URL of an endpoint."""
    return path_url(_endpoint_path(endpoint, values))


def endpoint_cdn_url(endpoint: str, **values: Any) -> str:
    """Return the URL of an endpoint at the content delivery network of CDN_URL; without one, at this server."""
    cdn_url = container().settings.cdn_url
    return join_url(cdn_url, _endpoint_path(endpoint, values)) if cdn_url else endpoint_url(endpoint, **values)


def _endpoint_path(endpoint: str, values: Mapping[str, Any]) -> str:
    """Return the path of an endpoint without the prefix of this server."""
    return url_for(endpoint, **values).removeprefix(request.script_root)


def path_url(path: str) -> str:
    """Return the URL of a path of this server; the path has no prefix."""
    return join_url(base_url(), path)


def artifact_url(artifact: Artifact, *, inline: bool = False) -> str:
    """Return the store's signed URL of a document, or one of this server if the store has none. `inline`: browsers show the document."""
    lifetime = dt.timedelta(seconds=container().settings.signed_url_s)
    store_url = container().store.signed_url(artifact.storage_key, artifact.filename, artifact.content_type, lifetime, inline=inline)
    if store_url:
        return store_url
    query = {"inline": 1} if inline else {}
    return endpoint_url("downloads.signed_file", token=_ARTIFACT_TOKENS.sign(artifact.id, caller()), filename=artifact.filename, **query)


def file_url(file: UploadedFile) -> str:
    """Return the signed URL of an uploaded file."""
    return endpoint_url("files.signed_file", token=_FILE_TOKENS.sign(file.id, caller()), filename=file.filename)


def file_of_token(token: str) -> UploadedFile:
    """Return the uploaded file of a signed URL. Raises NotFound if the token is forged or has expired, or if the file was deleted."""
    token_data = _FILE_TOKENS.verify(token)
    return files.get_linked(token_data.subject, token_data.user_id)


def artifact_of_token(token: str) -> Artifact:
    """Return the document of a signed URL. Raises NotFound if the token is forged or has expired, or if the document was deleted.

    A signed URL ends with its caller's session or key (`routes/signed_tokens.py`) and with the right to see the document.
    """
    token_data = _ARTIFACT_TOKENS.verify(token)
    return recordings.get_linked_artifact(token_data.subject, token_data.user_id)
