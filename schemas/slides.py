"""The slides of a recording in the API. Times are seconds of the recording."""

from __future__ import annotations

from pydantic import BaseModel, Field

from services.library.notes_archive import ArchivedSlide
from services.search.slide_wall import SlidePlace, WallSlide


class VisitOut(BaseModel):
    start_s: float
    end_s: float


class SlideOut(BaseModel):
    number: int = Field(description="From 1, in the order in which the slides are first shown.")
    title: str
    text: str = Field(description="The recognised words of the slide, in lines.")
    width: int
    height: int
    visits: list[VisitOut] = Field(description="When the slide is shown; several if the speaker returns to it.")
    image_url: str | None = Field(description="A JPEG picture; null if there is none.")

    @classmethod
    def of(cls, slide: ArchivedSlide, offset_s: float, image_url: str | None) -> SlideOut:
        visits = [VisitOut(start_s=offset_s + visit.start_s, end_s=offset_s + visit.end_s) for visit in slide.visits]
        return cls(
            number=slide.number,
            title=slide.title,
            text=slide.text,
            width=slide.width,
            height=slide.height,
            visits=visits,
            image_url=image_url,
        )


class SlidesOut(BaseModel):
    source_offset_s: float = Field(
        description="Where the converted part begins in the recording; transcripts and documents count from there."
    )
    slides: list[SlideOut]


class SlidePlaceOut(BaseModel):
    recording_id: str
    recording_title: str
    number: int
    start_s: float = Field(description="When the slide is first shown, in seconds of the recording.")

    @classmethod
    def of(cls, place: SlidePlace) -> SlidePlaceOut:
        return cls(recording_id=place.recording_id, recording_title=place.recording_title, number=place.number, start_s=place.start_s)


class WallSlideOut(BaseModel):
    title: str
    text: str
    width: int
    height: int
    image_url: str | None = Field(description="A JPEG picture; null if there is none.")
    recordings: int = Field(description="The number of recordings that show the slide.")
    places: list[SlidePlaceOut] = Field(description="Where it is shown; at most 50, those of the newest recordings first.")

    @classmethod
    def of(cls, slide: WallSlide, image_url: str | None) -> WallSlideOut:
        return cls(
            title=slide.title,
            text=slide.text,
            width=slide.width,
            height=slide.height,
            image_url=image_url,
            recordings=slide.recordings,
            places=[SlidePlaceOut.of(place) for place in slide.places],
        )


class WallOut(BaseModel):
    slides: list[WallSlideOut]
    total: int
