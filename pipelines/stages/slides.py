"""The stage that finds the slides: an image of each, and when it was shown."""

from __future__ import annotations

from domain import MediaInfo, SlideTimeline
from lib.serialization import read_json, write_json
from pipelines.stage import StageInput
from services.slides import find_slides
from services.slides.port import SlideOptions


def run(given: StageInput) -> None:
    media = read_json(MediaInfo, given.work.path("media.json"))
    images = given.work.path("images")
    images.mkdir(exist_ok=True)
    timeline = SlideTimeline(())
    if media.video is not None:
        options = SlideOptions.of(given.options)
        timeline = find_slides(given.work.path("source"), media, options, images, report=given.report, check=given.check)
    write_json(given.work.path("slides.json"), timeline)
