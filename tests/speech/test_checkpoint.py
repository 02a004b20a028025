"""The checkpoint file of speech recognition."""

from __future__ import annotations

from pathlib import Path

from domain import Segment, Word
from lib.process import ignore_progress
from lib.serialization import to_plain
from scripts.audio import write_wav
from services.speech_to_text.checkpoint import Checkpoint
from services.speech_to_text.chunks import Chunk
from services.speech_to_text.port import SpeechLanguage, SpeechOptions
from services.speech_to_text.worker import transcribe_chunks
from tests.speech.conftest import silence


def test_incomplete_lines_and_other_fingerprints_of_a_checkpoint_are_discarded(tmp_path: Path) -> None:
    path, fingerprint = tmp_path / "c.jsonl", {"samples": 5}
    chunk = Chunk(0, 5, ((1, 2),))
    segment = Segment(0.0, 1.0, (Word(" ä", 0.0, 1.0, 0.5),))
    first = Checkpoint.open(path, fingerprint)
    language = SpeechLanguage("de", 0.9, ("de", "en"))
    first.save_language(language, "an engine")
    first.save(chunk, [segment], {"de": 1.5})
    with path.open("ab") as file:
        file.write(b'{"chunk": {"start": 5,')
    again = Checkpoint.open(path, fingerprint)
    assert (again.language, again.engine, again.chunks, again.segments()) == (language, "an engine", {0: chunk}, (segment,))
    again.save(Chunk(5, 9, ()), [], {"de": 1.0, "en": 4.0})
    assert list(again.speech_s_by_language().items()) == [("en", 4.0), ("de", 2.5)]
    assert sorted(Checkpoint.open(path, fingerprint).chunks) == [0, 5]
    assert Checkpoint.open(path, {"samples": 6}).chunks == {}
    path.write_bytes(b"\xff\xfe garbage")
    assert Checkpoint.open(path, fingerprint).chunks == {}


def test_a_checkpoint_of_other_weights_is_discarded(tmp_path: Path) -> None:
    wav, path = write_wav(tmp_path / "a.wav", silence(1)), tmp_path / "c.jsonl"

    def transcribe(model: str) -> None:
        options = to_plain(SpeechOptions(cache_folder=tmp_path, model=model))
        payload = {"wav": str(wav), "language": None, "checkpoint": str(path), "options": options}
        assert transcribe_chunks(payload, ignore_progress) == {"is_complete": True}

    transcribe("base")
    Checkpoint.load(path).save_language(SpeechLanguage("de", 0.9), "an engine")
    transcribe("base")
    assert Checkpoint.load(path).language == SpeechLanguage("de", 0.9)
    transcribe("small")
    assert Checkpoint.load(path).language is None
