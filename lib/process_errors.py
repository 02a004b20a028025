"""Errors of child processes: from their exit code and standard error, or raised in the child."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from typing import Any

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
    if _is_ended_by(signal.SIGKILL, code) or any(message in stderr for message in _MEMORY_MESSAGES):
        return errors.OutOfMemory
    if _is_ended_by(signal.SIGXFSZ, code) or _DISK_MESSAGE in stderr:
        return errors.DiskFull
    return errors.ProgramFailed


def _is_ended_by(number: signal.Signals, code: int) -> bool:
    """Return whether a child ended by this signal; a shell in between returns 128 and the number of the signal."""
    return code in (-number, 128 + number)


def to_message(error: errors.LecternError) -> dict[str, Any]:
    """Return an error as JSON: its class with the classes that it inherits from, its message, and its plain attributes."""
    classes = [_name(each) for each in type(error).__mro__ if issubclass(each, errors.LecternError)]
    attributes = {name: value for name, value in vars(error).items() if isinstance(value, str | int | float | None)}
    return {"classes": classes, "message": error.message, "attributes": attributes, "log": "\n".join(getattr(error, "__notes__", ()))}


def read_child_error(message: Mapping[str, Any]) -> errors.LecternError:
    """Return the error that a task raised in its child. Its class is the nearest one that this process knows."""
    class_by_name = {_name(each): each for each in _subclasses(errors.LecternError)}
    name, error_class = next((name, class_by_name[name]) for name in message["classes"] if name in class_by_name)
    attributes = dict(message["attributes"])
    if name != message["classes"][0]:
        attributes["detail"] = f"{message['message']} {attributes['detail']}".strip()
    error = error_class.__new__(error_class)
    errors.LecternError.__init__(error, attributes["detail"])
    vars(error).update(attributes)
    return error


def _name(error_class: type) -> str:
    return f"{error_class.__module__}.{error_class.__qualname__}"


def _subclasses(error_class: type[errors.LecternError]) -> Iterator[type[errors.LecternError]]:
    yield error_class
    for each in error_class.__subclasses__():
        yield from _subclasses(each)


def with_log(error: errors.LecternError, *parts: str) -> errors.LecternError:
    """Attach program output as notes: it appears in the job's log and not in the user's message."""
    for part in parts:
        if part.strip():
            error.add_note(part.rstrip())
    return error
