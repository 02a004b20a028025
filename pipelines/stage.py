"""What a stage is, and the folder it works in."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import errors
from lib.hashing import sha256_of
from lib.process import Check, Report
from pipelines.engines import Engines


@dataclass(frozen=True)
class Workspace:
    """One folder for one recording and pipeline. `known_hashes` spares hashing large inputs whose SHA-256 is known."""

    root: Path
    known_hashes: Mapping[str, str] = field(default_factory=dict)

    def path(self, name: str) -> Path:
        return self.root / name

    def has(self, name: str) -> bool:
        return self.path(name).exists()

    def hash_of(self, name: str) -> str:
        """SHA-256 of a file, or of a folder's names and contents; "" where there is none."""
        if name in self.known_hashes:
            return self.known_hashes[name]
        path = self.path(name)
        if path.is_dir():
            parts = [f"{child.name}:{sha256_of(child)}" for child in sorted(path.iterdir()) if child.is_file()]
            return hashlib.sha256("\n".join(parts).encode()).hexdigest()
        return sha256_of(path) if path.exists() else ""

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else on this machine may work here meanwhile; raises TransientError where somebody does."""
        self.root.mkdir(parents=True, exist_ok=True)
        with self.path(".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise errors.TransientError("Another worker still holds this recording's folder.") from None
            yield


@dataclass(frozen=True)
class StageInput:
    """All that a stage gets. `report(done, total)` counts in the stage's own units; `check()` raises when it has to stop."""

    work: Workspace
    options: Mapping[str, Any]
    engines: Engines
    report: Report
    check: Check


@dataclass(frozen=True)
class Stage:
    """Reads the named files `needs`, writes the named files `makes`, and nothing else.

    `uses` names the options that change its outputs; `scratch` those outputs that are thrown away when the job has ended.
    A need that no stage makes is an input of the pipeline and may be absent.
    `checkpoint` is a file in which it keeps what it has done so far, if it does.
    `weight` is its share of the work, for progress; raise `version` when its code gives other results.
    """

    name: str
    run: Callable[[StageInput], None]
    needs: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    scratch: tuple[str, ...] = ()
    checkpoint: str = ""
    weight: float = 1.0
    version: int = 1
    max_attempts: int = 3
    when: Callable[[Mapping[str, Any]], bool] = lambda options: True


def stamp_name(stage: Stage) -> str:
    """The file that says that a stage is finished."""
    return f".{stage.name}.done"
