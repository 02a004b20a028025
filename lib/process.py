"""Runs child processes with limits, progress and cancellation. Other modules start programs through this one.

`run_program` runs a program (ffmpeg, tesseract, pandoc), `run_task` a Python function, each in a fork of `lib.child`. Each child leads
its own process group and exits when its standard input closes. Any thread may call them.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Self

import errors
from lib.fork_server import Exit, ForkedProcess, ForkServer
from lib.instruction_set import ctranslate2_environment
from lib.process_errors import classify_exit, read_child_error, with_log
from lib.waiting import before_waiting

ROOT = Path(__file__).resolve().parents[1]
_BLAS_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1"}  # numpy's thread pool costs CPU and memory at each start
# Limits of glibc's malloc (mallopt(3)). With two arenas, threads share freed memory; by default each thread has its own arena. The fixed
# threshold makes malloc return every block above 4 MiB to the system when it is freed; by default the threshold grows. Such blocks come in
# huge pages (glibc's manual, Memory Allocation Tunables): in pages of 4 KiB, a sixth of the time of speech recognition is page faults.
_MALLOC_ENVIRONMENT = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": str(4 * 2**20),
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}
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
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
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
class ProcessOutput:
    """Output of a finished program: standard output unless `on_line` received it, and the last lines of standard error."""

    stdout: str
    stderr: str


_meter: ContextVar[Usage | None] = ContextVar("usage_meter", default=None)
_total = Usage()
_usage_lock = threading.Lock()


@contextlib.contextmanager
def measure_usage() -> Iterator[Usage]:
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
) -> ProcessOutput:
    """Run a program and wait for its end; pass each line of its standard output to `on_line` if given.

    Raises ProgramMissing, ProgramFailed, OutOfMemory, DiskFull, TimedOut, or the error that `check` raises (called first, then
    every 50 ms).
    """
    command = [os.fspath(part) for part in argv]
    lines: list[str] = []
    request = {"program": command}
    name = Path(command[0]).name
    code, stderr = _run_child(name, request, check, limits, cwd, env, on_line or lines.append)
    if code != 0:
        raise classify_exit(name, code, stderr)
    return ProcessOutput("\n".join(lines), stderr)


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
    again, with its class and attributes; any other exception becomes ProgramFailed.
    """
    outcome: dict[str, Any] = {}

    def on_line(line: str) -> None:
        message = json.loads(line)
        if "progress" in message:
            report(*message["progress"])
        else:
            outcome.update(message)

    request = {"task": task, "payload": dict(payload)}
    name = task.rpartition(":")[2]
    code, stderr = _run_child(name, request, check, limits, cwd, None, on_line)
    if "error" in outcome:
        raise with_log(read_child_error(outcome["error"]), outcome["error"]["log"], stderr)
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
    tail: deque[str] = deque(maxlen=_STDERR_LINES)
    with _start_child({**request, "limits": _within_own_limits(limits)}, cwd, env) as child:
        stdout, stderr = _LineReader(child.stdout, on_line), _LineReader(child.stderr, tail.append)
        try:
            _wait(name, child.process, stdout, check, limits)
        except BaseException:
            _terminate(child.process)
            raise
        finally:
            with contextlib.suppress(OSError):
                child.stdin.close()
            child.process.signal_group(signal.SIGKILL)
            end = child.process.wait()
            assert end is not None
            _add_usage(end, child.usage)
            stdout.join()
            stderr.join()
        if stdout.error:
            raise stdout.error
    return end.code, "\n".join(tail)


@dataclass(frozen=True)
class _Child:
    """A started child with this process's ends of its pipes; it writes the resources that it used to `usage` at its end."""

    process: ForkedProcess
    stdin: IO[str]
    stdout: IO[str]
    stderr: IO[str]
    usage: IO[str]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in (self.stdout, self.stderr, self.usage):
            pipe.close()


def _start_child(request: dict[str, Any], cwd: Path | None, env: Mapping[str, str] | None) -> _Child:
    """Start a child with this request on its standard input."""
    (stdin_reader, stdin), (stdout, stdout_writer), (stderr, stderr_writer), (usage, usage_writer) = pipes = [os.pipe() for _ in range(4)]
    head = {
        "module": request.get("task", "").partition(":")[0],
        "cwd": os.fspath((cwd or Path()).absolute()),
        "environment": _environment(env),
    }
    child_ends = (stdin_reader, stdout_writer, stderr_writer, usage_writer)
    try:
        process = CHILDREN.start(head, child_ends)
    except BaseException:
        for descriptor in {each for pipe in pipes for each in pipe} - set(child_ends):
            os.close(descriptor)
        raise
    finally:
        for descriptor in child_ends:
            os.close(descriptor)
    readers = (os.fdopen(each, encoding="utf-8", errors="replace") for each in (stdout, stderr, usage))
    child = _Child(process, os.fdopen(stdin, "w", encoding="utf-8"), *readers)
    with contextlib.suppress(BrokenPipeError):
        child.stdin.write(json.dumps(request) + "\n")
        child.stdin.flush()
    return child


def _within_own_limits(limits: Limits) -> dict[str, Any]:
    """Return the limits of a child; a nested child can lower its parent's limits, never raise them."""
    values = asdict(limits)
    for name, kind in (("memory_bytes", resource.RLIMIT_DATA), ("file_bytes", resource.RLIMIT_FSIZE)):
        hard_limit = resource.getrlimit(kind)[1]
        if hard_limit != resource.RLIM_INFINITY:
            values[name] = hard_limit if values[name] is None else min(hard_limit, values[name])
    return values


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


def _wait(name: str, process: ForkedProcess, stdout: _LineReader, check: CancellationCheck, limits: Limits) -> None:
    start_s = time.monotonic()
    check()
    while process.wait(_POLL_S) is None:
        check()
        if stdout.error:
            raise stdout.error
        now = time.monotonic()
        if limits.timeout_s is not None and now - start_s > limits.timeout_s:
            raise errors.TimedOut(f"{name} ran for {limits.timeout_s:.0f} s.")
        if limits.stall_s is not None and now - stdout.last_line_at > limits.stall_s:
            raise errors.TimedOut(f"{name} made no progress for {limits.stall_s:.0f} s.")


def _terminate(process: ForkedProcess) -> None:
    """Send SIGTERM and wait; the caller kills the group afterwards."""
    process.signal_group(signal.SIGTERM)
    process.wait(_TERMINATION_GRACE_S)


def _add_usage(end: Exit, report: IO[str]) -> None:
    """Add the usage of a child to the meter of this thread and, in a child, to the usage that it reports itself."""
    text = report.read()
    # Exit.max_rss_bytes is the fallback for killed children: it starts at the memory of the fork server
    nested_cpu_s, max_rss_bytes = json.loads(text) if text else (0.0, end.max_rss_bytes)
    for usage in (_meter.get(), _total):
        if usage is not None:
            with _usage_lock:
                usage.cpu_s += end.cpu_s + nested_cpu_s
                usage.max_rss_bytes = max(usage.max_rss_bytes, max_rss_bytes)


def usage_of_children() -> Usage:
    """Return what the children of this process that have ended used; the operating system counts them for the fork server."""
    return _total


def _environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a child. It contains no secrets."""
    variables = {name: os.environ[name] for name in _INHERITED_VARIABLES if name in os.environ}
    return {
        **variables,
        **_MALLOC_ENVIRONMENT,
        **_BLAS_ENVIRONMENT,
        **ctranslate2_environment(),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        **(extra or {}),
    }


CHILDREN = ForkServer("lib.child", _environment)
"""The fork server of this process; its children use the same one."""
