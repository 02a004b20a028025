"""Uploads in parts, in addition to iTube's paths: for large files and bad networks. The metadata is sent as for other uploads."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from flask import Response, request

from routes.caller import caller, login_required
from routes.compat.itube import receive_body
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.signed_tokens import TokenSigner
from routes.urls import endpoint_url
from schemas.accounts import MessageOut
from schemas.itube import CompletedOut, MultipartIn, MultipartOut, MultipartUploadIn, PartOut, PartsIn, PartsOut, PartUrlOut, PartUrlsOut
from services.library import multipart_uploads, receiving
from services.library.limits import UploadLimits
from services.library.uploads_in_progress import begin_upload
from services.media import first_bytes

itube_multipart = Blueprint("itube_multipart", __name__, scope="content", tag="Videos")
direct_parts = Blueprint("direct_parts", __name__, scope="open", tag="Videos")
_PART_TOKENS = TokenSigner("upload-part", "This upload URL has expired.", "Request a new URL of the part.")
_ERRORS = {404: "No such upload", 409: "Not an open upload of the caller"}


@itube_multipart.post("")
@endpoint(rate_limits=("upload",))
@login_required
@itube_multipart.input(MultipartIn)
@itube_multipart.output(MultipartOut, status_code=201)
@itube_multipart.doc(responses={413: "Too large", 429: "Too many uploads"})
def begin_multipart(json_data: MultipartIn) -> Any:
    """Begin an upload in parts; the parts may be sent in any order, several at once, and again."""
    components = container()
    upload = multipart_uploads.begin(caller(), json_data.size_bytes, UploadLimits.from_settings(components.settings), components.store)
    return MultipartOut(media_id=upload.key, upload_id=upload.upload_id, part_bytes=upload.part_bytes)


@itube_multipart.post("/part-urls")
@login_required
@itube_multipart.input(PartsIn)
@itube_multipart.output(PartUrlsOut)
@itube_multipart.doc(responses=_ERRORS)
def sign_parts(json_data: PartsIn) -> Any:
    """Return URLs for parts, also again for those whose URL has expired."""
    components = container()
    lifetime = dt.timedelta(seconds=components.settings.signed_url_s)
    key, upload_id, bounds = json_data.media_id, json_data.upload_id, UploadLimits.from_settings(components.settings)
    urls = multipart_uploads.sign(caller(), key, upload_id, json_data.numbers, lifetime, bounds, components.store)
    parts = [PartUrlOut(number=number, url=url or _own_url(key, upload_id, number)) for number, url in urls.items()]
    return PartUrlsOut(parts=parts, expires_in=components.settings.signed_url_s)


@itube_multipart.post("/parts")
@login_required
@itube_multipart.input(MultipartUploadIn)
@itube_multipart.output(PartsOut)
@itube_multipart.doc(responses=_ERRORS)
def list_parts(json_data: MultipartUploadIn) -> Any:
    """Return the parts that have arrived, to continue an upload."""
    sizes = multipart_uploads.parts(caller(), json_data.media_id, json_data.upload_id, container().store)
    return PartsOut(parts=[PartOut(number=number, size_bytes=size_bytes) for number, size_bytes in sorted(sizes.items())])


@itube_multipart.post("/complete")
@login_required
@itube_multipart.input(MultipartUploadIn)
@itube_multipart.output(CompletedOut)
@itube_multipart.doc(responses={**_ERRORS, 413: "Too large", 415: "Not a recording"})
def complete_multipart(json_data: MultipartUploadIn) -> Any:
    """Join the parts. Then send the metadata with the `media_id`."""
    components = container()
    upload_limits = UploadLimits.from_settings(components.settings)
    size_bytes = multipart_uploads.complete(caller(), json_data.media_id, json_data.upload_id, upload_limits, components.store)
    return CompletedOut(media_id=json_data.media_id, size_bytes=size_bytes)


@itube_multipart.post("/abort")
@login_required
@itube_multipart.input(MultipartUploadIn)
@itube_multipart.output(MessageOut)
@itube_multipart.doc(responses=_ERRORS)
def abort_multipart(json_data: MultipartUploadIn) -> Any:
    """Delete the parts that have arrived; the upload has ended."""
    multipart_uploads.abort(caller(), json_data.media_id, json_data.upload_id, container().store)
    return MessageOut(message="Deleted.")


@direct_parts.put("/direct-uploads/parts/<token>")
@direct_parts.doc(
    responses={
        200: "Stored",
        404: "The URL has expired",
        409: "The file is complete, or the part has another size",
        413: "Too large",
        415: "No recording",
    }
)
def receive_part(token: str) -> Response:
    """Receive a part at a URL of this server; the body is the part."""
    token_data = _PART_TOKENS.verify(token)
    key, upload_id, number = json.loads(token_data.subject)
    components = container()
    sizes = multipart_uploads.keep_open(token_data.user_id, key, upload_id, UploadLimits.from_settings(components.settings))
    request.max_content_length = sizes.of(number)
    if request.content_length is not None:
        sizes.check(number, request.content_length)
    with begin_upload(token_data.user_id, components.settings.user_concurrent_uploads):
        file = receiving.open_part_sink(components.settings, sizes.of(number))
        try:
            receive_body(file, first_bytes.check_recording if number == 1 else lambda _: None)
            multipart_uploads.receive(file, key, upload_id, number, sizes, components.store)
        finally:
            file.discard()
    return Response(status=200)


def _own_url(key: str, upload_id: str, number: int) -> str:
    return endpoint_url("direct_parts.receive_part", token=_PART_TOKENS.sign(json.dumps([key, upload_id, number]), caller()))
