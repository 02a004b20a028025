"""Tasks that tests run in child processes."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import errors
from lib import http_client, process

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


def give_no_answer(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    raise http_client.NoAnswer


def be_busy(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    raise errors.ProviderBusy("Wait.", wait_s=7)


class _Unknown(errors.DiskFull):
    """The tape is full."""


def fill_a_tape(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    class OfThisChild(_Unknown):
        """The tape of this child is full."""

    raise OfThisChild("Change it.")


def crash(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    return {"never": 1 / 0}


def segfault(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    ctypes.string_at(0)
    return {}


def take_memory(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    block = bytearray(payload["mib"] * 2**20)
    block[::4096] = b"x" * len(block[::4096])
    return {"taken": len(block)}


def describe(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Return the open pipes and sockets, the fork server's process id and the number of threads of the fork server.

    The child itself opens files for a moment, such as /proc/self/autogroup (lib/child.py).
    """
    server = os.getppid()
    threads = len(list(Path(f"/proc/{server}/task").iterdir()))
    channels = sorted(each.name for each in Path("/proc/self/fd").iterdir() if each.is_fifo() or each.is_socket())
    return {"channels": channels, "server": server, "threads": threads}


def run_nested(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Run another task in a child of this child."""
    return process.run_task(payload["task"], payload["payload"], limits=process.Limits(memory_bytes=payload.get("memory_bytes")))


def wait_nested(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Run a program that writes its process id and then waits, in a child of this child."""
    process.run_program(["sh", "-c", f"echo $$ > {payload['pid_file']}; sleep 60"])
    return {}


def wait_for_priority(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Return niceness and policy of this process and the niceness of its session, "" where Linux does not schedule sessions as groups."""
    group = Path("/proc/self/autogroup")

    def niceness_of_session() -> str:
        return group.read_text().split()[-1] if group.exists() else ""

    deadline = time.monotonic() + 30  # other processes may change theirs: Linux takes one such change in a tenth of a second
    while payload["expected"] != niceness_of_session() and time.monotonic() < deadline:
        time.sleep(0.05)
    return {"process": os.nice(0), "policy": os.sched_getscheduler(0), "session": niceness_of_session()}
