"""Thakii's import of a recording by its URL."""

from __future__ import annotations

from typing import Any

from routes.caller import login_required
from routes.endpoints import Blueprint, endpoint
from routes.link_imports import submit_link
from routes.uploads import upload_links
from schemas.links import ImportUrlIn, ImportUrlOut
from schemas.options import LectureOptions
from services.library.recordings import MAX_TITLE_LENGTH
from services.links.submit import Link
from services.storage.keys import without_extension

thakii_imports = Blueprint("thakii_imports", __name__, scope="content", tag="Lectures")


@thakii_imports.post("/import-url")
@endpoint(rate_limits=("upload",))
@login_required
@thakii_imports.input(ImportUrlIn, arg_name="body")
@thakii_imports.output(ImportUrlOut)
def import_url(body: ImportUrlIn) -> Any:
    """Download the recording of a link in the background, and make its documents."""
    link = Link(body.url, without_extension(body.filename)[:MAX_TITLE_LENGTH])
    recording, job = submit_link(link, LectureOptions().model_dump(mode="json"))
    return ImportUrlOut(
        video_id=recording.id,
        message="The download is queued; the documents are made afterwards.",
        job_id=job.id,
        links=upload_links(recording, job),
    )
