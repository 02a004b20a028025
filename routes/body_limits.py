"""How large a body may be, and where the files in it go."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import IO, Any

from flask import g, request

from routes.caller import caller
from routes.container import container
from routes.strict_requests import StrictRequest
from services.library import uploads

_FORM_BYTES = 64 * 1024


class LecternRequest(StrictRequest):
    """A request whose uploaded files flow straight to their place instead of through a temporary copy."""

    def _get_file_stream(
        self, total_content_length: int | None, content_type: str | None, filename: str | None = None, content_length: int | None = None
    ) -> IO[bytes]:
        if "open_sink" not in g:
            return super()._get_file_stream(total_content_length, content_type, filename, content_length)
        sink = g.open_sink(total_content_length)
        g.setdefault("sinks", []).append(sink)
        return sink  # type: ignore[no-any-return]


def takes_upload(view: Callable[..., Any]) -> Callable[..., Any]:
    """This view takes a recording: the body may be as large as one, and is refused before it is read where it can't be kept."""

    @functools.wraps(view)
    def with_room(*args: Any, **kwargs: Any) -> Any:
        settings = container().settings
        asking = caller()
        request.max_content_length = settings.max_upload_bytes + uploads.MAX_SUBTITLES_BYTES + _FORM_BYTES
        g.open_sink = functools.partial(uploads.open_sink, settings, asking)
        return view(*args, **kwargs)

    return with_room


def takes_chunk(view: Callable[..., Any]) -> Callable[..., Any]:
    """This view takes one chunk of a recording."""

    @functools.wraps(view)
    def with_room(*args: Any, **kwargs: Any) -> Any:
        settings = container().settings
        asking = caller()
        request.max_content_length = settings.max_chunk_bytes + _FORM_BYTES
        g.open_sink = functools.partial(uploads.open_chunk_sink, settings, asking)
        return view(*args, **kwargs)

    return with_room


def discard_sinks(_error: BaseException | None = None) -> None:
    """At the end of every request: what was not kept goes."""
    for sink in g.pop("sinks", []):
        sink.discard()
