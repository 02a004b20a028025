"""Work on blocks of bytes in threads, such as writing or hashing them, while the caller receives the next block."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

_threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="blocks")


class OverlappedBlocks:
    """Calls `work` with one block after the other. One thread at a time uses it."""

    def __init__(self, work: Callable[[memoryview], object]) -> None:
        self._work = work
        self._last_block: Future[object] | None = None

    def add(self, block: memoryview) -> None:
        """Begin with a block, after the one before; the block must not change until the next call. Raises what `work` raised before."""
        self.wait()
        self._last_block = _threads.submit(self._work, block)

    def wait(self) -> None:
        """Wait until the work on every block is done. Raises the exception of the work, if any."""
        last_block, self._last_block = self._last_block, None
        if last_block is not None:
            last_block.result()
