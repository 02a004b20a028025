"""The text of a transcription that is running, from its checkpoint."""

from __future__ import annotations

import json
from pathlib import Path

from domain import Segment
from lib.serialization import from_plain
from services.speech_to_text.capitals import capitalise_sentences
from services.speech_to_text.chunks import Chunk


class PartialTranscript:
    """Reads a checkpoint that another process writes. A chunk counts once all chunks before it are finished.

    A checkpoint that is replaced by a new one is no longer read.
    """

    def __init__(self, checkpoint: Path) -> None:
        self._path, self._offset, self._end = checkpoint, 0, 0
        self._was_replaced = False
        self._finished_by_start: dict[int, tuple[Chunk, list[Segment]]] = {}
        self._segments: list[Segment] = []

    def new_segments(self) -> tuple[Segment, ...]:
        """Return the segments that were finished since the last call, in order and as the final transcript has them."""
        finished_count = len(self._segments)
        self._read()
        while self._end in self._finished_by_start:
            chunk, segments = self._finished_by_start.pop(self._end)
            self._end = chunk.end
            self._segments += segments
        return capitalise_sentences(tuple(self._segments))[finished_count:]

    def _read(self) -> None:
        """Read the lines that were added; an incomplete one is read later."""
        try:
            with self._path.open("rb") as file:
                self._was_replaced |= file.seek(0, 2) < self._offset
                if self._was_replaced:
                    return
                file.seek(self._offset)
                lines = file.readlines()
        except FileNotFoundError:
            return
        for line in lines:
            if not line.endswith(b"\n"):
                break
            self._offset += len(line)
            record = json.loads(line)
            if "chunk" in record:
                chunk = from_plain(Chunk, record["chunk"])
                self._finished_by_start[chunk.start] = (chunk, [from_plain(Segment, plain) for plain in record["segments"]])
