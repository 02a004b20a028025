"""Work on several chunks at the same time, and the progress of all of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from lib.process import Report
from services.speech_to_text.chunks import Chunk


def for_each_chunk(chunks: Iterable[Chunk], work: Callable[[Chunk], None], threads: int) -> None:
    """Call `work` for each chunk in that many threads; no more chunks are taken than threads are free. Raises what `work` raises."""
    running: set[Future[None]] = set()
    with ThreadPoolExecutor(threads) as pool:
        for chunk in chunks:
            while len(running) >= threads:
                ended_futures, running = wait(running, return_when=FIRST_COMPLETED)
                for future in ended_futures:
                    future.result()
            running.add(pool.submit(work, chunk))
        for future in running:
            future.result()


class ChunkProgress:
    """Reports the sum of the seconds done in all chunks. Thread-safe."""

    def __init__(self, report: Report, total_s: float) -> None:
        self._report, self._total_s = report, total_s
        self._done_s_by_chunk: dict[int, float] = {}
        self._lock = threading.Lock()

    def update(self, chunk: Chunk, done_s: float) -> None:
        with self._lock:
            self._done_s_by_chunk[chunk.start] = max(self._done_s_by_chunk.get(chunk.start, 0.0), min(done_s, chunk.duration_s))
            self._report(min(sum(self._done_s_by_chunk.values()), self._total_s), self._total_s)

    def finish(self) -> None:
        with self._lock:
            self._report(self._total_s, self._total_s)
