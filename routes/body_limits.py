"""Limits on request bodies, and streaming of uploaded files straight to storage."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import IO, Any

from flask import g, request

from routes.caller import caller
from routes.container import container
from routes.strict_requests import StrictRequest
from services.library import uploads
from services.library.uploads_in_progress import count_upload

_FORM_BYTES = 64 * 1024


class LecternRequest(StrictRequest):
    """A request whose uploaded files are streamed to storage, without a temporary copy."""

    def _get_file_stream(
        self, total_content_length: int | None, content_type: str | None, filename: str | None = None, content_length: int | None = None
    ) -> IO[bytes]:
        if "open_sink" not in g:
            return super()._get_file_stream(total_content_length, content_type, filename, content_length)
        sink = g.open_sink(total_content_length)
        g.setdefault("sinks", []).append(sink)
        return sink  # type: ignore[no-any-return]


def accepts_upload(view: Callable[..., Any]) -> Callable[..., Any]:
    """Allow a body as large as a recording. A recording over the caller's limits is refused before its body is read."""

    @functools.wraps(view)
    def with_limit(*args: Any, **kwargs: Any) -> Any:
        settings, owner = container().settings, caller()
        request.max_content_length = settings.max_upload_bytes + uploads.MAX_SUBTITLES_BYTES + _FORM_BYTES
        g.open_sink = functools.partial(uploads.open_sink, settings, owner)
        with count_upload(owner.user_id, settings.user_concurrent_uploads):
            return view(*args, **kwargs)

    return with_limit


def accepts_chunk(view: Callable[..., Any]) -> Callable[..., Any]:
    """Allow a body as large as one chunk of a recording."""

    @functools.wraps(view)
    def with_limit(*args: Any, **kwargs: Any) -> Any:
        settings, owner = container().settings, caller()
        request.max_content_length = settings.max_chunk_bytes + _FORM_BYTES
        g.open_sink = functools.partial(uploads.open_chunk_sink, settings, owner)
        with count_upload(owner.user_id, settings.user_concurrent_uploads):
            return view(*args, **kwargs)

    return with_limit


def discard_sinks(_error: BaseException | None = None) -> None:
    """Delete what a request received and did not store."""
    for sink in g.pop("sinks", []):
        sink.discard()
