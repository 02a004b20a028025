"""Citations of moments as the API shows them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from services import citations
from services.moments.moments import CitedMoment


class CitationOut(BaseModel):
    url: str = Field(description="A permanent link to the moment: it follows the words if they are edited, or if their times change.")
    label: str = Field(description='Where the moment is, such as "Lecture 5, slide 12 at 14:03".')
    quote: str
    time_s: float = Field(description="Where the first word of the moment begins, in seconds of the recording.")
    slide: int | None
    text: str
    bibtex: str
    csl: dict[str, Any] = Field(description="CSL-JSON, for Zotero and other reference managers.")

    @classmethod
    def of(cls, moment: CitedMoment) -> CitationOut:
        citation = moment.citation
        return cls(
            url=citation.url,
            label=citations.label(citation),
            quote=citation.quote,
            time_s=moment.time_s,
            slide=citation.slide or None,
            text=citations.text(citation),
            bibtex=citations.bibtex(citation),
            csl=citations.csl(citation),
        )
