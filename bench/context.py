"""Shared parts of the benches: their names, the context of a run, measurements, tables."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

BENCHES = {
    "commands": "commands",
    "media": "media",
    "upload": "upload",
    "memory": "memory",
    "overlap": "overlap",
    "faults": "faults",
    "slides": "slides.bench",
    "adversarial": "adversarial.bench",
    "jobs": "jobs.bench",
    "throughput": "jobs.throughput",
    "latency": "jobs.latency",
    "api": "api",
    "load": "load",
    "enumeration": "enumeration",
}


@dataclass(frozen=True)
class Context:
    """`folder` is temporary; `media` is the folder of recordings given on the command line, or None."""

    folder: Path
    media: Path | None


@dataclass
class Peak:
    """Peak resident memory in bytes: of the server's processes, of its child programs together, and of the largest child."""

    server: int = 0
    children: int = 0
    largest_child: int = 0


@contextlib.contextmanager
def watch_memory(pid: int, every_s: float = 0.05) -> Iterator[Peak]:
    """Sample the memory of a process and, separately, of the child programs it starts; gunicorn's workers count as the server.

    A worker's child that is still called gunicorn is about to start a program and shares the worker's memory until then (vfork(2)).
    """
    peak, stop = Peak(), threading.Event()

    def sample() -> None:
        while not stop.is_set():
            server = children = 0
            for process in _tree(pid):
                with contextlib.suppress(psutil.Error):
                    size = process.memory_info().rss
                    if process.pid == pid or "gunicorn" in " ".join(process.cmdline()):
                        server += size if pid in (process.pid, process.ppid()) else 0
                    else:
                        children += size
                        peak.largest_child = max(peak.largest_child, size)
            peak.server, peak.children = max(peak.server, server), max(peak.children, children)
            stop.wait(every_s)

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        stop.set()
        thread.join()


def _tree(pid: int) -> list[psutil.Process]:
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.Error:
        return []


@dataclass(frozen=True)
class Timing:
    wall_s: float
    cpu_s: float


def timed(command: Sequence[str]) -> Timing:
    """Run a command; return its wall time and the CPU time of all its processes."""
    import resource

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall = time.monotonic() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Timing(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def full_decode(path: Path) -> Timing:
    """Measure one plain decode of a file's video and audio."""
    return timed(["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-f", "null", "-"])


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)
