"""Running claimed jobs: what is kept of a failure, and what stops a run."""

from __future__ import annotations

import dataclasses
import errno
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

import errors
from database import end_read, session, transaction
from domain import JobState
from lib import http_client
from lib.process import Limits, run_program, run_task
from models import Job, Recording
from pipelines.lecture_notes import LECTURE_NOTES
from pipelines.local_worker import LocalWorker
from pipelines.registry import PIPELINES
from pipelines.run_settings import RunSettings
from pipelines.stage import Stage, StageInput
from pipelines.workspaces import work_folder
from services.accounts import Caller
from services.jobs import queue
from services.jobs.executors.threads import ThreadExecutor
from services.library import recordings
from tables.columns import new_id
from tests.conftest import User
from tests.lib.test_process import is_alive

KIND = "for tests"
Work = Callable[[StageInput], None]


class House:
    """An app that runs jobs of one stage, each only when it is asked to."""

    def __init__(self, app: Flask, owner: str, patch: pytest.MonkeyPatch) -> None:
        self.app, self.owner, self._patch = app, owner, patch
        self.services = app.extensions["lectern"]
        self.stopping = threading.Event()

    def ask(self, work: Work, media_s: float = 60.0) -> str:
        """Queue a job whose only stage does this; -> its id."""
        stage = Stage("only", work, needs=("source",), makes=("never.txt",))
        self._patch.setitem(PIPELINES, KIND, dataclasses.replace(LECTURE_NOTES, name=KIND, stages=(stage,)))
        source = self.services.settings.data_dir / "source.bin"
        source.write_bytes(b"a recording")
        key = f"videos/{new_id()}/t.mp4"
        self.services.store.put(source, key, "video/mp4")
        with self.app.app_context(), transaction() as writing:
            recording = Recording(
                user_id=self.owner,
                title="t",
                filename="t.mp4",
                storage_key=key,
                size_bytes=11,
                sha256="0" * 64,
                duration_s=media_s,
                media={},
            )
            writing.add(recording)
            writing.flush()
            return queue.submit(user_id=self.owner, pipeline=KIND, options={"formats": []}, recording_id=recording.id).id

    def worker(self, **limits: Any) -> LocalWorker:
        folder, settings = work_folder(self.services.settings), RunSettings(lease_s=30, **limits)
        return LocalWorker(self.app.app_context, PIPELINES, self.services.store, self.services.engines, folder, settings)

    def run(self, worker: LocalWorker | None = None) -> None:
        with self.app.app_context():
            (worker or self.worker()).run_next("w", self.stopping.is_set)

    def start(self, worker: LocalWorker | None = None) -> threading.Thread:
        thread = threading.Thread(target=self.run, args=(worker,), daemon=True)
        thread.start()
        return thread

    def job(self, job_id: str) -> Job:
        with self.app.app_context():
            end_read()
            return session().get_one(Job, job_id, populate_existing=True)


@pytest.fixture
def house(app: Flask, user: User, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    app.extensions["lectern"].executor.shut_down(0)
    made = House(app, user.id, monkeypatch)
    yield made
    made.stopping.set()


def wait_for(condition: Callable[[], Any], patience_s: float = 60) -> Any:
    until = time.monotonic() + patience_s
    while not (found := condition()):
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)
    return found


class Sleeper:
    """A stage that runs a program for ten minutes; `pid` is the program's."""

    pid = 0

    def __call__(self, given: StageInput) -> None:
        def take(line: str) -> None:
            self.pid = int(line)

        given.work.path("half.bin").write_bytes(b"half of something")
        run_program(["sh", "-c", "echo $$; exec sleep 600"], check=given.check, on_line=take)


def killed(given: StageInput) -> None:
    run_program(["sh", "-c", "echo reading >&2; kill -9 $$"], check=given.check)


def eats_memory(given: StageInput) -> None:
    run_task("tests.lib.child_tasks:take_memory", {"mib": 600}, check=given.check, limits=Limits(memory_bytes=300 * 2**20))


def fills_the_disk(given: StageInput) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def talks(given: StageInput) -> None:
    run_program(["sh", "-c", "echo first words >&2; echo last words >&2; exit 3"], check=given.check)


def crashes(given: StageInput) -> None:
    raise ZeroDivisionError("a bug of ours")


def lacks(given: StageInput) -> None:
    raise errors.ModelMissing("whisper-base")


CASES = [
    (killed, "out_of_memory", False, "reading"),
    (eats_memory, "out_of_memory", False, "MemoryError"),
    (fills_the_disk, "disk_full", False, "No space left"),
    (talks, "program_failed", False, "first words"),
    (lacks, "model_missing", False, "whisper-base"),
]


@pytest.mark.parametrize(("work", "code", "retryable", "logged"), CASES, ids=[case[0].__name__ for case in CASES])
def test_a_failure_is_kept_with_its_code_and_its_log(house: House, work: Work, code: str, retryable: bool, logged: str) -> None:
    job_id = house.ask(work)
    house.run()
    job = house.job(job_id)
    assert (job.state, job.error_code, job.error_stage, job.retryable) == (JobState.FAILED, code, "only", retryable)
    assert job.error_hint and job.error_message
    assert "attempt 1" in job.error_log and logged in job.error_log
    assert "first words" not in job.error_message


@pytest.mark.expects_errors
def test_a_bug_of_ours_is_told_as_such_and_logged(house: House) -> None:
    job_id = house.ask(crashes)
    house.run()
    job = house.job(job_id)
    assert (job.error_code, job.error_message.endswith("ZeroDivisionError: a bug of ours")) == ("stage_failed", True)
    assert "Traceback" in job.error_log


@pytest.mark.parametrize(
    ("status", "code", "state"),
    [(429, "provider_busy", "queued"), (503, "provider_down", "queued"), (401, "provider_refused", "failed")],
)
def test_a_providers_refusals_are_told_apart(house: House, status: int, code: str, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Provider(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(status)
            self.send_header("Retry-After", "1234")
            self.end_headers()
            self.wfile.write(b"not now")

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def asks(given: StageInput) -> None:
        answer = http_client.post(f"http://127.0.0.1:{server.server_port}/", b"{}", {}, allow_private=True)
        http_client.raise_for_status("The provider", answer)

    monkeypatch.setattr("pipelines.runner._RETRY_PAUSE_S", 0.01)
    job_id = house.ask(asks)
    try:
        house.run()
    finally:
        server.shutdown()
        server.server_close()
    job = house.job(job_id)
    assert (job.error_code, job.state) == (code, state)
    assert f"The provider responded with {status}. not now" in job.error_message
    if status == 429:
        assert 1200 < (job.run_after - job.updated_at).total_seconds() < 1240


def test_cancelling_ends_the_program_and_frees_the_files(house: House) -> None:
    work = Sleeper()
    job_id = house.ask(work)
    thread = house.start()
    wait_for(lambda: work.pid)
    folder = work_folder(house.services.settings) / house.job(job_id).recording_id
    assert folder.exists()
    with house.app.app_context():
        queue.request_cancel(job_id)
    wait_for(lambda: house.job(job_id).state == JobState.CANCELLED)
    assert not is_alive(work.pid)
    assert not folder.exists()
    thread.join(30)


def test_deleting_a_recording_ends_its_running_job_and_frees_the_files(house: House) -> None:
    work = Sleeper()
    job_id = house.ask(work)
    thread = house.start()
    wait_for(lambda: work.pid)
    recording_id = house.job(job_id).recording_id
    with house.app.app_context():
        recordings.delete(Caller(house.owner, "ada@example.org", "user", "test"), recording_id, house.services.store)
    thread.join(60)
    assert not is_alive(work.pid)
    assert not (work_folder(house.services.settings) / recording_id).exists()


def test_a_stage_without_progress_is_ended_and_goes_back_into_the_queue(house: House) -> None:
    work = Sleeper()
    job_id = house.ask(work)
    house.run(house.worker(stall_s=0.5))
    job = house.job(job_id)
    assert (job.state, job.error_code, job.attempt) == (JobState.QUEUED, "stalled", 1)
    assert job.run_after is not None
    assert not is_alive(work.pid)


def test_a_worker_that_ends_gives_its_job_back_with_no_attempt_lost(house: House) -> None:
    work = Sleeper()
    job_id = house.ask(work)
    executor = ThreadExecutor(Flask("another"), 1, house.worker().run_next)
    executor._app = house.app
    before = house.job(job_id).max_attempts
    executor.wake()
    wait_for(lambda: work.pid)
    executor.shut_down(0.2)
    job = house.job(job_id)
    assert (job.state, job.attempt, job.max_attempts, job.error_code) == (JobState.QUEUED, 1, before + 1, None)
    assert not is_alive(work.pid)
    executor.wake()  # it takes no more
    assert house.job(job_id).state == JobState.QUEUED


def test_a_worker_that_ends_lets_its_job_come_to_its_end_first(house: House) -> None:
    go, begun = threading.Event(), threading.Event()

    def waits(given: StageInput) -> None:
        begun.set()
        while not go.wait(0.02):
            given.check()
        raise errors.NotMedia("to its end")

    job_id = house.ask(waits)
    executor = ThreadExecutor(Flask("another"), 1, house.worker().run_next)
    executor._app = house.app
    executor.wake()
    assert begun.wait(60)
    threading.Timer(1.0, go.set).start()
    executor.shut_down(60)
    assert house.job(job_id).error_code == "not_media"


def test_of_several_slots_one_is_kept_for_short_jobs(house: House) -> None:
    running: list[str] = []
    go = threading.Event()

    def waits(given: StageInput) -> None:
        running.append(given.work.root.parent.name)
        while not go.wait(0.02):
            given.check()
        raise errors.NotMedia("done")

    lectures = [house.ask(waits, media_s=9000) for _ in range(2)]
    worker = house.worker(slots=2)
    first = house.start(worker)
    wait_for(lambda: len(running) == 1)
    house.run(worker)  # comes back at once: the second slot is not for another lecture
    assert [house.job(each).state for each in lectures] == ["running", "queued"]
    clip = house.ask(waits, media_s=60)
    second = house.start(worker)
    wait_for(lambda: len(running) == 2)
    assert house.job(clip).state == "running"
    go.set()
    first.join(60)
    second.join(60)
    house.run(worker)
    assert house.job(lectures[1]).state == "failed"


def test_what_is_measured_foretells_the_next_run(house: House) -> None:
    from services.jobs.scheduling import duration_model

    with house.app.app_context():
        for media_s, wall_s in ((100, 60), (200, 110), (400, 210)):
            with transaction() as writing:
                duration_model.record(writing, KIND, media_s, {duration_model.TOTAL: wall_s, "only": wall_s - 5})
        with transaction() as writing:
            assert duration_model.expected_s(writing, KIND, 1000) == pytest.approx(510, rel=0.02)  # ten seconds, and half of its length
            assert duration_model.expected_s(writing, "other", 1000) is None
        assert set(duration_model.load(session(), KIND)) == {"", "only"}
    job_id = house.ask(lacks, media_s=1000)
    with house.app.app_context():
        assert session().execute(select(Job.expected_duration_s).where(Job.id == job_id)).scalar_one() == pytest.approx(510, rel=0.02)


def test_a_workspace_is_left_alone_while_another_has_its_lease(house: House) -> None:
    work = Sleeper()
    job_id = house.ask(work)
    thread = house.start()
    wait_for(lambda: work.pid)
    folder = work_folder(house.services.settings) / house.job(job_id).recording_id
    with house.app.app_context(), transaction() as writing:
        writing.get_one(Job, job_id).attempt += 1  # as if another had claimed it
    thread.join(60)
    assert not is_alive(work.pid)
    assert list(Path(folder).rglob("half.bin"))
