"""Running claimed jobs: the record of a failure, and the reasons that stop a run."""

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

PIPELINE = "for tests"
Work = Callable[[StageInput], None]


class Jobs:
    """An app that runs jobs of one stage, each only when it is asked to."""

    def __init__(self, app: Flask, owner: str, patch: pytest.MonkeyPatch) -> None:
        self.app, self.owner, self._patch = app, owner, patch
        self.container = app.extensions["lectern"]
        self.stopping = threading.Event()

    def submit(self, work: Work, media_s: float = 60.0, pipeline: str = PIPELINE) -> str:
        """Queue a job whose only stage does `work`. Return its id."""
        stage = Stage("only", work, needs=("source",), makes=("never.txt",))
        is_download = PIPELINES[pipeline].is_download if pipeline in PIPELINES else False
        lecture_pipeline = dataclasses.replace(LECTURE_NOTES, name=pipeline, stages=(stage,), is_download=is_download)
        self._patch.setitem(PIPELINES, pipeline, lecture_pipeline)
        source = self.container.settings.data_dir / "source.bin"
        source.write_bytes(b"a recording")
        key = f"videos/{new_id()}/t.mp4"
        self.container.store.put(source, key, "video/mp4")
        with self.app.app_context(), transaction() as session:
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
            session.add(recording)
            session.flush()
            return queue.submit(user_id=self.owner, pipeline=pipeline, options={"formats": []}, recording_id=recording.id).id

    def worker(self, **limits: Any) -> LocalWorker:
        folder, settings = work_folder(self.container.settings), RunSettings(lease_s=30, **limits)
        return LocalWorker(self.app.app_context, PIPELINES, self.container.store, self.container.engines, folder, settings)

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
def jobs(app: Flask, user: User, monkeypatch: pytest.MonkeyPatch) -> Iterator[Jobs]:
    app.extensions["lectern"].executor.shut_down(0)
    jobs = Jobs(app, user.id, monkeypatch)
    yield jobs
    jobs.stopping.set()


def wait_for(condition: Callable[[], Any], timeout_s: float = 60) -> Any:
    deadline = time.monotonic() + timeout_s
    while not (value := condition()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)
    return value


class SleepingStage:
    """A stage that runs a program for ten minutes; `pid` is the program's."""

    pid = 0

    def __call__(self, stage_input: StageInput) -> None:
        def take(line: str) -> None:
            self.pid = int(line)

        stage_input.work.path("half.bin").write_bytes(b"half of something")
        run_program(["sh", "-c", "echo $$; exec sleep 600"], check=stage_input.check, on_line=take)


def kill_program(stage_input: StageInput) -> None:
    run_program(["sh", "-c", "echo reading >&2; kill -9 $$"], check=stage_input.check)


def exhaust_memory(stage_input: StageInput) -> None:
    run_task("tests.lib.child_tasks:take_memory", {"mib": 600}, check=stage_input.check, limits=Limits(memory_bytes=300 * 2**20))


def fill_disk(stage_input: StageInput) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def write_to_stderr(stage_input: StageInput) -> None:
    run_program(["sh", "-c", "echo first words >&2; echo last words >&2; exit 3"], check=stage_input.check)


def crash(stage_input: StageInput) -> None:
    raise ZeroDivisionError("a bug of ours")


def miss_model(stage_input: StageInput) -> None:
    raise errors.ModelMissing("whisper-base")


CASES = [
    (kill_program, "out_of_memory", False, "reading"),
    (exhaust_memory, "out_of_memory", False, "MemoryError"),
    (fill_disk, "disk_full", False, "No space left"),
    (write_to_stderr, "program_failed", False, "first words"),
    (miss_model, "model_missing", False, "whisper-base"),
]


@pytest.mark.parametrize(("work", "code", "retryable", "log"), CASES, ids=[case[0].__name__ for case in CASES])
def test_a_failed_job_keeps_its_error_code_and_log(jobs: Jobs, work: Work, code: str, retryable: bool, log: str) -> None:
    job_id = jobs.submit(work)
    jobs.run()
    job = jobs.job(job_id)
    assert (job.state, job.error_code, job.error_stage, job.retryable) == (JobState.FAILED, code, "only", retryable)
    assert job.error_hint and job.error_message
    assert "attempt 1" in job.error_log and log in job.error_log
    assert "first words" not in job.error_message


@pytest.mark.expects_errors
def test_an_unexpected_exception_is_logged_and_reported(jobs: Jobs) -> None:
    job_id = jobs.submit(crash)
    jobs.run()
    job = jobs.job(job_id)
    assert (job.error_code, job.error_message.endswith("ZeroDivisionError: a bug of ours")) == ("stage_failed", True)
    assert "Traceback" in job.error_log


@pytest.mark.parametrize(
    ("status", "code", "state"),
    [(429, "provider_busy", "queued"), (503, "provider_down", "queued"), (401, "provider_refused", "failed")],
)
def test_a_provider_error_has_its_own_code(jobs: Jobs, status: int, code: str, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
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

    def asks(stage_input: StageInput) -> None:
        response = http_client.post(f"http://127.0.0.1:{server.server_port}/", b"{}", {}, allow_private=True)
        http_client.raise_for_status("The provider", response)

    monkeypatch.setattr("pipelines.runner._RETRY_BACKOFF_S", 0.01)
    job_id = jobs.submit(asks)
    try:
        jobs.run()
    finally:
        server.shutdown()
        server.server_close()
    job = jobs.job(job_id)
    assert (job.error_code, job.state) == (code, state)
    assert f"The provider responded with {status}. not now" in job.error_message
    if status == 429:
        assert 1200 < (job.run_after - job.updated_at).total_seconds() < 1240


def test_cancelling_ends_the_program_and_frees_the_files(jobs: Jobs) -> None:
    work = SleepingStage()
    job_id = jobs.submit(work)
    thread = jobs.start()
    wait_for(lambda: work.pid)
    folder = work_folder(jobs.container.settings) / jobs.job(job_id).recording_id
    assert folder.exists()
    with jobs.app.app_context():
        queue.request_cancel(job_id)
    wait_for(lambda: jobs.job(job_id).state == JobState.CANCELLED)
    wait_for(lambda: not is_alive(work.pid))  # it was killed, and ends in its own time
    assert not folder.exists()
    thread.join(30)


def test_deleting_a_recording_ends_its_running_job_and_frees_the_files(jobs: Jobs) -> None:
    work = SleepingStage()
    job_id = jobs.submit(work)
    thread = jobs.start()
    wait_for(lambda: work.pid)
    recording_id = jobs.job(job_id).recording_id
    with jobs.app.app_context():
        recordings.delete(Caller(jobs.owner, "ada@example.org", "user", "test"), recording_id, jobs.container.store)
    thread.join(60)
    wait_for(lambda: not is_alive(work.pid))  # it was killed, and ends in its own time
    assert not (work_folder(jobs.container.settings) / recording_id).exists()


def test_a_stage_without_progress_is_stopped_and_its_job_requeued(jobs: Jobs) -> None:
    work = SleepingStage()
    job_id = jobs.submit(work)
    jobs.run(jobs.worker(stall_s=0.5))
    job = jobs.job(job_id)
    assert (job.state, job.error_code, job.attempt) == (JobState.QUEUED, "stalled", 1)
    assert job.run_after is not None
    wait_for(lambda: not is_alive(work.pid))  # it was killed, and ends in its own time


def test_a_stopping_worker_releases_its_job_without_counting_the_attempt(jobs: Jobs) -> None:
    work = SleepingStage()
    job_id = jobs.submit(work)
    executor = ThreadExecutor(Flask("another"), 1, jobs.worker().run_next)
    executor._app = jobs.app
    before = jobs.job(job_id).max_attempts
    executor.wake()
    wait_for(lambda: work.pid)
    executor.shut_down(0.2)
    job = jobs.job(job_id)
    assert (job.state, job.attempt, job.max_attempts, job.error_code) == (JobState.QUEUED, 1, before + 1, None)
    wait_for(lambda: not is_alive(work.pid))  # it was killed, and ends in its own time
    executor.wake()  # it takes no more
    assert jobs.job(job_id).state == JobState.QUEUED


def test_a_stopping_worker_finishes_its_job_first(jobs: Jobs) -> None:
    go, started = threading.Event(), threading.Event()

    def waits(stage_input: StageInput) -> None:
        started.set()
        while not go.wait(0.02):
            stage_input.check()
        raise errors.NotMedia("to its end")

    job_id = jobs.submit(waits)
    executor = ThreadExecutor(Flask("another"), 1, jobs.worker().run_next)
    executor._app = jobs.app
    executor.wake()
    assert started.wait(60)
    threading.Timer(1.0, go.set).start()
    executor.shut_down(60)
    assert jobs.job(job_id).error_code == "not_media"


def test_the_last_slot_is_reserved_for_short_jobs(jobs: Jobs) -> None:
    running: list[str] = []
    go = threading.Event()

    def waits(stage_input: StageInput) -> None:
        running.append(stage_input.work.root.parent.name)
        while not go.wait(0.02):
            stage_input.check()
        raise errors.NotMedia("done")

    lectures = [jobs.submit(waits, media_s=9000) for _ in range(2)]
    worker = jobs.worker(slots=2)
    first = jobs.start(worker)
    wait_for(lambda: len(running) == 1)
    jobs.run(worker)  # returns immediately: the second slot is reserved for short jobs
    assert [jobs.job(each).state for each in lectures] == ["running", "queued"]
    clip = jobs.submit(waits, media_s=60)
    second = jobs.start(worker)
    wait_for(lambda: len(running) == 2)
    assert jobs.job(clip).state == "running"
    go.set()
    first.join(60)
    second.join(60)
    jobs.run(worker)
    assert jobs.job(lectures[1]).state == "failed"


def test_a_slow_download_does_not_keep_conversions_waiting(jobs: Jobs) -> None:
    go = threading.Event()

    def waits(stage_input: StageInput) -> None:
        while not go.wait(0.02):
            stage_input.check()
        raise errors.NotMedia("done")

    downloads = [jobs.submit(waits, pipeline="link_import") for _ in range(2)]
    worker = jobs.worker(slots=1, download_slots=1)
    first = jobs.start(worker)
    wait_for(lambda: jobs.job(downloads[0]).state == "running")
    jobs.run(worker)  # returns immediately: one download at a time
    lectures = [jobs.submit(waits) for _ in range(2)]
    second = jobs.start(worker)
    wait_for(lambda: jobs.job(lectures[0]).state == "running")
    jobs.run(worker)
    assert [jobs.job(each).state for each in (*downloads, *lectures)] == ["running", "queued", "running", "queued"]
    go.set()
    first.join(60)
    second.join(60)
    jobs.run(worker)
    jobs.run(worker)
    assert [jobs.job(each).state for each in (*downloads, *lectures)] == ["failed"] * 4


def test_measured_durations_predict_the_next_run(jobs: Jobs) -> None:
    from services.jobs.scheduling import duration_model

    with jobs.app.app_context():
        for media_s, wall_s in ((100, 60), (200, 110), (400, 210)):
            with transaction() as write_session:
                duration_model.record(write_session, PIPELINE, media_s, {duration_model.TOTAL: wall_s, "only": wall_s - 5})
        with transaction() as write_session:
            assert duration_model.expected_s(write_session, PIPELINE, 1000) == pytest.approx(
                510, rel=0.02
            )  # ten seconds, and half of its length
            assert duration_model.expected_s(write_session, "other", 1000) is None
        assert set(duration_model.load(session(), PIPELINE)) == {"", "only"}
    job_id = jobs.submit(miss_model, media_s=1000)
    with jobs.app.app_context():
        assert session().execute(select(Job.expected_duration_s).where(Job.id == job_id)).scalar_one() == pytest.approx(510, rel=0.02)


def test_a_workspace_stays_when_another_attempt_has_the_lease(jobs: Jobs) -> None:
    work = SleepingStage()
    job_id = jobs.submit(work)
    thread = jobs.start()
    wait_for(lambda: work.pid)
    folder = work_folder(jobs.container.settings) / jobs.job(job_id).recording_id
    with jobs.app.app_context(), transaction() as session:
        session.get_one(Job, job_id).attempt += 1  # as if another had claimed it
    thread.join(60)
    wait_for(lambda: not is_alive(work.pid))  # it was killed, and ends in its own time
    assert list(Path(folder).rglob("half.bin"))


@pytest.mark.parametrize("several_machines", [False, True])
def test_no_transaction_is_open_while_stages_run(jobs: Jobs, several_machines: bool) -> None:
    open_transactions = []

    def stage(stage_input: StageInput) -> None:
        open_transactions.append(session().in_transaction())
        raise errors.NoSpeech

    jobs.submit(stage)
    jobs.run(jobs.worker(several_machines=several_machines))
    assert open_transactions == [False]


def test_a_recording_that_is_deleted_after_the_claim_ends_its_job_quietly(jobs: Jobs, caplog: pytest.LogCaptureFixture) -> None:
    runs: list[StageInput] = []
    job_id = jobs.submit(runs.append)

    def delete_recording() -> None:
        with jobs.app.app_context(), transaction() as write_session:
            write_session.delete(write_session.get_one(Recording, write_session.get_one(Job, job_id).recording_id))

    with jobs.app.app_context():
        assert jobs.worker().run_next("w", jobs.stopping.is_set, on_claim=delete_recording)
    assert not runs
    assert "job_deleted" in caplog.text
