"""The terms of a lecture: where they are mentioned on slides and in speech, and the sentences that define them. Pure functions."""

from services.terms.finding import Mention, Term, find_terms
from services.terms.sections import find_sections

__all__ = ["Mention", "Term", "find_sections", "find_terms"]
