"""The library as viewers see it. Signed-in users may read it, and everybody if PUBLIC_WITHOUT_ACCOUNT is set."""

from __future__ import annotations

from typing import Any

from flask import Response
from pydantic import Field

from routes.caller import viewer, viewer_required
from routes.container import container
from routes.endpoints import Blueprint
from routes.paging import PageQuery, page_response
from schemas.videos import VideoOut, VideosOut
from services.library import videos as use_case
from services.library.filters import RecordingFilter, Sort

videos = Blueprint("videos", __name__, scope="content", tag="Videos")


class VideosQuery(PageQuery):
    q: str = Field("", max_length=200, description="Part of the title or the description.")
    tag: str = Field("", max_length=50)
    sort: Sort = "newest"


@videos.get("")
@viewer_required
@videos.input(VideosQuery, location="query")
@videos.output(VideosOut)
def list_videos(query_data: VideosQuery) -> Response:
    """List the public recordings of all users."""
    page = use_case.list_public(RecordingFilter(query_data.q, query_data.tag), query_data.sort, query_data.paging)
    return page_response(VideosOut(videos=[VideoOut.of(each) for each in page.rows], total=page.total), query_data, page.total)


@videos.get("/<recording_id>")
@viewer_required
@videos.output(VideoOut)
@videos.doc(responses={404: "Not found"})
def show_video(recording_id: str) -> Any:
    """Show a recording that is public or unlisted, or the caller's own."""
    return VideoOut.of(use_case.get(viewer(), recording_id, container().video_cache))
