"""The share of detected speech that became words: a quality measure that needs no reference transcript."""

from __future__ import annotations

import json
from pathlib import Path

from domain import Transcript
from lib.serialization import from_plain
from services.speech_to_text.chunks import Chunk
from services.speech_to_text.port import SAMPLE_RATE_HZ
from services.speech_to_text.vad import uncovered_spans


def speech_coverage(checkpoint: Path, transcript: Transcript) -> float | None:
    """Return the share (0 to 1) of speech (by VAD) in a complete `checkpoint` that transcript words cover; None without speech."""
    words = [word for segment in transcript.segments for word in segment.words]
    spoken = uncovered = 0
    for line in checkpoint.read_text("utf-8").splitlines():
        record = json.loads(line)
        if "chunk" not in record:
            continue
        chunk = from_plain(Chunk, record["chunk"])
        spans = [(chunk.start + start, chunk.start + end) for start, end in chunk.speech]
        spoken += sum(end - start for start, end in spans)
        near = [word for word in words if word.end_s >= chunk.start_s - 1 and word.start_s <= chunk.end / SAMPLE_RATE_HZ + 1]
        uncovered += sum(end - start for start, end in uncovered_spans(spans, near, min_duration_s=0.3))
    return round(1 - uncovered / spoken, 3) if spoken else None
