"""Responses with the segments of a transcript, which may have 200,000 words: they are encoded one segment at a time."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable

from flask import Response
from pydantic import BaseModel
from werkzeug.wsgi import FileWrapper

from schemas.transcripts import SegmentOut
from services.transcript_text.words import EditableSegment

_MAX_IN_MEMORY = 4 * 2**20  # bytes of a response; longer ones are sent from a temporary file, also to slow clients
_BLOCK_BYTES = 2**17


def segments_response(body: BaseModel, segments: Iterable[EditableSegment], revision: int) -> Response:
    """Return the body as JSON with these segments as its `segments`; the revision is the ETag."""
    content = tempfile.SpooledTemporaryFile(_MAX_IN_MEMORY)  # noqa: SIM115 - the response closes it
    try:
        content.write(_encode(body.model_dump(exclude={"segments"}))[:-1] + b',"segments":[')
        for number, segment in enumerate(segments):
            content.write((b"," if number else b"") + _encode(SegmentOut.plain(segment)))
        content.write(b"]}\n")
    except BaseException:
        content.close()
        raise
    size_bytes = content.tell()
    content.seek(0)
    response = Response(FileWrapper(content, _BLOCK_BYTES), mimetype="application/json")
    response.content_length = size_bytes
    response.headers["ETag"] = f'"{revision}"'
    return response


def _encode(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()
