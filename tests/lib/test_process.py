"""lib/process.py: child processes, their limits and their errors."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import errors
from lib import http_client
from lib.process import ROOT, Limits, measure_usage, run_program, run_task

TASKS = "tests.lib.child_tasks"


def is_alive(pid: int) -> bool:
    """Return whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def exits_within(timeout_s: float, pid: int) -> bool:
    """Wait for the end of a process; a killed process takes a moment to end."""
    deadline = time.monotonic() + timeout_s
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_alive(pid)


def test_output_is_passed_on_line_by_line() -> None:
    lines: list[str] = []
    result = run_program(["sh", "-c", "echo one; echo two; echo three >&2"], on_line=lines.append)
    assert lines == ["one", "two"]
    assert result.stderr == "three"


def test_a_missing_program_is_reported_by_name() -> None:
    with pytest.raises(errors.ProgramMissing, match="no-such-program"):
        run_program(["no-such-program"])


def test_the_output_of_a_failing_program_is_reported() -> None:
    with pytest.raises(errors.ProgramFailed, match="it is broken"):
        run_program(["sh", "-c", "echo it is broken >&2; exit 3"])


def test_a_program_is_stopped_at_its_timeout() -> None:
    with pytest.raises(errors.TimedOut):
        run_program(["sleep", "30"], limits=Limits(timeout_s=0.3))


def test_a_program_without_output_is_stopped() -> None:
    with pytest.raises(errors.TimedOut, match="no progress"):
        run_program(["sh", "-c", "echo alive; sleep 30"], limits=Limits(stall_s=0.5))


def test_exceeding_the_memory_limit_raises_out_of_memory() -> None:
    with pytest.raises(errors.OutOfMemory):
        run_task(f"{TASKS}:take_memory", {"mib": 600}, limits=Limits(memory_bytes=300 * 2**20))


def test_exceeding_the_file_limit_raises_disk_full(tmp_path: Path) -> None:
    with pytest.raises(errors.DiskFull):
        run_program(["dd", "if=/dev/zero", f"of={tmp_path / 'big'}", "bs=1M", "count=20"], limits=Limits(file_bytes=2**20))


def test_cancelling_stops_the_whole_group(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    cancelled_at = 0.0

    def check() -> None:
        nonlocal cancelled_at
        if pid_file.exists() and pid_file.read_text().strip():
            cancelled_at = time.monotonic()
            raise errors.Cancelled

    with pytest.raises(errors.Cancelled):
        run_program(["sh", "-c", f"trap '' TERM; sleep 60 & echo $! > {pid_file}; wait; sleep 60"], check=check)
    assert time.monotonic() - cancelled_at < 10  # a grace period of one second, on a busy machine
    assert exits_within(2, int(pid_file.read_text()))


def test_tasks_return_results_and_report_progress_even_if_they_print() -> None:
    reports: list[tuple[float, float]] = []
    result = run_task(f"{TASKS}:add", {"numbers": [1, 2, 3]}, report=lambda done, total: reports.append((done, total)))
    assert result == {"sum": 6}
    assert reports == [(1, 3), (2, 3), (3, 3)]


def test_lectern_errors_are_raised_again() -> None:
    with pytest.raises(errors.BadSubtitles, match="line 7") as excinfo:
        run_task(f"{TASKS}:refuse", {})
    assert excinfo.value.hint == "Correct line 7."
    with pytest.raises(errors.TransientError) as caught_transient:  # a class outside the package `errors`
        run_task(f"{TASKS}:give_no_answer", {})
    assert type(caught_transient.value) is http_client.NoAnswer and str(caught_transient.value) == "The server did not respond."
    with pytest.raises(errors.ProviderBusy) as caught_busy:
        run_task(f"{TASKS}:be_busy", {})
    assert caught_busy.value.retry_after_s == 7
    with pytest.raises(errors.DiskFull, match=r"The tape of this child is full\. Change it\."):  # a class that only the child has
        run_task(f"{TASKS}:fill_a_tape", {})


def test_a_crash_of_a_task_does_not_affect_the_parent() -> None:
    with pytest.raises(errors.ProgramFailed, match="ZeroDivisionError"):
        run_task(f"{TASKS}:crash", {})
    with pytest.raises(errors.ProgramFailed):
        run_task(f"{TASKS}:segfault", {})


def test_resource_usage_is_measured() -> None:
    with measure_usage() as usage:
        run_task(f"{TASKS}:take_memory", {"mib": 200})
    assert usage.max_rss_bytes > 200 * 2**20
    assert usage.cpu_s > 0


def test_children_get_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_SECRET_KEY", "very secret")
    assert "very secret" not in run_program(["env"]).stdout


def test_children_exit_when_their_parent_is_killed(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    script = f"from lib.process import run_program; run_program(['sh', '-c', 'echo $$ > {pid_file}; sleep 60'])"
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT)
    while not (pid_file.exists() and pid_file.read_text().strip()):
        time.sleep(0.05)
    child = int(pid_file.read_text())
    parent.kill()
    parent.wait()
    has_exited = exits_within(2, child)
    if not has_exited:
        os.kill(child, signal.SIGKILL)
    assert has_exited


@pytest.mark.parametrize(("niceness", "policy"), [(0, os.SCHED_OTHER), (7, os.SCHED_BATCH)])
def test_a_child_yields_to_the_server_also_where_sessions_are_scheduled_as_groups(niceness: int, policy: int) -> None:
    expected = str(niceness) if Path("/proc/self/autogroup").exists() else ""
    result = run_task(f"{TASKS}:wait_for_priority", {"expected": expected}, limits=Limits(niceness=niceness))
    assert result == {"process": os.nice(0) + niceness, "policy": policy, "session": expected}
