"""What the recording is."""

from __future__ import annotations

import errors
from lib.serialization import write_json
from pipelines.stage import StageInput
from services.media.probe import probe


def run(given: StageInput) -> None:
    media = probe(given.work.path("source"), check=given.check)
    if media.video is None and media.audio is None:
        raise errors.NoPictureNoSpeech
    write_json(given.work.path("media.json"), media)
