"""Answers of the language model on disk, a line each, so that a killed job does not pay for them again."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from dataclasses import asdict
from pathlib import Path

from services.language_model.chat import Answer
from services.proofreading.values import ProofreadingOptions


class Checkpoint:
    """Answers by server, model, instructions and text. Threads may share it. Without a file it keeps nothing."""

    def __init__(self, file: Path | None, options: ProofreadingOptions) -> None:
        self._file, self._model = file, f"{options.base_url}\n{options.model}"
        self._lock = threading.Lock()
        self._answers: dict[str, Answer] = {}
        if file is not None and file.exists():
            self._load(file)

    def find(self, instructions: str, text: str) -> Answer | None:
        return self._answers.get(self._key(instructions, text))

    def add(self, instructions: str, text: str, answer: Answer) -> None:
        """Write the answer to the disk before it returns."""
        if self._file is None:
            return
        line = json.dumps([self._key(instructions, text), asdict(answer)], ensure_ascii=False)
        with self._lock, self._file.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
            file.flush()
            os.fsync(file.fileno())

    def _key(self, instructions: str, text: str) -> str:
        return hashlib.sha256("\0".join((self._model, instructions, text)).encode()).hexdigest()

    def _load(self, file: Path) -> None:
        """Read the complete lines, and cut off one that a killed process left unfinished."""
        content = file.read_bytes()
        complete = content[: content.rfind(b"\n") + 1]
        for line in complete.splitlines():
            key, answer = json.loads(line)
            self._answers[key] = Answer(**answer)
        if len(complete) < len(content):
            os.truncate(file, len(complete))
