"""Results of searches. Ranges are [start, end) in characters of the text beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from pydantic import BaseModel, Field

from schemas.videos import VideoOut
from services.search.searching import Hit, Moment, SearchResult
from services.search.snippets import Snippet

ImageUrl = Callable[[str, int, str], str]
"""The address of a slide's picture: recording, number and version."""


class SnippetOut(BaseModel):
    text: str
    ranges: list[tuple[int, int]] = Field(description="The parts of the text to emphasise, as [start, end) in Unicode code points.")

    @classmethod
    def of(cls, snippet: Snippet) -> SnippetOut:
        return cls(text=snippet.text, ranges=list(snippet.ranges))


class MomentSlideOut(BaseModel):
    number: int
    title: str
    image_url: str | None = Field(description="A JPEG picture; null if there is none.")


class MomentOut(BaseModel):
    kind: Literal["speech", "slide"] = Field(description="Whether the words are said, or shown on a slide.")
    start_s: float = Field(description="Seconds of the recording: when the first of the words is said, or the slide is first shown.")
    end_s: float
    snippet: SnippetOut
    slide: MomentSlideOut | None = Field(description="The slide that is shown at that time.")

    @classmethod
    def of(cls, moment: Moment, recording_id: str, image_url: ImageUrl) -> MomentOut:
        slide = moment.slide
        slide_out = None
        if slide is not None:
            address = image_url(recording_id, slide.number, slide.version) if slide.has_picture else None
            slide_out = MomentSlideOut(number=slide.number, title=slide.title, image_url=address)
        snippet = SnippetOut.of(moment.snippet)
        return cls(kind=moment.kind, start_s=moment.start_s, end_s=moment.end_s, snippet=snippet, slide=slide_out)


class HitOut(BaseModel):
    recording: VideoOut
    is_own: bool
    score: float = Field(description="Comparable within one response only.")
    title: SnippetOut
    description: SnippetOut
    moments: list[MomentOut] = Field(description="The best moments: at most a slide and two segments of speech.")

    @classmethod
    def of(cls, hit: Hit, viewer_id: str, image_url: ImageUrl) -> HitOut:
        return cls(
            recording=VideoOut.of(hit.video),
            is_own=hit.video.recording.user_id == viewer_id,
            score=hit.score,
            title=SnippetOut.of(hit.title),
            description=SnippetOut.of(hit.description),
            moments=[MomentOut.of(each, hit.video.recording.id, image_url) for each in hit.moments],
        )


class SearchOut(BaseModel):
    results: list[HitOut]
    total: int = Field(description="The number of recordings; at most 2,000, which are ranked.")
    is_truncated: bool = Field(description="Whether there are more recordings than were ranked.")
    is_approximate: bool = Field(description="Whether no recording has the words, and these have titles with similar ones.")

    @classmethod
    def of(cls, result: SearchResult, viewer_id: str, image_url: ImageUrl) -> SearchOut:
        return cls(
            results=[HitOut.of(hit, viewer_id, image_url) for hit in result.hits],
            total=result.total,
            is_truncated=result.is_truncated,
            is_approximate=result.is_approximate,
        )
