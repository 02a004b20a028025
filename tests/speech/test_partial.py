"""The partial transcript of a running transcription."""

from __future__ import annotations

from pathlib import Path

from domain import Segment, Word
from services.speech_to_text import PartialTranscript
from services.speech_to_text.checkpoint import Checkpoint
from services.speech_to_text.chunks import Chunk


def make_segments(text: str, start_s: float) -> list[Segment]:
    words = tuple(Word(f" {word}", start_s + at, start_s + at + 0.9) for at, word in enumerate(text.split()))
    return [Segment(start_s, words[-1].end_s, words)]


def test_segments_come_in_order_and_as_they_will_be_in_the_end(tmp_path: Path) -> None:
    path = tmp_path / "speech.checkpoint"
    partial = PartialTranscript(path)
    assert partial.new_segments() == ()
    checkpoint = Checkpoint.open(path, {"v": 1})
    checkpoint.save(Chunk(100, 200, ()), make_segments("and the second ends.", 10.0), {})
    assert partial.new_segments() == ()  # the first one is not finished
    checkpoint.save(Chunk(0, 100, ()), make_segments("we begin. so", 0.0), {})
    first, second = partial.new_segments()
    assert (first.text, second.text) == ("we begin. So", "and the second ends.")
    with path.open("ab") as file:
        file.write(b'{"chunk": {"start": 200')  # is being written
    assert partial.new_segments() == ()
    with path.open("ab") as file:
        file.write(b', "end": 300, "speech": []}, "segments": [], "speech_s": {}}\n')
    checkpoint.save(Chunk(300, 400, ()), make_segments("then the last", 30.0), {})
    assert [segment.text for segment in partial.new_segments()] == ["Then the last"]
