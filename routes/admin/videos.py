"""Everybody's recordings, for admins."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint
from flask import Response, jsonify

from routes.caller import admins_only, caller
from routes.paging import Paging, with_links
from routes.services import services
from schemas.accounts import MessageOut
from schemas.lectures import LectureRow
from services import accounts, recordings

videos = APIBlueprint("admin_videos", __name__, tag="Admin")


@videos.get("/videos")
@admins_only
@videos.input(Paging, location="query")
@videos.doc(responses={200: "An array of recordings"})
def list_videos(query_data: Paging) -> Response:
    """Everybody's recordings, newest first, as a bare array."""
    page = recordings.list_page(caller(), page=query_data.page, limit=query_data.limit, everybody=True)
    emails = accounts.emails_of({recording.user_id for recording, _, _ in page.rows})
    rows = [
        {**LectureRow.of(recording, job, emails[recording.user_id]).model_dump(), "user_id": recording.user_id}
        for recording, job, _ in page.rows
    ]
    return with_links(jsonify(rows), query_data, page.total)


@videos.delete("/videos/<video_id>")
@admins_only
@videos.output(MessageOut)
@videos.doc(responses={404: "Not found"})
def delete_video(video_id: str) -> Any:
    """Delete anybody's recording with everything made from it."""
    recordings.delete(caller(), video_id, services().store)
    return MessageOut(message="Deleted.")
