"""Pipelines: order, side by side, resume, retry, cancel, progress."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import errors
from lib.process import run_program
from pipelines import runner
from pipelines.engines import Engines
from pipelines.runner import StageError, run_pipeline
from pipelines.stage import InputsRejected, Stage, StageInput, Workspace
from pipelines.stage_timing import StageTiming


class RecordingControl:
    """A control that records the reported progress and can stop the run."""

    def __init__(self) -> None:
        self.percents: list[float] = []
        self.stages: list[str] = []
        self.seconds_left_values: list[float | None] = []
        self.stop: Exception | None = None

    def check(self) -> None:
        if self.stop:
            raise self.stop

    def progress(self, stages: Sequence[str], percent: float, seconds_left: float | None) -> None:
        self.stages += [" + ".join(stages)]
        self.percents.append(percent)
        self.seconds_left_values.append(seconds_left)


@pytest.fixture
def engines(tmp_path: Path) -> Engines:
    return Engines(cores=2)


@pytest.fixture
def work(tmp_path: Path) -> Workspace:
    (tmp_path / "source").write_text("a lecture")
    return Workspace(tmp_path)


def writes(
    name: str, *, needs: tuple[str, ...] = ("source",), calls: list[str], text: Callable[[StageInput], str] | None = None, **more: Any
) -> Stage:
    """A stage that writes one file with its inputs and `text`."""

    def run(stage_input: StageInput) -> None:
        calls.append(name)
        content = "+".join(stage_input.work.path(need).read_text() for need in needs)
        stage_input.work.path(f"{name}.txt").write_text(f"{name}({content}){text(stage_input) if text else ''}")
        stage_input.report(1, 1)

    return Stage(name, run, needs=needs, makes=(f"{name}.txt",), **more)


def test_stages_run_in_the_order_of_their_files(work: Workspace, engines: Engines) -> None:
    calls: list[str] = []
    last = writes("last", needs=("left.txt", "right.txt"), calls=calls)
    stages = [last, writes("right", calls=calls), writes("left", calls=calls)]
    metrics = run_pipeline(stages, work, {}, engines, RecordingControl())
    assert work.path("last.txt").read_text() == "last(left(a lecture)+right(a lecture))"
    assert calls[-1] == "last"
    assert set(metrics) == {"left", "right", "last"}


def test_a_stage_may_have_another_name_until_it_reports(work: Workspace, engines: Engines) -> None:
    control = RecordingControl()

    def run(stage_input: StageInput) -> None:
        stage_input.report(0, 2)
        stage_input.work.path("text").touch()

    run_pipeline([Stage("proofread", run, makes=("text",), name_before_report="proofread_waiting")], work, {}, engines, control)
    assert control.stages == ["proofread_waiting", "proofread", ""]


def test_files_are_announced_when_their_stage_has_ended(work: Workspace, engines: Engines) -> None:
    calls: list[str] = []
    made_files: list[str] = []

    def take(files: Sequence[str]) -> None:
        assert all(work.has(name) for name in files)
        made_files.extend(files)

    stages = [writes("first", calls=calls), writes("second", needs=("first.txt",), calls=calls)]
    run_pipeline(stages, work, {}, engines, RecordingControl(), on_made=take)
    run_pipeline(stages, work, {}, engines, RecordingControl(), on_made=take)  # both stages are resumed
    assert made_files == ["first.txt", "second.txt"] * 2 and calls == ["first", "second"]

    def refuse(files: Sequence[str]) -> None:
        raise errors.LeaseLost(files[0])

    with pytest.raises(StageError) as excinfo:
        run_pipeline(stages, work, {}, engines, RecordingControl(), on_made=refuse)
    assert isinstance(excinfo.value.error, errors.LeaseLost)


def test_outputs_that_are_taken_away_are_made_once_in_each_run(work: Workspace, engines: Engines) -> None:
    """Publishing moves a document out of the workspace. A later run makes it again, beside the others."""
    calls: list[str] = []
    meeting = threading.Barrier(2, timeout=10)
    removed_files: list[str] = []
    names = ("left.txt", "right.txt")

    def take(files: Sequence[str]) -> None:
        for name in files:
            work.path(name).unlink()
            removed_files.append(name)

    stages = [writes(name, calls=calls, text=lambda _: str(meeting.wait() >= 0), scratch=(f"{name}.txt",)) for name in ("left", "right")]
    for runs in (1, 2):
        run_pipeline(stages, work, {}, engines, RecordingControl(), names, on_made=take)
        assert sorted(calls) == sorted(["left", "right"] * runs) and sorted(removed_files) == sorted(names * runs)


def test_independent_stages_run_side_by_side(work: Workspace, engines: Engines) -> None:
    meeting = threading.Barrier(2, timeout=10)
    calls: list[str] = []
    stages = [writes(name, calls=calls, text=lambda _: str(meeting.wait() >= 0)) for name in ("left", "right")]
    run_pipeline(stages, work, {}, engines, RecordingControl())
    assert sorted(calls) == ["left", "right"]


def test_finished_stages_are_not_repeated(work: Workspace, engines: Engines) -> None:
    calls: list[str] = []
    first = writes("first", calls=calls)

    def breaks(_: StageInput) -> str:
        raise errors.ProgramFailed("on purpose")

    with pytest.raises(StageError) as excinfo:
        run_pipeline([first, writes("second", needs=("first.txt",), calls=calls, text=breaks)], work, {}, engines, RecordingControl())
    assert excinfo.value.stage == "second"
    metrics = run_pipeline([first, writes("second", needs=("first.txt",), calls=calls)], work, {}, engines, RecordingControl())
    assert calls == ["first", "second", "second"]
    assert metrics["first"].resumed


def test_changed_options_or_inputs_repeat_the_dependent_stages(work: Workspace, engines: Engines) -> None:
    calls: list[str] = []
    shout = writes("shout", calls=calls, uses=("loud",), text=lambda stage_input: "!" * stage_input.options["loud"])
    stages = [shout, writes("after", needs=("shout.txt",), calls=calls), writes("apart", calls=calls)]
    run_pipeline(stages, work, {"loud": 1}, engines, RecordingControl())
    run_pipeline(stages, work, {"loud": 3}, engines, RecordingControl())
    assert sorted(calls) == ["after", "after", "apart", "shout", "shout"]
    work.path("source").write_text("another lecture")
    run_pipeline(stages, work, {"loud": 3}, engines, RecordingControl())
    assert calls.count("apart") == 2


def test_scratch_files_are_created_again_only_when_needed(work: Workspace, engines: Engines) -> None:
    calls: list[str] = []
    stages = [
        writes("sound", calls=calls, scratch=("sound.txt",)),
        writes("words", needs=("sound.txt",), calls=calls, uses=("language",)),
    ]
    run_pipeline(stages, work, {"language": "en"}, engines, RecordingControl())
    work.path("sound.txt").unlink()
    run_pipeline(stages, work, {"language": "en"}, engines, RecordingControl())
    assert calls == ["sound", "words"]
    run_pipeline(stages, work, {"language": "fr"}, engines, RecordingControl())
    assert calls == ["sound", "words", "sound", "words"]
    work.path("sound.txt").unlink()
    run_pipeline(stages, work, {"language": "fr"}, engines, RecordingControl(), outputs=["sound.txt"])
    assert work.has("sound.txt")


def test_retryable_errors_are_retried(work: Workspace, engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "_RETRY_BACKOFF_S", 0.01)
    calls: list[str] = []

    def fails_twice(_: StageInput) -> str:
        if len(calls) < 3:
            raise errors.TransientError("busy")
        return ""

    run_pipeline([writes("shy", calls=calls, text=fails_twice)], work, {}, engines, RecordingControl())
    assert calls == ["shy"] * 3


def test_a_failing_stage_stops_concurrent_stages(work: Workspace, engines: Engines) -> None:
    def waits(stage_input: StageInput) -> str:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            stage_input.check()
            time.sleep(0.01)
        return "never stopped"

    def breaks(_: StageInput) -> str:
        time.sleep(0.1)
        raise errors.ProgramFailed("on purpose")

    start_s = time.monotonic()
    with pytest.raises(StageError) as excinfo:
        run_pipeline([writes("long", calls=[], text=waits), writes("bad", calls=[], text=breaks)], work, {}, engines, RecordingControl())
    assert excinfo.value.stage == "bad"
    assert time.monotonic() - start_s < 30


def test_cancel_reaches_a_running_stage(work: Workspace, engines: Engines) -> None:
    watcher = RecordingControl()

    def stops_itself(stage_input: StageInput) -> str:
        watcher.stop = errors.Cancelled()
        stage_input.report(1, 2)
        return "went on"

    with pytest.raises(StageError) as excinfo:
        run_pipeline([writes("long", calls=[], text=stops_itself)], work, {}, engines, watcher)
    assert isinstance(excinfo.value.error, errors.Cancelled)


def test_progress_grows_to_100_percent(work: Workspace, engines: Engines) -> None:
    watcher = RecordingControl()
    stages = [writes("small", calls=[], weight=1), writes("large", needs=("small.txt",), calls=[], weight=9)]
    run_pipeline(stages, work, {}, engines, watcher)
    assert watcher.percents == sorted(watcher.percents)
    assert 10 in watcher.percents
    assert watcher.percents[-1] == pytest.approx(100)
    assert set(watcher.seconds_left_values[:-1]) == {None}  # nothing like it was ever measured


def test_a_stage_that_does_not_write_its_outputs_fails(work: Workspace, engines: Engines) -> None:
    with pytest.raises(StageError, match="idle"):
        run_pipeline([Stage("idle", lambda stage_input: None, makes=("nothing.txt",))], work, {}, engines, RecordingControl())


def test_a_workspace_is_locked(work: Workspace) -> None:
    with work.lock(), pytest.raises(errors.TransientError), work.lock():
        pass


def test_a_stage_without_progress_is_ended_and_left_to_the_queue(work: Workspace, engines: Engines) -> None:
    calls: list[str] = []
    child = Path("/proc")

    def hangs(stage_input: StageInput) -> str:
        run_program(["sleep", "601"], check=stage_input.check)
        return ""

    with pytest.raises(StageError) as excinfo:
        run_pipeline([writes("stuck", calls=calls, text=hangs)], work, {}, engines, RecordingControl(), timing=StageTiming(stall_s=0.5))
    assert isinstance(excinfo.value.error, errors.Stalled) and excinfo.value.error.retryable
    assert calls == ["stuck"]
    assert not [each for each in child.glob("[0-9]*/cmdline") if b"sleep\x00601" in _read(each)]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_the_time_limit_of_a_stage_grows_with_the_recording(work: Workspace, engines: Engines) -> None:
    def creeps(stage_input: StageInput) -> str:
        for units in range(1, 4000):
            stage_input.report(units, 4000)
            time.sleep(0.01)
        return ""

    with pytest.raises(StageError) as excinfo:
        run_pipeline(
            [writes("slow", calls=[], text=creeps)], work, {}, engines, RecordingControl(), timing=StageTiming(10, {}, 0.5, 0.1, 5)
        )
    assert type(excinfo.value.error) is errors.TimedOut
    assert "1 s" in str(excinfo.value.error) or "2 s" in str(excinfo.value.error)


def test_seconds_left_are_predicted_from_earlier_runs(work: Workspace, engines: Engines) -> None:
    watcher = RecordingControl()
    stages = [writes("first", calls=[]), writes("beside", calls=[]), writes("last", needs=("first.txt", "beside.txt"), calls=[])]
    run_pipeline(stages, work, {}, engines, watcher, timing=StageTiming(60, {"first": 40.0, "beside": 30.0, "last": 20.0}))
    assert watcher.seconds_left_values[0] == pytest.approx(60, abs=1)  # two side by side, then the last
    assert 20 in [round(left) for left in watcher.seconds_left_values]
    assert watcher.seconds_left_values[-1] == 0
    assert watcher.percents[-1] == pytest.approx(100)


class _ProcessKilled(BaseException):
    """Ends a run as the death of its process would: no stage gets a stamp any more."""


def _checked_stages(work: Workspace, calls: list[str], killed_at: int | None) -> list[Stage]:
    """Two makers, a joint of both and a check of the whole, which rejects a fault that the first run of `left` has."""

    def count(name: str) -> None:
        calls.append(name)
        if len(calls) == killed_at:
            raise _ProcessKilled

    def make(name: str) -> Stage:
        def run(stage_input: StageInput) -> None:
            count(name)
            path = stage_input.work.path(f"{name}.txt")
            if not path.exists():
                path.write_text("faulty" if name == "left" else "good")
            elif stage_input.is_rejected(name):
                path.write_text("good")

        return Stage(name, run, makes=(f"{name}.txt",))

    def join(stage_input: StageInput) -> None:
        count("join")
        work.path("joint.txt").write_text(" ".join(work.path(f"{name}.txt").read_text() for name in ("left", "right")))

    def check(stage_input: StageInput) -> None:
        count("check")
        if work.path("joint.txt").read_text() != "good good":
            raise InputsRejected(errors.StageFailed("The left part is faulty."), "left")
        count("checked")
        work.path("report.txt").write_text("good")

    def publish(stage_input: StageInput) -> None:
        count("publish")
        work.path("published.txt").write_text(work.path("joint.txt").read_text())

    joint = Stage("join", join, needs=("left.txt", "right.txt"), makes=("joint.txt",))
    check_stage = Stage("check", check, needs=("joint.txt", "left.txt", "right.txt"), makes=("report.txt",))
    return [make("left"), make("right"), joint, check_stage, Stage("publish", publish, needs=("report.txt",), makes=("published.txt",))]


def test_rejected_outputs_are_made_anew_by_their_own_stages_even_if_the_process_dies(tmp_path: Path, engines: Engines) -> None:
    all_calls: list[str] = []
    for killed_at in (None, *range(1, 11)):
        work, calls = Workspace(tmp_path / str(killed_at)), []
        work.root.mkdir()
        with contextlib.suppress(StageError):
            run_pipeline(_checked_stages(work, calls, killed_at), work, {}, engines, RecordingControl())
        assert work.has("published.txt") is (killed_at is None)
        if killed_at is None:
            all_calls = list(calls)
        run_pipeline(_checked_stages(work, calls, None), work, {}, engines, RecordingControl())
        assert work.path("published.txt").read_text() == "good good"
        call_count = len(calls)
        run_pipeline(_checked_stages(work, calls, None), work, {}, engines, RecordingControl())
        assert len(calls) == call_count  # all stamps are right
    assert len(all_calls) == 10 and all_calls.count("left") == all_calls.count("right") == all_calls.count("join") == 2


def test_outputs_that_are_rejected_again_fail_with_the_error(work: Workspace, engines: Engines) -> None:
    calls: list[str] = []

    def reject(_: StageInput) -> str:
        raise InputsRejected(errors.StageFailed("It is faulty."))

    stages = [writes("first", calls=calls), writes("check", needs=("first.txt",), calls=calls, text=reject)]
    for runs in (1, 2):  # the next run begins with the faulty stage too
        with pytest.raises(StageError) as excinfo:
            run_pipeline(stages, work, {}, engines, RecordingControl())
        assert (excinfo.value.stage, str(excinfo.value.error)) == ("check", "A step of the conversion failed. It is faulty.")
        assert calls == ["first", "check", "first", "check"] * runs


def test_a_run_without_history_predicts_by_typical_speeds(work: Workspace, engines: Engines) -> None:
    watcher = RecordingControl()
    stages = [writes("first", calls=[], typical_speed=0.4), writes("last", needs=("first.txt",), calls=[], typical_speed=0.2)]
    run_pipeline(stages, work, {}, engines, watcher, timing=StageTiming(100))
    left = [each for each in watcher.seconds_left_values if each is not None]
    assert left[0] == pytest.approx(60, abs=1) and left[-1] == 0 and left == sorted(left, reverse=True)
    control = RecordingControl()
    work.path("source").write_text("another lecture")
    run_pipeline(stages, work, {}, engines, control, timing=StageTiming(100, {"first": 10.0, "last": 5.0}))
    assert control.seconds_left_values[0] == pytest.approx(15, abs=1)  # measured runs count more
