"""The door to other programs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import errors
from lib.process import ROOT, Limits, metered, run_program, run_task

TASKS = "tests.lib.child_tasks"


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_lines_come_as_they_are_printed() -> None:
    lines: list[str] = []
    done = run_program(["sh", "-c", "echo one; echo two; echo three >&2"], on_line=lines.append)
    assert lines == ["one", "two"]
    assert done.stderr == "three"


def test_a_missing_program_is_named() -> None:
    with pytest.raises(errors.ProgramMissing, match="no-such-program"):
        run_program(["no-such-program"])


def test_a_failing_program_says_why() -> None:
    with pytest.raises(errors.ProgramFailed, match="it is broken"):
        run_program(["sh", "-c", "echo it is broken >&2; exit 3"])


def test_a_slow_program_is_ended() -> None:
    with pytest.raises(errors.TimedOut):
        run_program(["sleep", "30"], limits=Limits(timeout_s=0.3))


def test_a_silent_program_is_ended() -> None:
    with pytest.raises(errors.TimedOut, match="no progress"):
        run_program(["sh", "-c", "echo alive; sleep 30"], limits=Limits(stall_s=0.5))


def test_too_much_memory_is_told_apart() -> None:
    with pytest.raises(errors.OutOfMemory):
        run_task(f"{TASKS}:take_memory", {"mib": 600}, limits=Limits(memory_bytes=300 * 2**20))


def test_too_large_a_file_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(errors.DiskFull):
        run_program(["dd", "if=/dev/zero", f"of={tmp_path / 'big'}", "bs=1M", "count=20"], limits=Limits(file_bytes=2**20))


def test_cancel_ends_the_whole_group_within_two_seconds(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    asked_at = time.monotonic() + 0.5

    def check() -> None:
        if time.monotonic() > asked_at:
            raise errors.Cancelled

    with pytest.raises(errors.Cancelled):
        run_program(["sh", "-c", f"trap '' TERM; sleep 60 & echo $! > {pid_file}; wait; sleep 60"], check=check)
    assert time.monotonic() - asked_at < 2
    assert not alive(int(pid_file.read_text()))


def test_tasks_answer_report_and_print_freely() -> None:
    seen: list[tuple[float, float]] = []
    answer = run_task(f"{TASKS}:add", {"numbers": [1, 2, 3]}, report=lambda done, total: seen.append((done, total)))
    assert answer == {"sum": 6}
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_our_errors_come_back_as_themselves() -> None:
    with pytest.raises(errors.BadSubtitles, match="line 7") as caught:
        run_task(f"{TASKS}:refuse", {})
    assert caught.value.hint == "Mend line 7."


def test_crashes_of_a_task_stay_in_the_child() -> None:
    with pytest.raises(errors.ProgramFailed, match="ZeroDivisionError"):
        run_task(f"{TASKS}:crash", {})
    with pytest.raises(errors.ProgramFailed):
        run_task(f"{TASKS}:segfault", {})


def test_use_is_metered() -> None:
    with metered() as usage:
        run_task(f"{TASKS}:take_memory", {"mib": 200})
    assert usage.max_rss_bytes > 200 * 2**20
    assert usage.cpu_s > 0


def test_children_see_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_SECRET_KEY", "very secret")
    assert "very secret" not in run_program(["env"]).stdout


def test_children_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    script = f"from lib.process import run_program; run_program(['sh', '-c', 'echo $$ > {pid_file}; sleep 60'])"
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT)
    while not (pid_file.exists() and pid_file.read_text().strip()):
        time.sleep(0.05)
    child = int(pid_file.read_text())
    parent.kill()
    parent.wait()
    until = time.monotonic() + 2
    while alive(child) and time.monotonic() < until:
        time.sleep(0.05)
    gone = not alive(child)
    if not gone:
        os.kill(child, signal.SIGKILL)
    assert gone
