"""Slide edits: the journal of corrections of a recording's slides, and the documents that show them."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from pydantic import BaseModel, Field

from routes.caller import caller, login_required
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.file_responses import binary_response
from routes.urls import endpoint_url
from schemas.recordings import JobOut
from schemas.slide_edits import SlideChangeIn, SlideEditsOut, SlideRevisionIn
from services.slide_edits import editing, publishing
from services.slide_edits.editing import SlideState

slide_edits = Blueprint("slide_edits", __name__, scope="content", tag="Recordings")
_NOT_FOUND = {404: "Not found, or the recording has no slides"}
_EDIT = {**_NOT_FOUND, 409: "The slides were changed in the meantime; `revision` is the newer one"}


class PictureQuery(BaseModel):
    build: int | None = Field(None, ge=0, le=1000, description="A build step, from 0; omitted: the final state.")
    v: str = Field("", max_length=32, description="The version of the pictures, which makes them cacheable.")


@slide_edits.get("/<recording_id>/slide-edits")
@login_required
@slide_edits.output(SlideEditsOut)
@slide_edits.doc(responses=_NOT_FOUND)
def show_slide_edits(recording_id: str) -> Any:
    """Show the slides as they are corrected, in the order of the documents."""
    return _slide_edits_out(recording_id, editing.read(caller(), recording_id, container().store))


@slide_edits.post("/<recording_id>/slide-edits")
@login_required
@slide_edits.input(SlideChangeIn)
@slide_edits.output(SlideEditsOut)
@slide_edits.doc(responses={**_EDIT, 422: "The change does not fit the slides"})
def add_slide_edit(recording_id: str, json_data: SlideChangeIn) -> Any:
    """Rename, merge, split, drop or move slides, choose their pictures, or crop them. Documents show the edit after `/documents`."""
    store = container().store
    offset_s = editing.read(caller(), recording_id, store).detected_slides.source_offset_s
    state = editing.add(caller(), recording_id, json_data.change_from(offset_s), json_data.revision, store)
    return _slide_edits_out(recording_id, state)


@slide_edits.post("/<recording_id>/slide-edits/undo")
@login_required
@slide_edits.input(SlideRevisionIn)
@slide_edits.output(SlideEditsOut)
@slide_edits.doc(responses=_EDIT)
def undo_slide_edit(recording_id: str, json_data: SlideRevisionIn) -> Any:
    """Undo the newest edit."""
    return _step(recording_id, json_data, is_redo=False)


@slide_edits.post("/<recording_id>/slide-edits/redo")
@login_required
@slide_edits.input(SlideRevisionIn)
@slide_edits.output(SlideEditsOut)
@slide_edits.doc(responses=_EDIT)
def redo_slide_edit(recording_id: str, json_data: SlideRevisionIn) -> Any:
    """Redo the edit that was undone last."""
    return _step(recording_id, json_data, is_redo=True)


@slide_edits.post("/<recording_id>/slide-edits/documents")
@endpoint(rate_limits=("upload",))
@login_required
@slide_edits.output(JobOut)
@slide_edits.doc(responses={400: "There are no documents yet", **_NOT_FOUND})
def render_slide_edits(recording_id: str) -> Any:
    """Render the documents again with the corrected slides, in the background; the recording is not read."""
    return JobOut.of(publishing.render_documents(caller(), recording_id))


@slide_edits.get("/<recording_id>/slide-edits/pictures/<int:number>")
@login_required
@slide_edits.input(PictureQuery, location="query")
@slide_edits.doc(responses={200: binary_response("The picture", "image/jpeg"), 404: "Not found"})
def detected_picture(recording_id: str, number: int, query_data: PictureQuery) -> Response:
    """Show a whole picture of a detected slide: its final state or a build step."""
    blocks, size, version = publishing.open_picture(caller(), recording_id, number, query_data.build, container().store)
    response = Response(blocks, content_type="image/jpeg")
    response.content_length = size
    response.set_etag(f"{version}-{number}-{query_data.build}")
    response.headers["Cache-Control"] = "private, max-age=86400" if query_data.v == version else "private, no-cache"
    response.make_conditional(request)
    return response


def _step(recording_id: str, body: SlideRevisionIn, *, is_redo: bool) -> SlideEditsOut:
    state = editing.step(caller(), recording_id, is_redo=is_redo, revision=body.revision, store=container().store)
    return _slide_edits_out(recording_id, state)


def _slide_edits_out(recording_id: str, state: SlideState) -> SlideEditsOut:
    def picture_url(number: int, build: int | None) -> str:
        place = {} if build is None else {"build": build}
        return endpoint_url("slide_edits.detected_picture", recording_id=recording_id, number=number, v=state.version, **place)

    return SlideEditsOut.of(state, picture_url)
