"""Transcripts as data. A transcript has the id of its recording."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any, Literal

from flask import Response, request
from pydantic import BaseModel, Field

import errors
from lib.paging import Paging
from pipelines.lecture_notes import LECTURE_NOTES
from routes.body_limits import accepts_json, accepts_upload
from routes.caller import caller, login_required
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.file_responses import binary_response
from routes.paging import PageQuery, page_response
from routes.segment_lists import segments_response
from routes.uploads import text_part
from schemas.accounts import MessageOut
from schemas.recordings import JobOut
from schemas.transcripts import (
    AcceptIn,
    ChangeOut,
    CorrectionOut,
    CorrectionsOut,
    DifferenceOut,
    DifferencesOut,
    DoubtfulWordOut,
    DoubtfulWordsOut,
    EditOut,
    EditsOut,
    ProofreadIn,
    RenderIn,
    ReplacementIn,
    RevisionIn,
    SegmentTextIn,
    SplitIn,
    TranscriptIn,
    TranscriptOut,
)
from services import proofreading
from services.library import own_texts, uploads
from services.library.receiving import incoming_folder
from services.transcripts import corrections, editing, journal, proofreading_jobs, publishing, reading, versions
from services.transcripts.edits import Change
from services.transcripts.versions import Version

transcripts = Blueprint("transcripts", __name__, scope="content", tag="Transcripts")
_MAX_TRANSCRIPT_BYTES = 16 * 2**20
_NOT_FOUND = {404: "Not found"}
_CONFLICT = "The transcript was changed in the meantime; `revision` is the newer one, `changed_segments` are the ids of what is new"
_VERSIONS = "`raw`: as it was recognised; `proofread`: with the corrections that the text contains; `current`: also with edits."
_ETAG = re.compile(r'(?:W/)?"?([0-9]{1,9})"?')


class TranscriptQuery(BaseModel):
    version: Version = Field("current", description=_VERSIONS)
    page: int = Field(1, ge=1, le=1_000_000)
    limit: int = Field(1000, ge=1, le=5000, description="Segments of a page.")


class TextQuery(BaseModel):
    version: Version = Field("current", description=_VERSIONS)
    format: Literal["txt", "md"] = Field("txt", description="`md` keeps headings, italics, superscripts and subscripts.")


class DifferencesQuery(PageQuery):
    older: Version = Field("raw", description=_VERSIONS)
    newer: Version = Field("current", description=_VERSIONS)


class DoubtfulQuery(BaseModel):
    below: float = Field(0.5, gt=0, le=1, allow_inf_nan=False, description="Words with a confidence below this.")
    limit: int = Field(200, ge=1, le=1000)


class CorrectionsQuery(PageQuery):
    state: Literal["", "proposed", "open", "accepted", "rejected"] = Field(
        "", description="Not reviewed yet: `proposed` (not in the text) and `open` (in the text)."
    )


class EditsQuery(BaseModel):
    limit: int = Field(50, ge=1, le=journal.MAX_STEPS)


def _edit_endpoint(body: type[RevisionIn], *, conflict: str = _CONFLICT) -> Callable[[Callable[..., Change]], Callable[..., Any]]:
    """Declare the body and the responses of a view that returns a change; the new revision becomes the ETag."""

    def declare(view: Callable[..., Change]) -> Callable[..., Any]:
        @functools.wraps(view)
        def respond(*args: Any, **kwargs: Any) -> Response:
            change = view(*args, **kwargs)
            return segments_response(ChangeOut.of(change), change.segments, change.revision)

        documented_view = transcripts.doc(responses={**_NOT_FOUND, 409: conflict})(respond)
        return transcripts.input(body)(transcripts.output(ChangeOut)(documented_view))

    return declare


@transcripts.get("/<recording_id>")
@login_required
@transcripts.input(TranscriptQuery, location="query")
@transcripts.output(TranscriptOut)
@transcripts.doc(responses=_NOT_FOUND)
def show_transcript(recording_id: str, query_data: TranscriptQuery) -> Response:
    """Return a transcript with its words; its revision is also the ETag."""
    paging = Paging(query_data.page, query_data.limit)
    page = versions.read_page(caller(), recording_id, container().store, query_data.version, paging)
    response = segments_response(TranscriptOut.of(page, query_data.version), page.segments, page.transcript.revision)
    response.headers["X-Total-Count"] = str(page.total)
    return response


@transcripts.get("/<recording_id>/text")
@login_required
@transcripts.input(TextQuery, location="query")
@transcripts.doc(responses={200: binary_response("The text", "text/*"), **_NOT_FOUND})
def show_text(recording_id: str, query_data: TextQuery) -> Response:
    """Return a version as text in paragraphs."""
    is_markdown = query_data.format == "md"
    text = versions.read_text(caller(), recording_id, container().store, query_data.version, markup=is_markdown)
    return Response(text, content_type=f"text/{'markdown' if is_markdown else 'plain'}; charset=utf-8")


@transcripts.get("/<recording_id>/differences")
@login_required
@transcripts.input(DifferencesQuery, location="query")
@transcripts.output(DifferencesOut)
@transcripts.doc(responses=_NOT_FOUND)
def list_differences(recording_id: str, query_data: DifferencesQuery) -> Response:
    """List what differs between two versions, in the order of the text."""
    page = versions.changes(caller(), recording_id, container().store, query_data.older, query_data.newer, query_data.paging)
    body = DifferencesOut(differences=[DifferenceOut.of(each) for each in page.rows], total=page.total)
    return page_response(body, query_data, page.total)


@transcripts.put("/<recording_id>")
@login_required
@accepts_json(_MAX_TRANSCRIPT_BYTES)
@_edit_endpoint(TranscriptIn)
def replace_transcript(recording_id: str, json_data: TranscriptIn) -> Change:
    """Store a whole transcript. Segments and words that name present ids keep them, and words that did not change keep their times."""
    new_segments = [each.segment() for each in json_data.segments]
    return editing.replace_all(caller(), recording_id, new_segments, _revision(json_data))


@transcripts.patch("/<recording_id>/segments/<segment_id>")
@login_required
@_edit_endpoint(SegmentTextIn)
def edit_segment(recording_id: str, segment_id: str, json_data: SegmentTextIn) -> Change:
    """Change a segment's text. Words that stay keep their ids and times; those of new words are interpolated."""
    return editing.edit_text(caller(), recording_id, _number(segment_id), json_data.text, _revision(json_data))


@transcripts.post("/<recording_id>/segments/<segment_id>/split")
@login_required
@_edit_endpoint(SplitIn)
def split_segment(recording_id: str, segment_id: str, json_data: SplitIn) -> Change:
    """Divide a segment before a word."""
    return editing.split(caller(), recording_id, _number(segment_id), json_data.word_id, _revision(json_data))


@transcripts.post("/<recording_id>/segments/<segment_id>/merge")
@login_required
@_edit_endpoint(RevisionIn)
def merge_segment(recording_id: str, segment_id: str, json_data: RevisionIn) -> Change:
    """Join a segment with the next one."""
    return editing.merge(caller(), recording_id, _number(segment_id), _revision(json_data))


@transcripts.post("/<recording_id>/replacements")
@login_required
@_edit_endpoint(ReplacementIn)
def replace_text(recording_id: str, json_data: ReplacementIn) -> Change:
    """Replace a text in all segments."""
    return editing.replace_everywhere(
        caller(),
        recording_id,
        json_data.find,
        json_data.replace,
        _revision(json_data),
        match_case=json_data.match_case,
        whole_words=json_data.whole_words,
        add_to_glossary=json_data.add_to_glossary,
    )


@transcripts.post("/<recording_id>/undo")
@login_required
@_edit_endpoint(RevisionIn, conflict="Nothing to undo, or the transcript was changed in the meantime")
def undo_edit(recording_id: str, json_data: RevisionIn) -> Change:
    """Undo the newest edit."""
    return editing.undo(caller(), recording_id, _revision(json_data))


@transcripts.post("/<recording_id>/redo")
@login_required
@_edit_endpoint(RevisionIn, conflict="Nothing to repeat, or the transcript was changed in the meantime")
def redo_edit(recording_id: str, json_data: RevisionIn) -> Change:
    """Repeat the edit that was undone last."""
    return editing.redo(caller(), recording_id, _revision(json_data))


@transcripts.get("/<recording_id>/edits")
@login_required
@transcripts.input(EditsQuery, location="query")
@transcripts.output(EditsOut)
@transcripts.doc(responses=_NOT_FOUND)
def list_edits(recording_id: str, query_data: EditsQuery) -> Any:
    """List the newest edits, newest first."""
    return EditsOut(edits=[EditOut.of(each) for each in reading.list_edits(caller(), recording_id, query_data.limit)])


@transcripts.get("/<recording_id>/doubtful-words")
@login_required
@transcripts.input(DoubtfulQuery, location="query")
@transcripts.output(DoubtfulWordsOut)
@transcripts.doc(responses=_NOT_FOUND)
def list_doubtful_words(recording_id: str, query_data: DoubtfulQuery) -> Any:
    """List words that may be wrong, in order, with the text around them."""
    words = reading.doubtful_words(caller(), recording_id, query_data.below, query_data.limit)
    return DoubtfulWordsOut(words=[DoubtfulWordOut.of(each) for each in words])


@transcripts.post("/<recording_id>/documents")
@login_required
@transcripts.input(RenderIn)
@transcripts.output(JobOut, status_code=202)
@transcripts.doc(responses={400: "There are no documents yet", 404: "Not found"})
def render_documents(recording_id: str, json_data: RenderIn) -> Any:
    """Render the documents again from the current text, in the background; the recording is not read."""
    components = container()
    folder = incoming_folder(components.settings)
    job = publishing.render_documents(caller(), recording_id, components.store, folder, tracked_changes=json_data.tracked_changes)
    return JobOut.of(job)


@transcripts.post("/<recording_id>/own-text")
@endpoint(rate_limits=("upload",))
@login_required
@accepts_upload
@transcripts.output(JobOut, status_code=202)
@transcripts.doc(
    responses={400: "No text", 404: "Not found", 409: "A job of this recording is active", 422: "Unreadable"},
    extensions={"x-form": "OwnTextForm"},
)
def add_own_text(recording_id: str) -> Any:
    """Align a text of the speech with the recording, in the background; it becomes the transcript, also in the documents."""
    components = container()
    options = own_texts.attach(caller(), recording_id, text_part("transcript"), components.store)
    return JobOut.of(uploads.convert_again(caller(), recording_id, components.settings, pipeline=LECTURE_NOTES.name, options=options))


@transcripts.delete("/<recording_id>/own-text")
@login_required
@transcripts.output(MessageOut)
@transcripts.doc(responses=_NOT_FOUND)
def delete_own_text(recording_id: str) -> Any:
    """Forget the own text; the next conversion shows the recognised words."""
    own_texts.remove(caller(), recording_id, container().store)
    return MessageOut(message="Deleted.")


@transcripts.post("/<recording_id>/proofread")
@login_required
@transcripts.input(ProofreadIn)
@transcripts.output(JobOut, status_code=202)
@transcripts.doc(responses={404: "Not found", 409: "A job of this recording is active", 503: "No language model is configured"})
def proofread_transcript(recording_id: str, json_data: ProofreadIn) -> Any:
    """Proofread the current text in the background; its corrections are applied and can be reviewed."""
    settings = container().settings
    job = proofreading_jobs.submit(
        caller(),
        recording_id,
        json_data.engine,
        container().store,
        proofreading.from_settings(settings),
        review_first=json_data.review_first,
        folder=incoming_folder(settings),
        max_active_jobs=settings.user_active_jobs,
    )
    return JobOut.of(job)


@transcripts.get("/<recording_id>/corrections")
@login_required
@transcripts.input(CorrectionsQuery, location="query")
@transcripts.output(CorrectionsOut)
@transcripts.doc(responses=_NOT_FOUND)
def list_corrections(recording_id: str, query_data: CorrectionsQuery) -> Response:
    """List the corrections of proofreading, in the order of the text."""
    page = corrections.list_page(caller(), recording_id, query_data.paging, state=query_data.state)
    body = CorrectionsOut(corrections=[CorrectionOut.of(row) for row in page.rows], total=page.total)
    return page_response(body, query_data, page.total)


@transcripts.post("/<recording_id>/corrections/<correction_id>/accept")
@login_required
@_edit_endpoint(AcceptIn)
def accept_correction(recording_id: str, correction_id: str, json_data: AcceptIn) -> Change:
    """Accept a correction; a rejected one is applied again."""
    number, revision = _number(correction_id), _revision(json_data)
    return corrections.decide(caller(), recording_id, number, "accepted", revision, add_to_glossary=json_data.add_to_glossary)


@transcripts.post("/<recording_id>/corrections/<correction_id>/reject")
@login_required
@_edit_endpoint(RevisionIn)
def reject_correction(recording_id: str, correction_id: str, json_data: RevisionIn) -> Change:
    """Reject a correction: the words before it come back with their times."""
    return corrections.decide(caller(), recording_id, _number(correction_id), "rejected", _revision(json_data))


@transcripts.post("/<recording_id>/corrections/accept-all")
@login_required
@_edit_endpoint(RevisionIn)
def accept_all_corrections(recording_id: str, json_data: RevisionIn) -> Change:
    """Accept all corrections that were not reviewed."""
    return corrections.decide_all(caller(), recording_id, "accepted", _revision(json_data))


@transcripts.post("/<recording_id>/corrections/reject-all")
@login_required
@_edit_endpoint(RevisionIn)
def reject_all_corrections(recording_id: str, json_data: RevisionIn) -> Change:
    """Reject all corrections that were not reviewed and whose text was not edited since."""
    return corrections.decide_all(caller(), recording_id, "rejected", _revision(json_data))


def _revision(body: RevisionIn) -> int | None:
    """Return the revision of the body, else that of If-Match; None if there is none, or `*`."""
    if_match = request.headers.get("If-Match", "").strip()
    if body.revision is not None or if_match in ("", "*"):
        return body.revision
    match = _ETAG.fullmatch(if_match)
    if match is None:
        raise errors.BadRequest('If-Match is not a revision, such as "7".')
    return int(match[1])


def _number(segment_id: str) -> int:
    """Return the id as a number, or 0, which no segment has."""
    return int(segment_id) if segment_id.isascii() and segment_id.isdecimal() and len(segment_id) < 10 else 0
