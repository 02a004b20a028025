"""Pipelines: order, side by side, resume, retry, cancel, progress."""

from __future__ import annotations

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
from pipelines.stage import Stage, StageInput, Workspace
from pipelines.stage_timing import StageTiming


class Watcher:
    """A control that remembers what it was told and can ask the run to stop."""

    def __init__(self) -> None:
        self.percents: list[float] = []
        self.lefts: list[float | None] = []
        self.stop: Exception | None = None

    def check(self) -> None:
        if self.stop:
            raise self.stop

    def progress(self, stages: Sequence[str], percent: float, seconds_left: float | None) -> None:
        self.percents.append(percent)
        self.lefts.append(seconds_left)


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
    """A stage that writes one file made of its inputs and of what `text` adds."""

    def run(given: StageInput) -> None:
        calls.append(name)
        content = "+".join(given.work.path(need).read_text() for need in needs)
        given.work.path(f"{name}.txt").write_text(f"{name}({content}){text(given) if text else ''}")
        given.report(1, 1)

    return Stage(name, run, needs=needs, makes=(f"{name}.txt",), **more)


def test_stages_run_in_the_order_of_their_files(work: Workspace, engines: Engines) -> None:
    calls: list[str] = []
    last = writes("last", needs=("left.txt", "right.txt"), calls=calls)
    stages = [last, writes("right", calls=calls), writes("left", calls=calls)]
    metrics = run_pipeline(stages, work, {}, engines, Watcher())
    assert work.path("last.txt").read_text() == "last(left(a lecture)+right(a lecture))"
    assert calls[-1] == "last"
    assert set(metrics) == {"left", "right", "last"}


def test_independent_stages_run_side_by_side(work: Workspace, engines: Engines) -> None:
    meeting = threading.Barrier(2, timeout=10)
    calls: list[str] = []
    stages = [writes(name, calls=calls, text=lambda _: str(meeting.wait() >= 0)) for name in ("left", "right")]
    run_pipeline(stages, work, {}, engines, Watcher())
    assert sorted(calls) == ["left", "right"]


def test_finished_stages_are_not_repeated(work: Workspace, engines: Engines) -> None:
    calls: list[str] = []
    first = writes("first", calls=calls)

    def breaks(_: StageInput) -> str:
        raise errors.ProgramFailed("on purpose")

    with pytest.raises(StageError) as caught:
        run_pipeline([first, writes("second", needs=("first.txt",), calls=calls, text=breaks)], work, {}, engines, Watcher())
    assert caught.value.stage == "second"
    metrics = run_pipeline([first, writes("second", needs=("first.txt",), calls=calls)], work, {}, engines, Watcher())
    assert calls == ["first", "second", "second"]
    assert metrics["first"].resumed


def test_other_options_or_inputs_repeat_what_depends_on_them(work: Workspace, engines: Engines) -> None:
    calls: list[str] = []
    shout = writes("shout", calls=calls, uses=("loud",), text=lambda given: "!" * given.options["loud"])
    stages = [shout, writes("after", needs=("shout.txt",), calls=calls), writes("apart", calls=calls)]
    run_pipeline(stages, work, {"loud": 1}, engines, Watcher())
    run_pipeline(stages, work, {"loud": 3}, engines, Watcher())
    assert sorted(calls) == ["after", "after", "apart", "shout", "shout"]
    work.path("source").write_text("another lecture")
    run_pipeline(stages, work, {"loud": 3}, engines, Watcher())
    assert calls.count("apart") == 2


def test_scratch_is_made_again_only_when_it_is_needed(work: Workspace, engines: Engines) -> None:
    calls: list[str] = []
    stages = [
        writes("sound", calls=calls, scratch=("sound.txt",)),
        writes("words", needs=("sound.txt",), calls=calls, uses=("language",)),
    ]
    run_pipeline(stages, work, {"language": "en"}, engines, Watcher())
    work.path("sound.txt").unlink()
    run_pipeline(stages, work, {"language": "en"}, engines, Watcher())
    assert calls == ["sound", "words"]
    run_pipeline(stages, work, {"language": "fr"}, engines, Watcher())
    assert calls == ["sound", "words", "sound", "words"]
    work.path("sound.txt").unlink()
    run_pipeline(stages, work, {"language": "fr"}, engines, Watcher(), outputs=["sound.txt"])
    assert work.has("sound.txt")


def test_errors_that_may_pass_are_retried(work: Workspace, engines: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "_RETRY_PAUSE_S", 0.01)
    calls: list[str] = []

    def fails_twice(_: StageInput) -> str:
        if len(calls) < 3:
            raise errors.TransientError("busy")
        return ""

    run_pipeline([writes("shy", calls=calls, text=fails_twice)], work, {}, engines, Watcher())
    assert calls == ["shy"] * 3


def test_a_failing_stage_stops_the_one_beside_it(work: Workspace, engines: Engines) -> None:
    def waits(given: StageInput) -> str:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            given.check()
            time.sleep(0.01)
        return "never stopped"

    def breaks(_: StageInput) -> str:
        time.sleep(0.1)
        raise errors.ProgramFailed("on purpose")

    started = time.monotonic()
    with pytest.raises(StageError) as caught:
        run_pipeline([writes("long", calls=[], text=waits), writes("bad", calls=[], text=breaks)], work, {}, engines, Watcher())
    assert caught.value.stage == "bad"
    assert time.monotonic() - started < 30


def test_cancel_reaches_a_running_stage(work: Workspace, engines: Engines) -> None:
    watcher = Watcher()

    def stops_itself(given: StageInput) -> str:
        watcher.stop = errors.Cancelled()
        given.report(1, 2)
        return "went on"

    with pytest.raises(StageError) as caught:
        run_pipeline([writes("long", calls=[], text=stops_itself)], work, {}, engines, watcher)
    assert isinstance(caught.value.error, errors.Cancelled)


def test_progress_grows_to_a_hundred(work: Workspace, engines: Engines) -> None:
    watcher = Watcher()
    stages = [writes("small", calls=[], weight=1), writes("large", needs=("small.txt",), calls=[], weight=9)]
    run_pipeline(stages, work, {}, engines, watcher)
    assert watcher.percents == sorted(watcher.percents)
    assert 10 in watcher.percents
    assert watcher.percents[-1] == pytest.approx(100)
    assert set(watcher.lefts[:-1]) == {None}  # nothing like it was ever measured


def test_a_stage_that_does_not_write_what_it_promised_fails(work: Workspace, engines: Engines) -> None:
    with pytest.raises(StageError, match="idle"):
        run_pipeline([Stage("idle", lambda given: None, makes=("nothing.txt",))], work, {}, engines, Watcher())


def test_a_workspace_has_one_worker(work: Workspace) -> None:
    with work.locked(), pytest.raises(errors.TransientError), work.locked():
        pass


def test_a_stage_without_progress_is_ended_and_left_to_the_queue(work: Workspace, engines: Engines) -> None:
    calls: list[str] = []
    child = Path("/proc")

    def hangs(given: StageInput) -> str:
        run_program(["sleep", "601"], check=given.check)
        return ""

    with pytest.raises(StageError) as caught:
        run_pipeline([writes("stuck", calls=calls, text=hangs)], work, {}, engines, Watcher(), timing=StageTiming(stall_s=0.5))
    assert isinstance(caught.value.error, errors.Stalled) and caught.value.error.retryable
    assert calls == ["stuck"]
    assert not [each for each in child.glob("[0-9]*/cmdline") if b"sleep\x00601" in _read(each)]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_progress_keeps_a_stage_going_and_its_time_is_limited_by_the_recordings(work: Workspace, engines: Engines) -> None:
    def creeps(given: StageInput) -> str:
        for done in range(1, 4000):
            given.report(done, 4000)
            time.sleep(0.01)
        return ""

    with pytest.raises(StageError) as caught:
        run_pipeline([writes("slow", calls=[], text=creeps)], work, {}, engines, Watcher(), timing=StageTiming(10, {}, 0.5, 0.1, 5))
    assert type(caught.value.error) is errors.TimedOut
    assert "1 s" in str(caught.value.error) or "2 s" in str(caught.value.error)


def test_seconds_left_come_from_what_stages_took_before(work: Workspace, engines: Engines) -> None:
    watcher = Watcher()
    stages = [writes("first", calls=[]), writes("beside", calls=[]), writes("last", needs=("first.txt", "beside.txt"), calls=[])]
    run_pipeline(stages, work, {}, engines, watcher, timing=StageTiming(60, {"first": 40.0, "beside": 30.0, "last": 20.0}))
    assert watcher.lefts[0] == pytest.approx(60, abs=1)  # two side by side, then the last
    assert 20 in [round(left) for left in watcher.lefts]
    assert watcher.lefts[-1] == 0
    assert watcher.percents[-1] == pytest.approx(100)
