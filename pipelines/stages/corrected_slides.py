"""Notes with the slides as a user has corrected them: times, titles, order and pictures."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from domain import Box, LectureNotes, OcrWord, Slide, Transcript, Visit
from pipelines.stages.edited_notes import with_transcript
from services.slide_plan.plan import Crop, PlannedSlide, base_plan, fingerprint, plan_from_plain, with_titles

_JPEG_QUALITY = 92
_MISFIT = "Your corrections of the slides belong to an earlier conversion that found other slides. They were left out."


def with_slides(
    notes: LectureNotes, plain_plan: Sequence[Any], expected_fingerprint: str, images: Path
) -> tuple[LectureNotes, tuple[str, ...]]:
    """Return the notes with the slides of a plan, and warnings. The folder of images then has the pictures of these slides.

    Notes whose slides do not have the expected fingerprint stay as they are.
    """
    detected_slides = {slide.number: slide for slide in notes.slides}
    times = ((slide.number, slide.title, [visit.time for visit in slide.visits]) for slide in notes.slides)
    plan = plan_from_plain(plain_plan)
    if fingerprint(base_plan(times)) != expected_fingerprint or any(each.source not in detected_slides for each in plan):
        return notes, (_MISFIT,)
    plan = with_titles(plan, {slide.number: slide.title for slide in notes.slides})
    slides = tuple(_slide(number, each, detected_slides[each.source], images) for number, each in enumerate(plan, 1))
    new_notes = with_transcript(dataclasses.replace(notes, slides=slides), _transcript_of(notes))
    used_images = {slide.image for slide in slides} | {build.image for slide in slides for build in slide.builds}
    for path in images.iterdir():
        if path.name not in used_images:
            path.unlink()
    return dataclasses.replace(new_notes, captions=notes.captions), ()


def _transcript_of(notes: LectureNotes) -> Transcript:
    """Return the words of the notes in time order."""
    visits = [visit for slide in notes.slides for visit in slide.visits]
    paragraphs = [*notes.unplaced, *(paragraph for visit in visits for paragraph in visit.paragraphs)]
    return Transcript(notes.language, tuple(sorted(paragraphs, key=lambda each: each.start_s)), notes.speech_source)


def _slide(number: int, planned_slide: PlannedSlide, detected_slide: Slide, images: Path) -> Slide:
    slide = dataclasses.replace(
        detected_slide,
        number=number,
        title=planned_slide.title,
        visits=tuple(Visit(time) for time in planned_slide.visits),
        frame_time_s=planned_slide.start_s,
    )
    if planned_slide.source == planned_slide.key and planned_slide.build is None:
        slide = dataclasses.replace(slide, frame_time_s=detected_slide.frame_time_s)
    if planned_slide.build is not None:
        slide = _at_build(slide, planned_slide.build, images)
    return slide if planned_slide.crop is None else _crop(slide, planned_slide.crop, images)


def _at_build(slide: Slide, index: int, images: Path) -> Slide:
    """Show a build step. Nobody has read the words of its picture, so that the slide has none."""
    build = slide.builds[index] if index < len(slide.builds) else None
    if build is None or build.image is None or not (images / build.image).is_file():
        return slide
    with Image.open(images / build.image) as picture:
        width, height = picture.size
    earlier_builds = slide.builds[:index]
    return dataclasses.replace(
        slide, image=build.image, width=width, height=height, frame_time_s=build.time_s, ocr=(), builds=earlier_builds
    )


def _crop(slide: Slide, crop: Crop, images: Path) -> Slide:
    """Cut the picture and keep the words inside it."""
    source = images / slide.image
    if not slide.image or not source.is_file():
        return slide
    name = f"{source.stem}-{slide.number}-cropped{source.suffix}"
    with Image.open(source) as picture:
        left, top = round(crop.x * picture.width), round(crop.y * picture.height)
        width, height = max(1, round(crop.width * picture.width)), max(1, round(crop.height * picture.height))
        part = picture.crop((left, top, min(picture.width, left + width), min(picture.height, top + height)))
        part.save(images / name, quality=_JPEG_QUALITY)
    words = tuple(_shift(word, left, top) for word in slide.ocr if _is_inside(word.box, Box(left, top, width, height)))
    return dataclasses.replace(slide, image=name, width=part.width, height=part.height, ocr=words, builds=())


def _is_inside(box: Box, area: Box) -> bool:
    middle_x, middle_y = box.x + box.width / 2, box.y + box.height / 2
    return area.x <= middle_x < area.x + area.width and area.y <= middle_y < area.y + area.height


def _shift(word: OcrWord, left: int, top: int) -> OcrWord:
    box = word.box
    box_on_crop = Box(max(0, box.x - left), max(0, box.y - top), box.width, box.height)
    return dataclasses.replace(word, box=box_on_crop)
