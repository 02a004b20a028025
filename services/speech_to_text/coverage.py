"""How much of what the voice detector heard became words: a sign of quality that needs no truth."""

from __future__ import annotations

import json
from pathlib import Path

from domain import Transcript
from lib.serialization import from_plain
from services.speech_to_text.chunks import Chunk
from services.speech_to_text.port import SAMPLE_RATE
from services.speech_to_text.vad import unheard


def speech_coverage(checkpoint: Path, transcript: Transcript) -> float | None:
    """Share of the speech in a finished `checkpoint` that words of its transcript cover, 0 to 1; None where nobody spoke."""
    words = [word for segment in transcript.segments for word in segment.words]
    spoken = missed = 0
    for line in checkpoint.read_text("utf-8").splitlines():
        record = json.loads(line)
        if "chunk" not in record:
            continue
        chunk = from_plain(Chunk, record["chunk"])
        spans = [(chunk.start + start, chunk.start + end) for start, end in chunk.speech]
        spoken += sum(end - start for start, end in spans)
        near = [word for word in words if word.end_s >= chunk.start_s - 1 and word.start_s <= chunk.end / SAMPLE_RATE + 1]
        missed += sum(end - start for start, end in unheard(spans, near, least_s=0.3))
    return round(1 - missed / spoken, 3) if spoken else None
