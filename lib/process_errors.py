"""Errors of child processes: from their exit code and standard error, or raised in the child."""

from __future__ import annotations

import signal
from collections.abc import Mapping

import errors

_MEMORY_MESSAGES = ("cannot allocate memory", "memoryerror", "bad_alloc", "out of memory")
_DISK_MESSAGE = "no space left on device"
_COMMAND_NOT_FOUND = 127


def classify_exit(name: str, code: int, stderr: str) -> errors.LecternError:
    """Return the error for a child that failed, with its standard error as a note."""
    lines = stderr.strip().splitlines()
    detail = f"{name}: {lines[-1] if lines else f'exit code {code}'}"
    return with_log(_error_class(code, stderr.lower())(detail), f"{name} exited with code {code}. Its output:\n{stderr}")


def _error_class(code: int, stderr: str) -> type[errors.LecternError]:
    if code == _COMMAND_NOT_FOUND:
        return errors.ProgramMissing
    if _ended_by(signal.SIGKILL, code) or any(message in stderr for message in _MEMORY_MESSAGES):
        return errors.OutOfMemory
    if _ended_by(signal.SIGXFSZ, code) or _DISK_MESSAGE in stderr:
        return errors.DiskFull
    return errors.ProgramFailed


def _ended_by(number: signal.Signals, code: int) -> bool:
    """Return whether a child ended by this signal; a shell in between returns 128 and the number of the signal."""
    return code in (-number, 128 + number)


def raised_in_child(error: Mapping[str, str]) -> errors.LecternError:
    """Return the error that a task raised in its child."""
    error_class = getattr(errors, error["kind"], errors.ProgramFailed)
    raised: errors.LecternError = error_class(error["detail"], hint=error["hint"])
    return raised


def with_log(error: errors.LecternError, *parts: str) -> errors.LecternError:
    """Attach program output as notes: it appears in the job's log and not in the user's message."""
    for part in parts:
        if part.strip():
            error.add_note(part.rstrip())
    return error
