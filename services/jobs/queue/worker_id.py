"""Who holds a lease: a name from which anyone on the same machine can tell whether its process still lives."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def this_worker(slot: str = "") -> str:
    """`host:pid:start:slot`; the start time tells a new process with an old number apart."""
    return f"{_host()}:{os.getpid()}:{_start_ticks(os.getpid())}:{slot}"


def is_surely_dead(worker: str) -> bool:
    """True only for a worker of this machine whose process is gone."""
    host, pid, started, *_ = [*worker.split(":"), "", "", ""]
    if host != _host() or not pid.isdigit():
        return False
    return _start_ticks(int(pid)) != started


def is_here(worker: str) -> bool:
    """Whether a worker is, or was, of this machine."""
    return worker.partition(":")[0] == _host()


def _host() -> str:
    return socket.gethostname().replace(":", "_")[:60]


def _start_ticks(pid: int) -> str:
    """Field 22 of /proc/PID/stat (proc(5)), or "" where there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]
