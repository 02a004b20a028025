"""The deck that a lecture was given with: its pages replace the pictures of the recording, and its coverage is reported."""

from __future__ import annotations

from typing import Any

from routes.body_limits import accepts_upload
from routes.caller import caller, login_required
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.uploads import uploaded_part
from schemas.decks import CoverageOut, DeckJobOut
from services.lecture_deck import decks as use_case

decks = Blueprint("decks", __name__, scope="content", tag="Recordings")


@decks.put("/<recording_id>/deck")
@endpoint(rate_limits=("upload",))
@login_required
@accepts_upload
@decks.output(DeckJobOut, status_code=202)
@decks.doc(responses={400: "No file", 404: "Not found", 413: "Too large", 422: "Unreadable"}, extensions={"x-form": "DeckForm"})
def attach_deck(recording_id: str) -> Any:
    """Give a recording its deck (multipart field `deck`: PPTX or PDF); the documents are rendered again with its pages."""
    components = container()
    job = use_case.attach(caller(), recording_id, uploaded_part("deck"), components.settings.user_quota_bytes, components.store)
    return DeckJobOut.of(job)


@decks.get("/<recording_id>/deck")
@login_required
@decks.output(CoverageOut)
@decks.doc(responses={404: "The recording or its deck does not exist"})
def show_coverage(recording_id: str) -> Any:
    """Show which pages of the deck were shown, on which slides and for how long, and which were skipped."""
    return CoverageOut.of(use_case.read_coverage(caller(), recording_id))


@decks.delete("/<recording_id>/deck")
@login_required
@decks.output(DeckJobOut)
@decks.doc(responses={404: "The recording or its deck does not exist"})
def remove_deck(recording_id: str) -> Any:
    """Forget the deck; the documents are rendered again with the pictures of the recording."""
    return DeckJobOut.of(use_case.remove(caller(), recording_id, container().store))
