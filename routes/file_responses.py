"""Responses that are files: whole or by byte range, and their description in /openapi.json."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Response, request, send_file
from pydantic import BaseModel, Field
from werkzeug.datastructures import ContentRange
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import parse_range_header
from werkzeug.wsgi import wrap_file

import errors
from lib.part_of_file import PartOfFile
from routes.container import container
from services.accounts import login_throttle
from services.documents.web_page import SCRIPT_SOURCE
from services.library import artifacts, markdown_text
from services.links import import_jobs
from services.storage.keys import title_as_filename

if TYPE_CHECKING:
    from models import Artifact, Recording
    from services.jobs.job_kind import JobInput

_INLINE_TYPES = ("application/pdf", "text/plain", "text/html", "text/vtt", "application/json", "video/", "audio/", "image/")


_DOCUMENT_POLICY = (  # without allow-same-origin, the document's own script sees neither cookies nor pages of this server
    "sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation; default-src 'none'; "
    f"img-src data:; style-src 'unsafe-inline'; script-src {SCRIPT_SOURCE}"
)


class TooManyDownloads(errors.TooManyRequests):
    """Too much was downloaded from your network within an hour."""

    code = "too_many_downloads"
    hint = "Try again later; the header Retry-After has the number of seconds."


class InlineQuery(BaseModel):
    inline: bool = Field(False, description="Whether a browser may show the document in place of the page; else it saves it.")


def binary_response(description: str, content_type: str = "*/*") -> Any:
    """Return an OpenAPI response object for a file."""
    return {"description": description, "content": {content_type: {"schema": {"type": "string", "format": "binary"}}}}


def range_responses(description: str) -> dict[int, Any]:
    """Return the OpenAPI responses of a file that supports byte ranges."""
    return {200: binary_response(description), 206: binary_response("The requested range"), 404: "Not found", 416: "Range not satisfiable"}


def set_filename(response: Response, filename: str, disposition: str = "attachment") -> None:
    """Name the file for the client (RFC 6266). Headers are ASCII, so that a name in any script is percent-encoded."""
    response.headers["Content-Disposition"] = f"{disposition}; filename*=UTF-8''{quote(filename)}"


def send_artifact(artifact: Artifact, query: InlineQuery) -> Response:
    file = artifacts.locate(artifact, container().store), artifact.filename, artifact.content_type, artifact.size_bytes
    return _send(*file, attachment=not query.inline, etag=artifact.sha256)


def send_markdown(artifact: Artifact) -> Response:
    """Send the text of a Markdown document, which is stored as a zip with its pictures."""
    store = container().store
    response = Response(markdown_text.read(store, artifacts.locate(artifact, store)), content_type="text/markdown; charset=utf-8")
    filename = artifact.filename.removesuffix(".zip")
    set_filename(response, filename)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def send_recording(recording: Recording, *, attachment: bool = False) -> Response:
    if not recording.storage_key:
        raise errors.NotReady("The recording is being downloaded.")
    kind = "video" if (recording.media or {}).get("video") else "audio"
    filename = title_as_filename(recording.title) + PurePath(recording.filename).suffix
    file = import_jobs.locate(recording, container().store), filename, _media_type(recording.filename, kind), recording.size_bytes
    return _send(*file, attachment=attachment, etag=recording.sha256)


def send_input(job_input: JobInput) -> Response:
    """Send an input of a job; ranges are supported only if its size is known."""
    if job_input.size_bytes is not None:
        file = job_input.storage_key, job_input.filename, job_input.content_type, job_input.size_bytes
        return _send(*file, attachment=True, is_counted=False)
    response = Response(_open_blocks(container().store.read(job_input.storage_key)), content_type=job_input.content_type)
    response.headers["Content-Disposition"] = "attachment"
    return response


def send_stored(key: str, filename: str, content_type: str, size_bytes: int) -> Response:
    """Send an object of the store, or a range of it, for browsers to show."""
    return _send(key, filename, content_type, size_bytes, attachment=False)


def _open_blocks(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Read the first block: a file that is missing, or a store that is away, gets an error response instead of a broken one."""
    return itertools.chain([next(blocks, b"")], blocks)


def _send(
    key: str, filename: str, content_type: str, size_bytes: int, *, attachment: bool, etag: str = "", is_counted: bool = True
) -> Response:
    """Send the file, or the requested range of it (RFC 9110, section 14). `etag`: the hash of the content, "" if it is not known.

    Raises TooManyDownloads if the client's address has loaded as much as is allowed, unless `is_counted` is False.
    """
    _ignore_other_ranges()
    path = container().store.path(key)
    if path is None:
        response = _send_from_store(key, content_type, size_bytes, etag)
    elif path.is_file():
        response = _send_local_file(path, content_type)
    else:
        raise errors.NotFound("The file is missing from the store.")
    if is_counted:
        _count(response, size_bytes)
    if path is None:
        response.response = _open_blocks(response.iter_encoded())
    elif container().settings.x_accel_prefix:
        response = _let_nginx_send(response, key)
    response.headers["Content-Type"] = content_type  # werkzeug appends a charset to text types that name one already
    disposition = "attachment" if attachment or not content_type.startswith(_INLINE_TYPES) else "inline"
    set_filename(response, filename, disposition)
    response.headers["X-Content-Type-Options"] = "nosniff"
    if content_type.startswith("text/html"):
        response.headers["Content-Security-Policy"] = _DOCUMENT_POLICY
    return response


def _ignore_other_ranges() -> None:
    """Drop a Range header that is not one range of bytes, so that the whole file is sent (RFC 9110, section 14.2)."""
    byte_range = parse_range_header(request.headers.get("Range"))
    if byte_range is None or byte_range.units != "bytes" or len(byte_range.ranges) != 1:
        request.environ.pop("HTTP_RANGE", None)  # `request.range` is parsed from there when it is first read


def _count(response: Response, size_bytes: int) -> None:
    """Count the bytes of a file that are about to be sent. A file that the client has already costs nothing."""
    components = container()
    limit_bytes = components.settings.download_bytes_per_hour
    if not limit_bytes or request.method == "HEAD":
        return
    bounds = response.content_range
    part_bytes = (bounds.stop or 0) - (bounds.start or 0)
    sent_bytes = {304: 0, 206: part_bytes}.get(response.status_code, size_bytes)
    client = login_throttle.network_subject(request.remote_addr or "").key
    wait_s = components.downloads.spend(client, sent_bytes, limit_bytes)
    if wait_s:
        response.close()
        raise TooManyDownloads(wait_s=wait_s)


def _send_local_file(path: Path, content_type: str) -> Response:
    """Send a file of local storage; behind nginx with its ETag, so that both decide alike what a conditional request gets."""
    etag = _etag_of_nginx(path) if container().settings.x_accel_prefix else True
    response = send_file(path, mimetype=content_type, conditional=True, etag=etag, max_age=0)
    _let_the_kernel_send_ranges(response, path)
    return response


def _etag_of_nginx(path: Path) -> str:
    facts = path.stat()
    return f"{int(facts.st_mtime):x}-{facts.st_size:x}"


def _let_nginx_send(response: Response, key: str) -> Response:
    """Replace a response by one that nginx replaces (https://nginx.org/en/docs/http/ngx_http_proxy_module.html#X-Accel-Redirect)."""
    response.close()
    return Response(headers={"X-Accel-Redirect": f"{container().settings.x_accel_prefix}/{quote(key)}"})


def _let_the_kernel_send_ranges(response: Response, path: Path) -> None:
    """Replace werkzeug's wrapper of a range, which copies it block by block, by part of a file that gunicorn passes to sendfile(2)."""
    bounds = response.content_range
    if response.status_code != 206 or bounds.start is None or bounds.stop is None:
        return
    response.response.close()  # type: ignore[union-attr]
    response.response = wrap_file(request.environ, PartOfFile(path, bounds.start, bounds.stop))  # type: ignore[arg-type]


def _send_from_store(key: str, content_type: str, size_bytes: int, etag: str) -> Response:
    """Stream the object through this server, block by block."""
    if etag and request.if_none_match.contains(etag):
        not_modified = Response(status=304)
        not_modified.set_etag(etag)
        return not_modified
    response = _whole_or_range(key, content_type, size_bytes, etag)
    if etag:
        response.set_etag(etag)
    return response


def _whole_or_range(key: str, content_type: str, size_bytes: int, etag: str) -> Response:
    byte_range = request.range
    is_other_version = "If-Range" in request.headers and (not etag or request.if_range.etag != etag)
    if byte_range is None or is_other_version:
        response = Response(container().store.read(key), content_type=content_type, headers={"Accept-Ranges": "bytes"})
        response.content_length = size_bytes
        return response
    bounds = byte_range.range_for_length(size_bytes)
    if bounds is None:
        raise RequestedRangeNotSatisfiable(size_bytes)
    start, end = bounds
    response = Response(container().store.read(key, start, end), 206, content_type=content_type, headers={"Accept-Ranges": "bytes"})
    response.content_length = end - start
    response.content_range = ContentRange("bytes", start, end, size_bytes)
    return response


def _media_type(filename: str, kind: str) -> str:
    suffix = filename.rpartition(".")[2].lower()
    types = {
        "mp3": "audio/mpeg",
        "m4a": "audio/mp4",
        "wav": "audio/wav",
        "ogg": f"{kind}/ogg",
        "webm": f"{kind}/webm",
        "flac": "audio/flac",
    }
    return types.get(suffix, f"{kind}/mp4")
