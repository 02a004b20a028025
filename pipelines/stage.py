"""Stages and the workspace folder that they share."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import errors
from lib.hashing import sha256_of
from lib.process import CancellationCheck, Report
from pipelines.engines import EngineOptions, Engines


@dataclass(frozen=True)
class Workspace:
    """One folder for one recording and pipeline. `known_hashes`: SHA-256 sums of inputs, which are then not computed again."""

    root: Path
    known_hashes: Mapping[str, str] = field(default_factory=dict)

    def path(self, name: str) -> Path:
        return self.root / name

    def has(self, name: str) -> bool:
        return self.path(name).exists()

    def hash_of(self, name: str) -> str:
        """Return the SHA-256 of a file, or of a folder's names and contents; "" for a missing one."""
        if name in self.known_hashes:
            return self.known_hashes[name]
        path = self.path(name)
        if path.is_dir():
            parts = [f"{child.name}:{sha256_of(child)}" for child in sorted(path.iterdir()) if child.is_file()]
            return hashlib.sha256("\n".join(parts).encode()).hexdigest()
        return sha256_of(path) if path.exists() else ""

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the workspace's lock on this machine. Raises TransientError where another process holds it."""
        self.root.mkdir(parents=True, exist_ok=True)
        with self.path(".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise errors.TransientError("Another worker still uses this job's folder.") from None
            yield


class InputsRejected(Exception):
    """Raised by a stage that finds its inputs faulty: the stages that made them run again, once; if that does not help, `error` is raised.

    `item` names the part with the fault, "" all of them. A stage never changes the outputs of another one.
    """

    def __init__(self, error: errors.LecternError, item: str = "") -> None:
        super().__init__(str(error))
        self.error, self.item = error, item


@dataclass(frozen=True)
class StageInput:
    """Everything that a stage gets. `report(done, total)` counts in units of the stage; `check()` raises when it has to stop.

    `rejected_item` is the part of the stage's earlier outputs in which a later stage found a fault ("" for all of them), or None.
    """

    work: Workspace
    options: Mapping[str, Any]
    engines: Engines
    report: Report
    check: CancellationCheck
    rejected_item: str | None = None

    def is_rejected(self, item: str) -> bool:
        """Whether a part of the earlier outputs has to be made again."""
        return self.rejected_item in ("", item)


@dataclass(frozen=True)
class Stage:
    """A step that reads the files `needs`, writes the files `makes`, and touches nothing else.

    A need that no stage makes is an input of the pipeline and may be missing. `uses` names the options that change the outputs,
    `engine` the type of the engine options that do. `scratch` names outputs that are deleted when the job has ended.
    `checkpoint` is the file in which a long stage keeps its intermediate results, or a folder of files that grow. `weight` is the stage's
    share of the work, for progress.
    `typical_speed`: wall seconds for a second of media on two cores, the prediction until runs were measured.
    `name_before_report`, if any, is shown in place of `name` until the stage first reports.
    `label` tells users what the stage does. Raise `version` when the code produces other results.
    """

    name: str
    run: Callable[[StageInput], None]
    label: str = field(default="", kw_only=True)
    name_before_report: str = field(default="", kw_only=True)
    typical_speed: float | None = field(default=None, kw_only=True)
    needs: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    engine: type[EngineOptions] | None = None
    scratch: tuple[str, ...] = ()
    checkpoint: str = ""
    weight: float = 1.0
    version: int = 1
    max_attempts: int = 3
    when: Callable[[Mapping[str, Any]], bool] = lambda options: True

    @property
    def persistent_outputs(self) -> tuple[str, ...]:
        """The outputs that are kept after the end of the job."""
        return tuple(name for name in self.makes if name not in self.scratch)


def stamp_name(stage: Stage) -> str:
    """Return the name of the file that marks a stage as finished."""
    return f".{stage.name}.done"


def stage_bounds(stages: Sequence[Stage], names: Collection[str]) -> dict[str, tuple[float, float]]:
    """Return the percents of a run's progress at which these stages begin and end, if stages run one after the other."""
    total, start, bounds = sum(stage.weight for stage in stages), 0.0, {}
    for stage in stages:
        end = start + stage.weight
        if stage.name in names:
            bounds[stage.name] = (round(100 * start / total, 2), round(100 * end / total, 2))
        start = end
    return bounds
