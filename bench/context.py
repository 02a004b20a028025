"""Parts that the benches share: their names, the context of a run, measurements and tables."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from lib import process
from scripts.ffmpeg import FFMPEG

_PR_SET_CHILD_SUBREAPER = 36
BENCHES = {
    "commands": "commands",
    "media": "media",
    "upload": "upload",
    "memory": "memory",
    "overlap": "overlap",
    "faults": "faults",
    "slides": "slides.bench",
    "slides_real": "slides.real",
    "slides_transformed": "slides.transformed.bench",
    "adversarial": "adversarial.bench",
    "jobs": "jobs.bench",
    "throughput": "jobs.throughput",
    "latency": "jobs.latency",
    "api": "api",
    "load": "load",
    "enumeration": "enumeration",
    "resumable": "resumable",
    "downloads": "downloads",
    "streams": "streams",
    "transcripts": "transcripts",
    "page": "page",
    "search": "search",
    "languages": "languages",
    "documents": "documents",
    "decks": "decks",
    "speech": "speech",
    "lessons": "lessons.bench",
    "credits": "credits.bench",
}


@dataclass(frozen=True)
class Context:
    """The folders of a run. `folder` is temporary; `media` has the recordings of the command line, if there are any."""

    folder: Path
    media: Path | None


@dataclass
class PeakMemory:
    """Peak resident memory: of the server's processes, of its child programs together, and of the largest child.

    `sampling_cpu_s`: CPU time of the samples, in seconds, to be subtracted from that of this process.
    """

    server_bytes: int = 0
    child_bytes: int = 0
    largest_child_bytes: int = 0
    sampling_cpu_s: float = 0.0

    def add_sample(self, server_sizes: Sequence[int], child_sizes: Sequence[int]) -> None:
        self.server_bytes = max(self.server_bytes, sum(server_sizes))
        self.child_bytes = max(self.child_bytes, sum(child_sizes))
        self.largest_child_bytes = max(self.largest_child_bytes, *child_sizes, 0)


@contextlib.contextmanager
def watch_memory(pid: int, interval_s: float = 0.05) -> Iterator[PeakMemory]:
    """Sample the memory of a server process and of the child programs that it starts, until the block ends."""
    peak, stop = PeakMemory(), threading.Event()

    def sample() -> None:
        while not stop.is_set():
            peak.add_sample(*_memory_by_role(pid))
            peak.sampling_cpu_s = time.thread_time()
            stop.wait(interval_s)

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        stop.set()
        thread.join()


def _memory_by_role(server_pid: int) -> tuple[list[int], list[int]]:
    """Return the resident bytes of each process of the server, gunicorn's workers included, and the bytes of each child.

    Children share the pages of their fork server, so they are measured by their proportional set size (Pss, proc_pid_smaps(5)). A
    worker's child that is still called gunicorn counts as neither: it is about to start a program (vfork(2)).
    """
    server_sizes, child_sizes = [], []
    for each in _process_tree(server_pid):
        with contextlib.suppress(psutil.Error):
            size = each.memory_info().rss
            if each.pid != server_pid and "gunicorn" not in " ".join(each.cmdline()):
                child_sizes.append(each.memory_full_info().pss)
            elif server_pid in (each.pid, each.ppid()):
                server_sizes.append(size)
    return server_sizes, child_sizes


def _process_tree(pid: int) -> list[psutil.Process]:
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.Error:
        return []


@dataclass(frozen=True)
class Timing:
    """Wall time, and CPU time of all processes, in seconds."""

    wall_s: float
    cpu_s: float


def time_command(command: Sequence[str]) -> Timing:
    """Run a command; return its wall time and the CPU time of all its processes."""
    started_at, cpu_s = time.monotonic(), cpu_of_children_s()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return Timing(time.monotonic() - started_at, cpu_of_children_s() - cpu_s)


def adopt_orphans() -> None:
    """Become the parent of descendants whose parents end (prctl(2)), so that their CPU time counts here."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap_orphans(timeout_s: float = 10.0) -> None:
    """Wait for adopted processes. No other child of this process may run."""
    deadline = time.monotonic() + timeout_s
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < deadline:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.1)


def cpu_of_children_s() -> float:
    """Return the CPU time of all child processes that have ended, in seconds."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime + process.usage_of_children().cpu_s


def time_full_decode(path: Path) -> Timing:
    """Measure the decoding of all video and audio of a file."""
    return time_command([FFMPEG, "-nostdin", "-v", "error", "-i", str(path), "-f", "null", "-"])


def markdown_table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a table in Markdown."""
    lines = ["| " + " | ".join(headers) + " |", "|" + "---|" * len(headers)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least about this share of the values does not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def verdict(is_met: bool) -> str:
    return "met" if is_met else "missed"
