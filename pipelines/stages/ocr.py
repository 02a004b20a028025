"""The stage that reads the words on the slides, with their boxes."""

from __future__ import annotations

from dataclasses import dataclass

from domain import OcrWord, SlideTimeline
from lib.serialization import read_json, write_json
from pipelines.stage import StageInput
from services import ocr


@dataclass(frozen=True)
class OcrPages:
    """The words of each slide's image, in the order of the timeline, and the titles of the slides if they are known."""

    pages: tuple[tuple[OcrWord, ...], ...]
    titles: tuple[str, ...] = ()


def run(stage_input: StageInput) -> None:
    timeline = read_json(SlideTimeline, stage_input.work.path("slides.json"))
    images = [stage_input.work.path("images") / slide.image for slide in timeline.slides if slide.image]
    words: tuple[tuple[OcrWord, ...], ...] = ()
    if images:
        language = stage_input.options.get("language") or "en"
        options = stage_input.engines.get(ocr.OcrOptions)
        words = ocr.read_pictures(images, language, options, report=stage_input.report, check=stage_input.check)
    write_json(stage_input.work.path("ocr.json"), OcrPages(words))
