"""The caller's glossary."""

from __future__ import annotations

from typing import Any

from routes.caller import caller, login_required
from routes.endpoints import Blueprint
from schemas.accounts import MessageOut
from schemas.transcripts import TermIn, TermOut, TermsOut
from services.transcripts import glossary as use_case

glossary = Blueprint("glossary", __name__, scope="content", tag="Transcripts")


@glossary.get("")
@login_required
@glossary.output(TermsOut)
def list_terms() -> Any:
    """List the terms of the caller's glossary, in alphabetical order."""
    return TermsOut(terms=[TermOut.of(row) for row in use_case.list_terms(caller().user_id)])


@glossary.post("")
@login_required
@glossary.input(TermIn)
@glossary.output(TermOut, status_code=201)
@glossary.doc(responses={409: "The glossary is full"})
def add_term(json_data: TermIn) -> Any:
    """Add a term, or misheard forms to a known one."""
    return TermOut.of(use_case.add_term(caller(), json_data.term, json_data.misheard))


@glossary.delete("/<term_id>")
@login_required
@glossary.output(MessageOut)
@glossary.doc(responses={404: "Not found"})
def delete_term(term_id: str) -> Any:
    """Delete a term."""
    use_case.remove_term(caller(), term_id)
    return MessageOut(message="Deleted.")
