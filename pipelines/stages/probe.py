"""The stage that probes the recording."""

from __future__ import annotations

import errors
from lib.serialization import write_json
from pipelines.stage import StageInput
from services.media.probe import probe


def run(stage_input: StageInput) -> None:
    media = probe(stage_input.work.path("source"), check=stage_input.check)
    if media.video is None and media.audio is None:
        raise errors.NoSlidesNoSpeech
    write_json(stage_input.work.path("media.json"), media)
