"""The slides, one picture each, and when they were shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain import Box, MediaInfo, SlideTimeline
from pipelines.stage import StageInput
from services.slides import find_slides
from services.slides.port import SlideOptions
from services.tools.records import read_json, write_json


def run(given: StageInput) -> None:
    media = read_json(MediaInfo, given.work.path("media.json"))
    images = given.work.path("images")
    images.mkdir(exist_ok=True)
    timeline = SlideTimeline(())
    if media.video is not None:
        wanted = slide_options(given.options)
        timeline = find_slides(given.work.path("source"), media, wanted, images, report=given.report, check=given.check)
    write_json(given.work.path("slides.json"), timeline)


def slide_options(options: Mapping[str, Any]) -> SlideOptions:
    """What a job's options ask of the engine. Boxes are written `x,y,width,height`."""
    boxes = [_box(text) for text in options.get("ignore", "").split(";") if text]
    region = _box(options["region"]) if options.get("region") else None
    return SlideOptions(options["sensitivity"], options["builds"], region, tuple(boxes))


def _box(text: str) -> Box:
    x, y, width, height = (int(part) for part in text.split(","))
    return Box(x, y, width, height)
