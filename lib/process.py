"""Runs child processes with limits, progress and cancellation; the only module that starts them.

Both functions start `lib.child`: `run_program` runs a program (ffmpeg, tesseract, pandoc), `run_task` a Python function. Each child
leads its own process group and exits when its standard input closes. Any thread may call them.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import errors
from lib.process_errors import classify_exit, raised_in_child, with_log
from lib.waiting import before_waiting

ROOT = Path(__file__).resolve().parents[1]
CHILD_VARIABLE = "LECTERN_CHILD"
_BLAS_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1"}  # numpy's thread pool costs CPU and memory at each start
# Limits of glibc's malloc (mallopt(3)). With two arenas, threads share freed memory; by default each thread has its own arena. The fixed
# threshold makes malloc return every block above 4 MiB to the system when it is freed; by default the threshold grows.
_MALLOC_ENVIRONMENT = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": str(4 * 2**20)}
_INHERITED_VARIABLES = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "VIRTUAL_ENV",
    "LD_LIBRARY_PATH",
    "TESSDATA_PREFIX",
    "OMP_NUM_THREADS",
    "SOURCE_DATE_EPOCH",
)
_STDERR_LINES = 60
_POLL_S = 0.05
_TERMINATION_GRACE_S = 1.0

CancellationCheck = Callable[[], None]
"""Raises if the job is cancelled."""

Report = Callable[[float, float], None]
"""Receives the amount of work done and the total amount."""


def never_cancelled() -> None:
    """Do nothing: a `CancellationCheck` for work that can't be cancelled."""


def ignore_progress(done: float, total: float) -> None:
    """Do nothing: a `Report` that discards progress."""


@dataclass(frozen=True)
class Limits:
    """Resource limits of a child. None means no limit; `stall_s` is the longest time without standard output."""

    timeout_s: float | None = None
    stall_s: float | None = None
    memory_bytes: int | None = 6 * 2**30
    file_bytes: int | None = None
    niceness: int = 10


@dataclass
class Usage:
    """Resources used by children: CPU seconds of all processes, and the largest resident set of a single process in bytes."""

    cpu_s: float = 0.0
    max_rss_bytes: int = 0


@dataclass(frozen=True)
class Completed:
    """Output of a finished program: standard output unless `on_line` received it, and the last lines of standard error."""

    stdout: str
    stderr: str


_meter: ContextVar[Usage | None] = ContextVar("usage_meter", default=None)


@contextlib.contextmanager
def metered() -> Iterator[Usage]:
    """Add up the resources used by children that this thread starts."""
    usage = Usage()
    token = _meter.set(usage)
    try:
        yield usage
    finally:
        _meter.reset(token)


def run_program(
    argv: Sequence[str | os.PathLike[str]],
    *,
    check: CancellationCheck = never_cancelled,
    limits: Limits = Limits(),
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    on_line: Callable[[str], None] | None = None,
) -> Completed:
    """Run a program and wait for its end; pass each line of its standard output to `on_line` if given.

    Raises ProgramMissing, ProgramFailed, OutOfMemory, DiskFull, TimedOut, or the error that `check` raises (called every 50 ms).
    """
    command = [os.fspath(part) for part in argv]
    lines: list[str] = []
    request = {"program": command, "limits": asdict(limits)}
    name = Path(command[0]).name
    code, stderr = _run_child(name, request, check, limits, cwd, env, on_line or lines.append)
    if code != 0:
        raise classify_exit(name, code, stderr)
    return Completed("\n".join(lines), stderr)


def run_task(
    task: str,
    payload: Mapping[str, Any],
    *,
    report: Report = ignore_progress,
    check: CancellationCheck = never_cancelled,
    limits: Limits = Limits(),
    cwd: Path | None = None,
) -> dict[str, Any]:
    """Run `task` ("package.module:function") in a child process and return its result.

    The function takes (payload: dict, report) and returns a dict; both must be JSON. A LecternError that it raises is raised here
    again; any other exception becomes ProgramFailed.
    """
    outcome: dict[str, Any] = {}

    def on_line(line: str) -> None:
        message = json.loads(line)
        if "progress" in message:
            report(*message["progress"])
        else:
            outcome.update(message)

    request = {"task": task, "payload": dict(payload), "limits": asdict(limits)}
    name = task.rpartition(":")[2]
    code, stderr = _run_child(name, request, check, limits, cwd, None, on_line)
    if "error" in outcome:
        raise with_log(raised_in_child(outcome["error"]), outcome["error"].get("log", ""), stderr)
    if code != 0 or "result" not in outcome:
        raise classify_exit(name, code, stderr)
    result: dict[str, Any] = outcome["result"]
    return result


def _run_child(
    name: str,
    request: dict[str, Any],
    check: CancellationCheck,
    limits: Limits,
    cwd: Path | None,
    env: Mapping[str, str] | None,
    on_line: Callable[[str], None],
) -> tuple[int, str]:
    """Run a child and return its exit code and the last lines of standard error."""
    before_waiting()
    is_nested = CHILD_VARIABLE in os.environ
    process, usage_reader = _start_child(request, cwd, env, is_nested)
    assert process.stdin and process.stdout and process.stderr
    stdout = _LineReader(process.stdout, on_line)
    tail: deque[str] = deque(maxlen=_STDERR_LINES)
    stderr = _LineReader(process.stderr, tail.append)
    try:
        _wait(name, process, stdout, check, limits)
    except BaseException:
        _terminate(process, is_nested)
        raise
    finally:
        with contextlib.suppress(OSError):
            process.stdin.close()
        if not is_nested:
            _signal_group(process.pid, signal.SIGKILL)
        code = _reap(process, usage_reader)
        stdout.join()
        stderr.join()
        process.stdout.close()
        process.stderr.close()
    if stdout.error:
        raise stdout.error
    return code, "\n".join(tail)


def _start_child(
    request: dict[str, Any], cwd: Path | None, env: Mapping[str, str] | None, is_nested: bool
) -> tuple[subprocess.Popen[str], int]:
    """Start `lib.child` with the request; return the process and the pipe to which it writes its memory use at its end."""
    usage_reader, usage_writer = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "lib.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cwd,
        env=_environment(env),
        start_new_session=not is_nested,
        pass_fds=(usage_writer,),
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    os.close(usage_writer)
    assert process.stdin
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(json.dumps({**request, "usage_fd": usage_writer}) + "\n")
        process.stdin.flush()
    return process, usage_reader


class _LineReader(threading.Thread):
    """Reads the lines of a pipe and passes each to `on_line`; keeps the first error that this raises."""

    def __init__(self, pipe: IO[str], on_line: Callable[[str], None]) -> None:
        super().__init__(daemon=True)
        self._pipe, self._on_line = pipe, on_line
        self.error: BaseException | None = None
        self.last_line_at = time.monotonic()
        self.start()

    def run(self) -> None:
        for line in self._pipe:
            self.last_line_at = time.monotonic()
            if self.error is None:
                try:
                    self._on_line(line.rstrip("\r\n"))
                except BaseException as error:  # raised again by the waiting thread
                    self.error = error


def _wait(name: str, process: subprocess.Popen[str], stdout: _LineReader, check: CancellationCheck, limits: Limits) -> None:
    started = time.monotonic()
    while not _has_exited(process.pid):
        check()
        if stdout.error:
            raise stdout.error
        now = time.monotonic()
        if limits.timeout_s is not None and now - started > limits.timeout_s:
            raise errors.TimedOut(f"{name} ran for {limits.timeout_s:.0f} s.")
        if limits.stall_s is not None and now - stdout.last_line_at > limits.stall_s:
            raise errors.TimedOut(f"{name} made no progress for {limits.stall_s:.0f} s.")
        stdout.join(_POLL_S) if stdout.is_alive() else time.sleep(_POLL_S / 5)


def _has_exited(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None


def _terminate(process: subprocess.Popen[str], is_nested: bool) -> None:
    """Send SIGTERM and wait; the caller kills the group afterwards. A nested child shares its parent's group and is killed here."""
    if is_nested:
        process.terminate()
    else:
        _signal_group(process.pid, signal.SIGTERM)
    deadline = time.monotonic() + _TERMINATION_GRACE_S
    while not _has_exited(process.pid) and time.monotonic() < deadline:
        time.sleep(_POLL_S / 5)
    if is_nested and not _has_exited(process.pid):
        process.kill()


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _reap(process: subprocess.Popen[str], usage_reader: int) -> int:
    _, status, rusage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    os.set_blocking(usage_reader, False)
    try:
        max_memory = os.read(usage_reader, 64)
    except BlockingIOError:
        max_memory = b""
    os.close(usage_reader)
    usage = _meter.get()
    if usage is not None:
        usage.cpu_s += rusage.ru_utime + rusage.ru_stime
        # ru_maxrss is the fallback for killed children: it starts at the memory of this process at the fork
        usage.max_rss_bytes = max(usage.max_rss_bytes, int(max_memory or rusage.ru_maxrss * 1024))
    return process.returncode


def _environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    """Return the environment of a child. It contains no secrets; CHILD_VARIABLE tells the child that it is one."""
    inherited = {name: os.environ[name] for name in _INHERITED_VARIABLES if name in os.environ}
    return {
        **inherited,
        **_MALLOC_ENVIRONMENT,
        **_BLAS_ENVIRONMENT,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        CHILD_VARIABLE: "1",
        **(extra or {}),
    }
