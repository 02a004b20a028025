"""What is done so far, as JSON lines that are only ever appended: a killed job loses the chunks that were running, no more."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from domain import Segment
from lib.disk import disk_errors
from lib.serialization import from_plain, to_plain
from services.speech_to_text.chunks import Chunk


@dataclass
class Checkpoint:
    """Lines are {"of": fingerprint}, {"language", "probability", "engine"} or {"chunk", "segments"}; a foreign or torn file starts anew.

    What was said stays on disk until all of it is asked for.
    """

    path: Path
    of: Mapping[str, Any]
    language: tuple[str, float] | None = None
    engine: str = ""
    chunks: dict[int, Chunk] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def opened(cls, path: Path, of: Mapping[str, Any]) -> Checkpoint:
        checkpoint = cls(path, of)
        whole = checkpoint._load()
        if whole:
            os.truncate(path, whole)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"")
            checkpoint._append({"of": dict(of)})
        return checkpoint

    @classmethod
    def finished(cls, path: Path) -> Checkpoint:
        """One that another process has brought to its end."""
        with path.open("rb") as file:
            checkpoint = cls(path, json.loads(file.readline())["of"])
        checkpoint._load()
        return checkpoint

    def keep_language(self, language: str, probability: float, engine: str) -> None:
        self.language, self.engine = (language, probability), engine
        self._append({"language": language, "probability": probability, "engine": engine})

    def keep(self, chunk: Chunk, segments: list[Segment]) -> None:
        self._append({"chunk": to_plain(chunk), "segments": [to_plain(segment) for segment in segments]})
        with self._lock:
            self.chunks[chunk.start] = chunk

    def segments(self) -> tuple[Segment, ...]:
        """All that was said, in order."""
        with self.path.open("rb") as file:
            records = [record for line in file if "chunk" in (record := json.loads(line))]
        records.sort(key=lambda record: int(record["chunk"]["start"]))
        return tuple(from_plain(Segment, plain) for record in records for plain in record["segments"])

    def _append(self, line: Mapping[str, Any]) -> None:
        data = json.dumps(line, ensure_ascii=False).encode() + b"\n"
        with disk_errors(), self._lock, self.path.open("ab") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def _load(self) -> int:
        """Read what is whole; -> how many bytes that is, 0 for none of ours."""
        if not self.path.is_file():
            return 0
        whole = 0
        with self.path.open("rb") as file:
            for number, line in enumerate(file):
                try:
                    record = json.loads(line)
                    if not line.endswith(b"\n") or (number == 0 and record["of"] != dict(self.of)):
                        break
                    self._take(record)
                except (ValueError, KeyError, TypeError):
                    break
                whole += len(line)
        return whole

    def _take(self, record: Mapping[str, Any]) -> None:
        if "language" in record:
            self.language, self.engine = (record["language"], record["probability"]), record["engine"]
        elif "chunk" in record:
            chunk = from_plain(Chunk, record["chunk"])
            self.chunks[chunk.start] = chunk
