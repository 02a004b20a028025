"""The share of detected speech that has words: a quality measure without a reference transcript."""

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
    speech_length = uncovered_length = 0
    for line in checkpoint.read_text("utf-8").splitlines():
        record = json.loads(line)
        if "chunk" not in record:
            continue
        chunk = from_plain(Chunk, record["chunk"])
        spans = [(chunk.start + start, chunk.start + end) for start, end in chunk.speech]
        speech_length += sum(end - start for start, end in spans)
        chunk_words = [word for word in words if word.end_s >= chunk.start_s - 1 and word.start_s <= chunk.end / SAMPLE_RATE_HZ + 1]
        uncovered_length += sum(end - start for start, end in uncovered_spans(spans, chunk_words, min_duration_s=0.3))
    return round(1 - uncovered_length / speech_length, 3) if speech_length else None
