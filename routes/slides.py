"""The slides of a recording: when each is shown, its words and its picture."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response, request
from pydantic import Field

from routes.caller import caller, login_required, viewer, viewer_required
from routes.container import container
from routes.endpoints import Blueprint
from routes.file_responses import binary_response
from routes.paging import PageQuery, page_response
from routes.urls import endpoint_url
from schemas.slides import SlideOut, SlidesOut, WallOut, WallSlideOut
from services.library import slides as use_case
from services.search import slide_wall as wall
from services.search.slide_wall import WallSlide

slides = Blueprint("slides", __name__, scope="content", tag="Recordings")
slide_wall = Blueprint("slide_wall", __name__, scope="content", tag="Recordings")
video_slides = Blueprint("video_slides", __name__, scope="content", tag="Videos")


class WallQuery(PageQuery):
    q: str = Field("", max_length=200, description='Words, "phrases" and beginnings (photo*) that a slide shows; empty: all slides.')
    language: str = Field("", max_length=16, description="Only recordings in this language.")


@slide_wall.get("")
@login_required
@slide_wall.input(WallQuery, location="query")
@slide_wall.output(WallOut)
@slide_wall.doc(responses={400: "The query has no word"})
def list_wall(query_data: WallQuery) -> Response:
    """List the distinct slides of all the caller's recordings; equal ones are listed once, with every moment at which they are shown."""
    page = wall.list_page(caller(), query_data.q, query_data.language, query_data.paging, container().store)

    def image_url(slide: WallSlide) -> str | None:
        place = slide.places[0]
        values = {"recording_id": place.recording_id, "number": place.number, "v": place.version}
        return endpoint_url("slides.slide_image", **values) if slide.has_picture else None

    body = WallOut(slides=[WallSlideOut.of(each, image_url(each)) for each in page.rows], total=page.total)
    return page_response(body, query_data, page.total)


@slides.get("/<recording_id>/slides")
@login_required
@slides.output(SlidesOut)
@slides.doc(responses={404: "Not found"})
def list_slides(recording_id: str) -> Any:
    """List the slides of a recording; none before it has been converted."""
    index, version = use_case.read(caller(), recording_id, container().store)

    def image_url(number: int) -> str:
        return endpoint_url("slides.slide_image", recording_id=recording_id, number=number, v=version)

    offset_s = index.source_offset_s
    slides_out = [SlideOut.of(slide, offset_s, image_url(slide.number) if slide.size else None) for slide in index.slides]
    return SlidesOut(source_offset_s=offset_s, slides=slides_out)


@slides.get("/<recording_id>/slides/<int:number>/image")
@login_required
@slides.doc(responses={200: binary_response("The picture", "image/jpeg"), 404: "Not found"})
def slide_image(recording_id: str, number: int) -> Response:
    """Show the picture of a slide. The addresses in the list change with the picture, so that browsers may keep it."""
    return _picture(number, *use_case.open_image(caller(), recording_id, number, container().store))


@video_slides.get("/<recording_id>/slides/<int:number>/image")
@viewer_required
@video_slides.doc(responses={200: binary_response("The picture", "image/jpeg"), 404: "Not found"})
def video_slide_image(recording_id: str, number: int) -> Response:
    """Show the picture of a slide of a recording that the caller may watch."""
    return _picture(number, *use_case.open_image_for_viewer(viewer(), recording_id, number, container().store))


def _picture(number: int, blocks: Iterator[bytes], size: int, version: str) -> Response:
    response = Response(blocks, content_type="image/jpeg")
    response.content_length = size
    response.set_etag(f"{version}-{number}")
    response.headers["Cache-Control"] = "private, max-age=86400" if request.args.get("v") == version else "private, no-cache"
    response.make_conditional(request)
    return response
