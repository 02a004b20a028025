"""The glossary of a user: terms of their lectures, and what speech recognition makes of them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

import errors
from database import session, transaction
from lib.paging import count_rows
from lib.text import clean_text
from models import GlossaryTerm
from services.accounts import Caller
from services.accounts.user_lock import lock_user

MAX_TERMS = 2000
MAX_TERM_LENGTH = 120
MAX_MISHEARD = 20


def list_terms(user_id: str) -> Sequence[GlossaryTerm]:
    """Return a user's terms in alphabetical order."""
    terms = session().execute(select(GlossaryTerm).where(GlossaryTerm.user_id == user_id)).scalars()
    return sorted(terms, key=lambda row: (row.term.casefold(), row.term))


def add_term(caller: Caller, term: str, misheard: Sequence[str]) -> GlossaryTerm:
    """Add a term, or more misheard forms of one. Raises ValidationFailed and GlossaryFull."""
    with transaction() as write_session:
        return add(write_session, caller.user_id, term, misheard)


def add(session: Session, user_id: str, term: str, misheard: Sequence[str]) -> GlossaryTerm:
    """Do the same in an open transaction."""
    term = clean_text(term)
    if not term or len(term) > MAX_TERM_LENGTH:
        raise errors.ValidationFailed(f"A term has 1 to {MAX_TERM_LENGTH} characters.")
    forms = [form for each in misheard if (form := clean_text(each)[:MAX_TERM_LENGTH]) and form != term]
    lock_user(session, user_id)  # two requests may add the same term
    row = session.execute(select(GlossaryTerm).where(GlossaryTerm.user_id == user_id, GlossaryTerm.term == term)).scalar_one_or_none()
    if row is None:
        if count_rows(GlossaryTerm, GlossaryTerm.user_id == user_id) >= MAX_TERMS:
            raise GlossaryFull(f"The limit is {MAX_TERMS} terms.")
        row = GlossaryTerm(user_id=user_id, term=term, misheard=[])
        session.add(row)
    row.misheard = list(dict.fromkeys([*row.misheard, *forms]))[-MAX_MISHEARD:]
    session.flush()
    return row


def remove_term(caller: Caller, term_id: str) -> None:
    """Delete a term. Raises NotFound."""
    with transaction() as write_session:
        row = write_session.get(GlossaryTerm, term_id)
        if row is None or row.user_id != caller.user_id:
            raise errors.NotFound("term")
        write_session.delete(row)


class GlossaryFull(errors.Conflict):
    """The glossary is full."""

    code = "glossary_full"
    hint = "Delete terms that you no longer need."
