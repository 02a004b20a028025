"""lib/fork_server.py with lib/child.py: what the forks share, and what they must not share."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import errors
from lib.process import ROOT, Limits, measure_usage, run_program, run_task
from tests.lib.test_process import exits_within

TASKS = "tests.lib.child_tasks"
TASK_MODULES = (
    "pipelines.stages.notes",
    "services.documents.child_task",
    "services.ocr.worker",
    "services.slides.child_task",
    "services.speech_to_text.worker",
    "services.subtitles",
)


def test_importing_the_modules_of_tasks_starts_no_threads() -> None:
    for module in TASK_MODULES:
        with pytest.raises(errors.ProgramFailed, match="no_such_function"):
            run_task(f"{module}:no_such_function", {})
    assert run_task(f"{TASKS}:describe", {})["threads"] == 1


def test_a_child_has_none_of_the_pipes_of_other_children() -> None:
    alone = run_task(f"{TASKS}:describe", {})["channels"]
    with ThreadPoolExecutor(4) as pool:
        others = [pool.submit(run_program, ["sleep", "1"]) for _ in range(4)]
        time.sleep(0.3)
        among_others = run_task(f"{TASKS}:describe", {})["channels"]
        assert not any(each.done() for each in others)
    assert len(among_others) == len(alone)


def test_many_threads_start_children_at_once() -> None:
    with ThreadPoolExecutor(16) as pool:
        outputs = list(pool.map(lambda number: run_program(["echo", str(number)]).stdout, range(64)))
    assert outputs == [str(number) for number in range(64)]


def test_killing_the_fork_server_ends_its_children_and_the_next_child_starts_another_one(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    server = run_task(f"{TASKS}:describe", {})["server"]

    def kill_server() -> None:
        while not (pid_file.exists() and pid_file.read_text().strip()):
            time.sleep(0.02)
        os.kill(server, signal.SIGKILL)

    killer = threading.Thread(target=kill_server)
    killer.start()
    with pytest.raises(errors.LecternError):
        run_program(["sh", "-c", f"echo $$ > {pid_file}; sleep 60"])
    killer.join()
    assert exits_within(10, int(pid_file.read_text()))
    assert run_task(f"{TASKS}:describe", {})["server"] != server


def test_a_child_that_cannot_begin_fails_and_never_becomes_a_second_server(tmp_path: Path) -> None:
    server = run_task(f"{TASKS}:describe", {})["server"]
    with pytest.raises(errors.ProgramFailed, match="No such file or directory"):
        run_program(["true"], cwd=tmp_path / "missing")
    assert not Path(f"/proc/{server}/task/{server}/children").read_text().split()
    assert run_task(f"{TASKS}:describe", {})["server"] == server


def test_modules_of_the_current_folder_are_not_imported(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "child.py").write_text("raise SystemExit('imported from the current folder')")
    script = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from lib.process import run_program; print(run_program(['echo', 'ours']).stdout)"
    )
    result = subprocess.run([sys.executable, "-P", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert result.stdout.strip() == "ours", result.stderr


class TestChildrenOfChildren:
    def test_their_results_and_errors_are_passed_on(self) -> None:
        assert run_task(f"{TASKS}:run_nested", {"task": f"{TASKS}:add", "payload": {"numbers": [1, 2]}}) == {"sum": 3}
        with pytest.raises(errors.BadSubtitles, match="line 7"):
            run_task(f"{TASKS}:run_nested", {"task": f"{TASKS}:refuse", "payload": {}})

    def test_their_use_of_resources_is_counted(self) -> None:
        with measure_usage() as usage:
            run_task(f"{TASKS}:run_nested", {"task": f"{TASKS}:take_memory", "payload": {"mib": 200}})
        assert usage.max_rss_bytes > 200 * 2**20

    def test_they_cannot_raise_the_limits(self) -> None:
        payload = {"task": f"{TASKS}:take_memory", "payload": {"mib": 600}, "memory_bytes": 2**30}
        with pytest.raises(errors.OutOfMemory):
            run_task(f"{TASKS}:run_nested", payload, limits=Limits(memory_bytes=300 * 2**20))

    def test_they_end_when_the_outer_child_is_cancelled(self, tmp_path: Path) -> None:
        pid_file = tmp_path / "pid"

        def check() -> None:
            if pid_file.exists() and pid_file.read_text().strip():
                raise errors.Cancelled

        with pytest.raises(errors.Cancelled):
            run_task(f"{TASKS}:wait_nested", {"pid_file": str(pid_file)}, check=check)
        assert exits_within(10, int(pid_file.read_text()))
