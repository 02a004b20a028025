"""The stage that finds the slides: an image of each, and when it was shown."""

from __future__ import annotations

from domain import MediaInfo, SlideTimeline
from lib.serialization import read_json, write_json
from pipelines.stage import StageInput
from pipelines.stages.probe import recording_path
from services.ocr import text_finder
from services.slides import find_slides
from services.slides.port import SlideOptions


def run(stage_input: StageInput) -> None:
    media = read_json(MediaInfo, stage_input.work.path("media.json"))
    images = stage_input.work.path("images")
    images.mkdir(exist_ok=True)
    timeline = SlideTimeline(())
    if media.video is not None:
        options = SlideOptions.of(stage_input.options)
        timeline = find_slides(
            recording_path(stage_input.work),
            media,
            options,
            images,
            find_text=text_finder(stage_input.check),
            report=stage_input.report,
            check=stage_input.check,
        )
    write_json(stage_input.work.path("slides.json"), timeline)
