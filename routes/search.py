"""Full-text search over the recordings that the caller may see."""

from __future__ import annotations

from flask import Response
from pydantic import Field

from routes.caller import viewer, viewer_required
from routes.container import container
from routes.endpoints import Blueprint
from routes.paging import PageQuery, page_response
from routes.urls import endpoint_url
from schemas.search import SearchOut
from services.courses import courses
from services.search import searching as use_case
from services.search.searching import Scope, SearchFilter

search = Blueprint("search", __name__, scope="content", tag="Videos")


class SearchQuery(PageQuery):
    limit: int = Field(10, ge=1, le=50)
    q: str = Field(min_length=1, max_length=200, description='Words, "phrases" and beginnings (photo*); recordings have all of them.')
    scope: Scope = Field("visible", description="The caller's recordings and public ones, either of them, or (for admins) all.")
    course: str = Field("", max_length=36, description="Only the recordings of this course.")
    language: str = Field("", max_length=16, description="Only recordings in this language, for example `de`.")


@search.get("")
@viewer_required
@search.input(SearchQuery, location="query")
@search.output(SearchOut)
@search.doc(responses={400: "The query has no word", 403: "The scope is for admins", 404: "No such course"})
def search_recordings(query_data: SearchQuery) -> Response:
    """Find recordings by title, description, tags, words said and words shown, with the moments to watch."""
    watching = viewer()
    among = courses.recording_ids(watching, query_data.course) if query_data.course else None
    filters = SearchFilter(query_data.scope, query_data.language, among)
    result = use_case.search(watching, query_data.q, filters, query_data.paging, container().store)
    body = SearchOut.of(result, watching.user_id if watching is not None else "", _image_url)
    return page_response(body, query_data, result.total)


def _image_url(recording_id: str, number: int, version: str) -> str:
    return endpoint_url("video_slides.video_slide_image", recording_id=recording_id, number=number, v=version)
