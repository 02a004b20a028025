"""The only door to other programs: limits, progress, cancel, and nothing that outlives its parent.

Two kinds of child, both under `lib.child`:
`run_program` runs a program (ffmpeg, tesseract, pandoc); `run_task` runs a Python function of ours in a process of its own.
Each child leads its own process group, ends when its standard input closes, and may be used by any thread.
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

ROOT = Path(__file__).resolve().parents[1]
CHILD_MARK = "LECTERN_CHILD"
# Two arenas: threads of a model otherwise keep freed memory each for itself; large blocks go back to the system at once, and
# the limit for that does not grow by itself (mallopt(3), M_ARENA_MAX and M_MMAP_THRESHOLD).
_QUIET_BLAS = {"OPENBLAS_NUM_THREADS": "1"}  # whoever wants threads starts their own; numpy's cost CPU and memory at each start
_MALLOC = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": str(4 * 2**20)}
_PASSED_ON = (
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
_GRACE_S = 1.0

Check = Callable[[], None]
Report = Callable[[float, float], None]


def never_cancelled() -> None:
    """A `Check` for work that nobody can cancel."""


def no_report(done: float, total: float) -> None:
    """A `Report` for work that nobody watches."""


@dataclass(frozen=True)
class Limits:
    """What a child may use. None means no limit; `stall_s` is the longest silence on its standard output."""

    timeout_s: float | None = None
    stall_s: float | None = None
    memory_bytes: int | None = 6 * 2**30
    file_bytes: int | None = None
    niceness: int = 5


@dataclass
class Usage:
    """What children took: CPU seconds of whole trees, the largest resident set of any one process in bytes."""

    cpu_s: float = 0.0
    max_rss_bytes: int = 0


@dataclass(frozen=True)
class Completed:
    """A program's end: its standard output where no `on_line` took it, and the last lines of its standard error."""

    stdout: str
    stderr: str


_meter: ContextVar[Usage | None] = ContextVar("usage_meter", default=None)


@contextlib.contextmanager
def metered() -> Iterator[Usage]:
    """Add up what the children that this thread starts take."""
    usage = Usage()
    token = _meter.set(usage)
    try:
        yield usage
    finally:
        _meter.reset(token)


def run_program(
    argv: Sequence[str | os.PathLike[str]],
    *,
    check: Check = never_cancelled,
    limits: Limits = Limits(),
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    on_line: Callable[[str], None] | None = None,
) -> Completed:
    """Run a program to its end; each line of its standard output goes to `on_line` if given.

    Raises ProgramMissing, ProgramFailed, OutOfMemory, TimedOut, or whatever `check` raises (it is asked every 50 ms).
    """
    command = [os.fspath(part) for part in argv]
    lines: list[str] = []
    request = {"program": command, "limits": asdict(limits)}
    code, stderr = _run_child(request, check, limits, cwd, env, on_line or lines.append)
    if code != 0:
        raise _failure(Path(command[0]).name, code, stderr)
    return Completed("\n".join(lines), stderr)


def run_task(
    task: str,
    payload: Mapping[str, Any],
    *,
    report: Report = no_report,
    check: Check = never_cancelled,
    limits: Limits = Limits(),
    cwd: Path | None = None,
) -> dict[str, Any]:
    """Run `task` ("package.module:function") in a child of its own and return its answer.

    The function takes (payload: dict, report) and returns a dict; both must be JSON. An error of our tree raised there is
    raised here again; anything else becomes ProgramFailed.
    """
    answer: dict[str, Any] = {}

    def on_line(line: str) -> None:
        message = json.loads(line)
        if "progress" in message:
            report(*message["progress"])
        else:
            answer.update(message)

    request = {"task": task, "payload": dict(payload), "limits": asdict(limits)}
    code, stderr = _run_child(request, check, limits, cwd, None, on_line)
    if "error" in answer:
        raise _with_log(_raised_in_child(answer["error"]), answer["error"].get("log", ""), stderr)
    if code != 0 or "result" not in answer:
        raise _failure(task.rpartition(":")[2], code, stderr)
    result: dict[str, Any] = answer["result"]
    return result


def _run_child(
    request: dict[str, Any], check: Check, limits: Limits, cwd: Path | None, env: Mapping[str, str] | None, on_line: Callable[[str], None]
) -> tuple[int, str]:
    """-> (exit code, tail of standard error)."""
    nested = CHILD_MARK in os.environ
    told, tells = os.pipe()  # the child's last words: how much memory its work took
    process = subprocess.Popen(
        [sys.executable, "-m", "lib.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cwd,
        env=_environment(env),
        start_new_session=not nested,
        pass_fds=(tells,),
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    os.close(tells)
    assert process.stdin and process.stdout and process.stderr
    request["usage_fd"] = tells
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
    pump = _Pump(process.stdout, on_line)
    tail: deque[str] = deque(maxlen=_STDERR_LINES)
    errors_pump = _Pump(process.stderr, tail.append)
    try:
        _wait(process, pump, check, limits)
    except BaseException:
        _end(process, nested)
        raise
    finally:
        with contextlib.suppress(OSError):
            process.stdin.close()
        if not nested:
            _kill_group(process.pid, signal.SIGKILL)
        code = _reap(process, told)
        pump.join()
        errors_pump.join()
        process.stdout.close()
        process.stderr.close()
    if pump.error:
        raise pump.error
    return code, "\n".join(tail)


class _Pump(threading.Thread):
    """Reads a pipe to its end, a line at a time; keeps the first error that a line's taker raises."""

    def __init__(self, pipe: IO[str], take: Callable[[str], None]) -> None:
        super().__init__(daemon=True)
        self._pipe, self._take = pipe, take
        self.error: BaseException | None = None
        self.last_line_at = time.monotonic()
        self.start()

    def run(self) -> None:
        for line in self._pipe:
            self.last_line_at = time.monotonic()
            if self.error is None:
                try:
                    self._take(line.rstrip("\r\n"))
                except BaseException as error:  # handed to the waiting thread
                    self.error = error


def _wait(process: subprocess.Popen[str], pump: _Pump, check: Check, limits: Limits) -> None:
    started = time.monotonic()
    while not _has_ended(process.pid):
        check()
        if pump.error:
            raise pump.error
        now = time.monotonic()
        if limits.timeout_s is not None and now - started > limits.timeout_s:
            raise errors.TimedOut(f"It ran for {limits.timeout_s:.0f} s.")
        if limits.stall_s is not None and now - pump.last_line_at > limits.stall_s:
            raise errors.TimedOut(f"It showed no progress for {limits.stall_s:.0f} s.")
        pump.join(_POLL_S) if pump.is_alive() else time.sleep(_POLL_S / 5)


def _has_ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None


def _end(process: subprocess.Popen[str], nested: bool) -> None:
    """Ask politely, then end the whole group."""
    if nested:
        process.terminate()
    else:
        _kill_group(process.pid, signal.SIGTERM)
    deadline = time.monotonic() + _GRACE_S
    while not _has_ended(process.pid) and time.monotonic() < deadline:
        time.sleep(_POLL_S / 5)
    if nested and not _has_ended(process.pid):
        process.kill()


def _kill_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _reap(process: subprocess.Popen[str], told: int) -> int:
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    os.set_blocking(told, False)
    try:
        last_words = os.read(told, 64)
    except BlockingIOError:
        last_words = b""
    os.close(told)
    usage = _meter.get()
    if usage is not None:
        usage.cpu_s += used.ru_utime + used.ru_stime
        # ru_maxrss would do for a child that was killed only: it begins with what this process had when it forked
        usage.max_rss_bytes = max(usage.max_rss_bytes, int(last_words or used.ru_maxrss * 1024))
    return process.returncode


def _environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    """Children see no secret of ours: only these variables, and the mark that makes them ours."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**kept, **_MALLOC, **_QUIET_BLAS, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", CHILD_MARK: "1", **(extra or {})}


def _with_log(error: errors.LecternError, *parts: str) -> errors.LecternError:
    """Programs' last words go along as notes: they stand in a job's log, not in what its owner is told."""
    for part in parts:
        if part.strip():
            error.add_note(part.rstrip())
    return error


def _failure(name: str, code: int, stderr: str) -> errors.LecternError:
    return _with_log(_told_apart(name, code, stderr), f"{name} ended with {code}; it said:\n{stderr}")


def _told_apart(name: str, code: int, stderr: str) -> errors.LecternError:
    said = stderr.strip().splitlines()
    detail = f"{name}: {said[-1] if said else f'exit code {code}'}"
    if code == 127:
        return errors.ProgramMissing(detail)
    memory_words = ("cannot allocate memory", "memoryerror", "bad_alloc", "out of memory")
    if code in (-signal.SIGKILL, 128 + signal.SIGKILL) or any(word in stderr.lower() for word in memory_words):
        return errors.OutOfMemory(detail)
    if code in (-signal.SIGXFSZ, 128 + signal.SIGXFSZ) or "no space left on device" in stderr.lower():
        return errors.DiskFull(detail)
    return errors.ProgramFailed(detail)


def _raised_in_child(error: Mapping[str, str]) -> errors.LecternError:
    kind = getattr(errors, error["kind"], errors.ProgramFailed)
    raised: errors.LecternError = kind(error["detail"], hint=error["hint"])
    return raised
