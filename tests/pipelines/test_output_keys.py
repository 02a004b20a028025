"""Outputs of different kinds never have the same place in the store."""

from __future__ import annotations

from pipelines.document_rendering import DOCUMENT_RENDERING
from pipelines.lecture_notes import LECTURE_NOTES
from pipelines.lesson import LESSON
from services.documents import FORMATS
from services.storage import keys


def test_the_outputs_of_a_recording_have_keys_of_their_own() -> None:
    options = {"formats": list(FORMATS)}
    outputs = {output.name: output for kind in (LECTURE_NOTES, DOCUMENT_RENDERING, LESSON) for output in kind.outputs(options)}
    by_key: dict[str, list[str]] = {}
    for output in outputs.values():
        by_key.setdefault(keys.document("id", output.name, output.extension), []).append(output.name)
    assert len(by_key) > len(FORMATS) and [names for names in by_key.values() if len(names) > 1] == []
