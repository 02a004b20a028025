"""POST /api/v1/links: download the recording of a link and convert it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pipelines.lecture_notes import LECTURE_NOTES
from routes.caller import caller, login_required
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.recordings import NewRecordingOut, recording_out
from routes.urls import base_url
from routes.webhooks import job_webhook_out, webhook_target
from schemas.links import LINK_FIELDS, LinkIn
from services.library import recordings
from services.links import submit as use_case
from services.links.submit import ImportPolicy, Link
from services.webhooks.subscriptions import JobWebhook

if TYPE_CHECKING:
    from models import Job, Recording

link_imports = Blueprint("link_imports", __name__, scope="content", tag="Recordings")


@link_imports.post("")
@endpoint(rate_limits=("upload",))
@login_required
@link_imports.input(LinkIn)
@link_imports.output(NewRecordingOut, status_code=201)
def create_from_link(json_data: LinkIn) -> Any:
    """Download the recording of a link in the background; its documents are made afterwards, by a second job."""
    target = webhook_target(json_data)
    recording, job = submit_link(json_data.link(), json_data.model_dump(mode="json", exclude=set(LINK_FIELDS)), target)
    row = recordings.get_row(caller(), recording.id)
    return NewRecordingOut(**recording_out(row).model_dump(), webhook=job_webhook_out(job.id, target))


def submit_link(link: Link, options: Mapping[str, Any], target: JobWebhook | None = None) -> tuple[Recording, Job]:
    """Create the recording of a link and queue its download, with the conversion that follows."""
    policy = ImportPolicy.from_settings(container().settings)
    options = {**options, "base_url": base_url()}
    return use_case.submit(caller(), link, policy, conversion=LECTURE_NOTES.name, options=options, webhook=target)
