"""The deck of a recording as the API shows it."""

from __future__ import annotations

from pydantic import BaseModel, Field

from domain import DeckPageUse
from models import Job
from schemas.recordings import JobOut
from services.lecture_deck.decks import Coverage


class DeckPageOut(BaseModel):
    number: int
    title: str
    slides: list[int] = Field(description="The slides of the recording that show this page; empty if none does.")
    shown_s: float = Field(description="For how long it was shown, in seconds.")
    is_step: bool = Field(description="Whether it is an earlier build step of a page that was shown.")
    is_skipped: bool = Field(description="Whether the recording shows neither the page nor a later step of it.")
    speaker_notes: str

    @classmethod
    def of(cls, page: DeckPageUse) -> DeckPageOut:
        return cls(
            number=page.number,
            title=page.title,
            slides=list(page.slides),
            shown_s=page.shown_s,
            is_step=page.is_step,
            is_skipped=not page.slides and not page.is_step,
            speaker_notes=page.speaker_notes,
        )


class CoverageOut(BaseModel):
    is_rendered: bool = Field(description="False until the documents have been rendered with the present deck; then there are no pages.")
    pages: list[DeckPageOut]
    skipped: int

    @classmethod
    def of(cls, coverage: Coverage) -> CoverageOut:
        pages = [DeckPageOut.of(page) for page in coverage.pages]
        return cls(is_rendered=coverage.is_rendered, pages=pages, skipped=sum(page.is_skipped for page in pages))


class DeckJobOut(BaseModel):
    job: JobOut | None = Field(
        description="The job that renders the documents; null if a running job is followed by it, or there are none."
    )

    @classmethod
    def of(cls, job: Job | None) -> DeckJobOut:
        return cls(job=JobOut.of(job) if job else None)
