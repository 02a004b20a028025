"""Tasks that tests run in child processes."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import errors

Report = Callable[[float, float], None]


def add(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    total = 0
    for count, number in enumerate(payload["numbers"], 1):
        total += number
        print("printed output must not disturb the result")
        report(count, len(payload["numbers"]))
    return {"sum": total}


def refuse(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    raise errors.BadSubtitles("The time on line 7 is invalid.", hint="Correct line 7.")


def crash(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    return {"never": 1 / 0}


def segfault(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    ctypes.string_at(0)
    return {}


def take_memory(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    block = bytearray(payload["mib"] * 2**20)
    block[::4096] = b"x" * len(block[::4096])
    return {"taken": len(block)}
