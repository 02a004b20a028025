"""The paths of Ezra, the system that turned recordings into proofread transcripts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import Response, request

from routes.body_limits import accepts_upload
from routes.caller import caller, login_required
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.forms import validate
from routes.link_imports import submit_link
from routes.list_responses import list_of
from routes.paging import PageQuery, page_response
from routes.uploads import UPLOAD_DOC, save_upload
from schemas.ezra import ProcessOut, TranscriptionRow
from schemas.links import LINK_FIELDS, LinkIn
from services import proofreading
from services.library import recordings

if TYPE_CHECKING:
    from models import Recording

ezra = Blueprint("ezra", __name__, scope="content", tag="Transcripts")


@ezra.post("/process")
@endpoint(rate_limits=("upload",))
@login_required
@accepts_upload
@ezra.output(ProcessOut)
@ezra.doc(**UPLOAD_DOC)
def process() -> Any:
    """Transcribe and proofread a recording: the link `drive_link`, or the multipart field `file`.

    The language model proofreads if there is one, else rules do.
    """
    options = proofreading.from_settings(container().settings)
    engine = "model" if options.base_url and options.model else "rules"
    defaults = {"formats": "txt,md,docx", "proofread": engine}
    link = request.form.get("drive_link", "").strip()
    part = {name: request.form[name] for name in ("start_time", "end_time") if request.form.get(name)}
    recording = _submit_link(link, {**defaults, **part}) if link else save_upload("file", defaults)[0]
    return ProcessOut(transcription_id=recording.id)


def _submit_link(link: str, options: Mapping[str, str]) -> Recording:
    """Queue the download of a link. Only the audio is needed."""
    body = validate(LinkIn, {"url": link, "audio_only": True, **options})
    recording, _ = submit_link(body.link(), body.model_dump(mode="json", exclude=set(LINK_FIELDS)))
    return recording


@ezra.get("/transcriptions")
@login_required
@ezra.input(PageQuery, location="query")
@ezra.output(list_of(TranscriptionRow))
def list_transcriptions(query_data: PageQuery) -> Response:
    """List the caller's recordings as transcriptions, newest first, as a bare array."""
    page = recordings.list_page(caller(), query_data.paging)
    stages_by_recording = recordings.stages_seen(page.rows)
    rows = [TranscriptionRow.of(row, stages_by_recording.get(row.recording.id, ())) for row in page.rows]
    return page_response(rows, query_data, page.total)
