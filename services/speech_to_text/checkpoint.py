"""The progress of a transcription as an append-only JSON-lines file; a killed job loses only the chunks that were running."""

from __future__ import annotations

import json
import os
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from domain import FlaggedSegment, Segment
from lib.disk import disk_errors
from lib.serialization import from_plain, to_plain
from services.speech_to_text.chunks import Chunk
from services.speech_to_text.port import SpeechLanguage


@dataclass
class Checkpoint:
    """Lines are {"fingerprint"}, {"language", "engine", "warning"} or {"chunk", "segments", "speech_s", "flagged"}.

    `speech_s` is the duration of the speech by language.

    A file with another fingerprint is replaced; an incomplete last line is cut off. Segments stay on disk until `segments` is called.
    """

    path: Path
    fingerprint: Mapping[str, Any]
    language: SpeechLanguage | None = None
    engine: str = ""
    warning: str = ""
    chunks: dict[int, Chunk] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def open(cls, path: Path, fingerprint: Mapping[str, Any]) -> Checkpoint:
        """Open the checkpoint at `path`; start an empty one where it is missing or has another fingerprint."""
        checkpoint = cls(path, fingerprint)
        valid_bytes = checkpoint._load()
        if valid_bytes:
            os.truncate(path, valid_bytes)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"")
            checkpoint._append({"fingerprint": dict(fingerprint)})
        return checkpoint

    @classmethod
    def load(cls, path: Path) -> Checkpoint:
        """Read a complete checkpoint that another process wrote."""
        with path.open("rb") as file:
            checkpoint = cls(path, json.loads(file.readline())["fingerprint"])
        checkpoint._load()
        return checkpoint

    def save_language(self, language: SpeechLanguage, engine: str, warning: str = "") -> None:
        """Save the language, the engine's name and its warning."""
        self.language, self.engine, self.warning = language, engine, warning
        self._append({"language": to_plain(language), "engine": engine, "warning": warning})

    def save(
        self,
        chunk: Chunk,
        segments: Sequence[Segment],
        speech_s_by_language: Mapping[str, float],
        flagged_segments: Sequence[FlaggedSegment] = (),
    ) -> None:
        line = {"chunk": to_plain(chunk), "segments": [to_plain(each) for each in segments], "speech_s": dict(speech_s_by_language)}
        self._append({**line, **({"flagged": [to_plain(each) for each in flagged_segments]} if flagged_segments else {})})
        with self._lock:
            self.chunks[chunk.start] = chunk

    def segments(self) -> tuple[Segment, ...]:
        """Return all segments in time order."""
        return tuple(from_plain(Segment, plain) for record in self._records() for plain in record["segments"])

    def flagged_segments(self) -> tuple[FlaggedSegment, ...]:
        """Return all segments that are not real speech, in time order."""
        return tuple(from_plain(FlaggedSegment, plain) for record in self._records() for plain in record.get("flagged", ()))

    def _records(self) -> list[dict[str, Any]]:
        with self.path.open("rb") as file:
            records = [record for line in file if "chunk" in (record := json.loads(line))]
        return sorted(records, key=lambda record: int(record["chunk"]["start"]))

    def speech_s_by_language(self) -> dict[str, float]:
        """Return the duration of the speech in each language, the longest first."""
        durations_s: dict[str, float] = defaultdict(float)
        with self.path.open("rb") as file:
            for line in file:
                for language, duration_s in json.loads(line).get("speech_s", {}).items():
                    durations_s[language] += duration_s
        return dict(sorted(durations_s.items(), key=lambda item: -item[1]))

    def _append(self, line: Mapping[str, Any]) -> None:
        data = json.dumps(line, ensure_ascii=False).encode() + b"\n"
        with disk_errors(), self._lock, self.path.open("ab") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def _load(self) -> int:
        """Read the complete lines; return their size in bytes, 0 where the fingerprint differs."""
        if not self.path.is_file():
            return 0
        valid_bytes = 0
        with self.path.open("rb") as file:
            for number, line in enumerate(file):
                try:
                    record = json.loads(line)
                    if not line.endswith(b"\n") or (number == 0 and record["fingerprint"] != dict(self.fingerprint)):
                        break
                    self._apply(record)
                except (ValueError, KeyError, TypeError):
                    break
                valid_bytes += len(line)
        return valid_bytes

    def _apply(self, record: Mapping[str, Any]) -> None:
        if "language" in record:
            self.language, self.engine = from_plain(SpeechLanguage, record["language"]), record["engine"]
            self.warning = record["warning"]
        elif "chunk" in record:
            chunk = from_plain(Chunk, record["chunk"])
            self.chunks[chunk.start] = chunk
