"""Limits on request bodies, and streaming of uploaded files straight to storage."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import IO, Any

from flask import g, request

from routes.caller import caller
from routes.container import container
from routes.strict_requests import StrictRequest
from services.library import receiving
from services.library.uploads_in_progress import begin_upload
from services.storage import IncomingFile


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


def accepts_json(max_bytes: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Allow a JSON body of this size, if MAX_BODY_BYTES is smaller."""

    def declare(view: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(view)
        def with_limit(*args: Any, **kwargs: Any) -> Any:
            request.max_content_length = max(max_bytes, container().settings.max_body_bytes)
            return view(*args, **kwargs)

        return with_limit

    return declare


def accepts_upload(view: Callable[..., Any]) -> Callable[..., Any]:
    """Allow a body as large as a recording. A recording over the caller's limits is refused before its body is read."""

    @functools.wraps(view)
    def with_limit(*args: Any, **kwargs: Any) -> Any:
        max_bytes = container().settings.max_upload_bytes + receiving.MAX_SUBTITLES_BYTES
        return _receive(view, max_bytes, receiving.open_form_file_sink, args, kwargs)

    return with_limit


def accepts_chunk(view: Callable[..., Any]) -> Callable[..., Any]:
    """Allow a body as large as one chunk of a recording."""

    @functools.wraps(view)
    def with_limit(*args: Any, **kwargs: Any) -> Any:
        return _receive(view, container().settings.max_chunk_bytes, receiving.open_chunk_sink, args, kwargs)

    return with_limit


def _receive(view: Callable[..., Any], max_bytes: int, open_sink: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    components, owner = container(), caller()
    request.max_content_length = max_bytes + receiving.MAX_FORM_BYTES
    with begin_upload(owner.user_id, components.settings.user_concurrent_uploads) as upload:
        g.open_sink = functools.partial(open_sink, components.settings, components.store, upload)
        try:
            return view(*args, **kwargs)
        finally:
            discard_sinks()  # while their bytes still count


def text_as_file(text: str) -> IncomingFile:
    """Write the text of a form field to a file, which is deleted at the end of the request unless it is stored."""
    sink: IncomingFile = g.open_sink(None)
    g.setdefault("sinks", []).append(sink)
    sink.write(text.encode())
    return sink


def discard_sinks(_error: BaseException | None = None) -> None:
    """Delete the files that a request received and did not store."""
    for sink in g.pop("sinks", []):
        sink.discard()
