"""The parts of a pipeline that the use cases need: inputs, outputs and publication of one kind of job."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from database import run_hooks, session
from services.jobs import side_jobs
from services.jobs.queue.attempts import Claim
from services.jobs.queue.topics import JOB_LOADED, JobLoaded
from services.storage import Store


@dataclass(frozen=True)
class JobInput:
    """A stored object that the stages read. `name` is its file in the workspace; `sha256` is "" where it is not known."""

    name: str
    storage_key: str
    filename: str
    content_type: str = "application/octet-stream"
    size_bytes: int | None = None
    sha256: str = ""


@dataclass(frozen=True)
class JobDetails:
    """A claimed job with everything that its stages need.

    `workspace` names the folder that it shares with earlier jobs whose stages may be reused.
    `media_s` is the basis of expected durations and time limits: seconds of media that the job reads or makes.
    """

    options: Mapping[str, Any]
    workspace: str
    inputs: Sequence[JobInput] = ()
    media_s: float = 0.0


@dataclass(frozen=True)
class OutputKind:
    """A file that a finished job publishes. `extension` has no dot; `file` is its name in the workspace.

    `is_optional`: a remote worker may leave it out, because the file is not for users.
    """

    name: str
    extension: str
    content_type: str
    file: str
    is_optional: bool = False


@dataclass(frozen=True)
class StoredOutput:
    """An output in the store, under the prefix of the attempt that made it."""

    kind: OutputKind
    storage_key: str
    size_bytes: int
    sha256: str


def keep_outputs(claim: Claim, store: Store) -> None:
    pass


def do_nothing(session: Session, claim: Claim, metrics: Mapping[str, Any]) -> None:
    pass


def accept(claim: Claim, outputs: Sequence[StoredOutput], reserved_bytes: int) -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class JobKind:
    """One kind of job. `metrics` are those of the finished run, which a remote worker reports.

    `load` reads what a claimed job works on. `outputs` lists the files that options ask for.
    `check` raises an error if the outputs can't be kept; it gets the size of the user's uploads that have no recording yet.
    `record` writes the rows that name the outputs as results, inside a fenced transaction; it must cancel the deletion of the keys that
    it names. `after_record` runs after that transaction and before the job succeeds; it may move the outputs to other keys.
    `finish` runs at the end of the transaction in which the job succeeds; it may queue another job.
    `is_side_job`: it runs beside a conversion, whose state is the state of the recording.
    `is_download`: it waits for other servers and hardly uses the CPU, so it does not take the slots of other jobs.
    """

    name: str
    load: Callable[[Claim], JobDetails]
    outputs: Callable[[Mapping[str, Any]], Sequence[OutputKind]]
    record: Callable[[Session, Claim, Sequence[StoredOutput], Mapping[str, Any]], None]
    after_record: Callable[[Claim, Store], None] = keep_outputs
    finish: Callable[[Session, Claim, Mapping[str, Any]], None] = do_nothing
    check: Callable[[Claim, Sequence[StoredOutput], int], None] = accept
    is_download: bool = False
    is_side_job: bool = False

    def __post_init__(self) -> None:
        if self.is_side_job:
            side_jobs.register(self.name)

    def read(self, claim: Claim) -> JobDetails:
        """Return what a claimed job works on, with the options that other features add."""
        details = self.load(claim)
        event = JobLoaded(claim, dict(details.options))
        run_hooks(JOB_LOADED, session(), event)
        return replace(details, options=event.options)
