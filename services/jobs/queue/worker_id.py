"""Ids of workers; any process of the same machine can see from one whether its worker is still alive."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def this_worker(slot: str = "") -> str:
    """Return `host:pid:start:slot`; the start time distinguishes processes that got the same pid."""
    return f"{_host()}:{os.getpid()}:{_start_ticks(os.getpid())}:{slot}"


def is_surely_dead(worker: str) -> bool:
    """Return whether the id is that of a process of this machine that has ended."""
    host, pid, start_ticks, *_ = [*worker.split(":"), "", "", ""]
    if host != _host() or not pid.isdigit():
        return False
    return _start_ticks(int(pid)) != start_ticks


def is_here(worker: str) -> bool:
    """Return whether a worker runs, or ran, on this machine."""
    return worker.partition(":")[0] == _host()


def _host() -> str:
    return socket.gethostname().replace(":", "_")[:60]


def _start_ticks(pid: int) -> str:
    """Return field 22 of /proc/PID/stat (proc(5)); "" if there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]
