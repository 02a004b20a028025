"""Read subtitles that a test writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from domain import Transcript
from services.subtitles import read_subtitles

Read = Callable[[str], Transcript]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_text(content: str, duration_s: float = 60) -> Transcript:
        path = tmp_path / "subtitles"
        path.write_bytes(content.encode())
        return read_subtitles(path, duration_s)

    return read_text


def texts(transcript: Transcript) -> list[str]:
    return [segment.text for segment in transcript.segments]


def spans(transcript: Transcript) -> list[tuple[float, float, str]]:
    return [(segment.start_s, segment.end_s, segment.text) for segment in transcript.segments]
