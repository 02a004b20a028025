"""Citations of moments of a recording: short codes that lead to them, and what a reader cites them with. Pure functions."""

from services.citations.citation import Citation, bibtex, csl, label, text
from services.citations.moments import Moment, find_moment, moment_code, parse_moment

__all__ = ["Citation", "Moment", "bibtex", "csl", "find_moment", "label", "moment_code", "parse_moment", "text"]
