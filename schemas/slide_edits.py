"""Slide edits in the API. Times are seconds of the recording."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from lib.numbers import reject_bool
from schemas.slides import VisitOut
from services.slide_edits.editing import SlideState
from services.slide_plan.changes import Change, Split

PictureUrl = Callable[[int, int | None], str]
"""(number of the detected slide, index of a build step or None) -> address"""


class SlideRevisionIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    revision: Annotated[int, Field(ge=1, le=10_000_000), reject_bool] | None = Field(
        None, description="The revision that was edited; a newer one is a conflict. Omitted: no check."
    )


class SlideChangeIn(SlideRevisionIn):
    change: Change

    def change_from(self, offset_s: float) -> Change:
        """Return the change with times that count from the beginning of the converted part."""
        if isinstance(self.change, Split):
            return self.change.model_copy(update={"at_s": max(0.0, self.change.at_s - offset_s)})
        return self.change


class CropOut(BaseModel):
    x: float
    y: float
    width: float
    height: float


class BuildOut(BaseModel):
    index: int
    time_s: float = Field(description="When this state was complete.")
    image_url: str


class EditedSlideOut(BaseModel):
    key: int = Field(description="Names the slide in changes; it stays the same.")
    title: str
    source: int = Field(description="The number of the detected slide whose picture it shows.")
    build: int | None = Field(description="The build step that it shows; null: the final state.")
    crop: CropOut | None = Field(description="The part of the picture that documents show, as shares of its width and height.")
    visits: list[VisitOut]
    width: int
    height: int
    image_url: str | None = Field(description="The whole picture, JPEG.")
    builds: list[BuildOut] = Field(description="Earlier states of the slide that it can show instead.")


class SlideEditsOut(BaseModel):
    revision: int
    undo_steps: int
    redo_steps: int
    documents_are_current: bool = Field(description="Whether the documents were requested with these slides.")
    slides: list[EditedSlideOut]

    @classmethod
    def of(cls, state: SlideState, picture_url: PictureUrl) -> SlideEditsOut:
        offset_s, slides_out = state.detected_slides.source_offset_s, []
        for slide in state.plan:
            source = state.source(slide.source)
            builds = [
                BuildOut(index=index, time_s=offset_s + build.time_s, image_url=picture_url(slide.source, index))
                for index, build in enumerate(source.builds if source else ())
                if build.size
            ]
            has_picture = source is not None and source.size > 0
            slides_out.append(
                EditedSlideOut(
                    key=slide.key,
                    title=slide.title,
                    source=slide.source,
                    build=slide.build,
                    crop=CropOut(**vars(slide.crop)) if slide.crop else None,
                    visits=[VisitOut(start_s=offset_s + each.start_s, end_s=offset_s + each.end_s) for each in slide.visits],
                    width=source.width if source else 0,
                    height=source.height if source else 0,
                    image_url=picture_url(slide.source, slide.build) if has_picture else None,
                    builds=builds,
                )
            )
        return cls(
            revision=state.revision,
            undo_steps=state.undo_steps,
            redo_steps=state.redo_steps,
            documents_are_current=state.documents_are_current,
            slides=slides_out,
        )
