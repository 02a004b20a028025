"""Chunks that are iterated several times but computed once."""

from __future__ import annotations

from collections.abc import Iterator

from services.speech_to_text.chunks import Chunk


class CachedChunks:
    """A re-iterable view of an iterator of chunks. Each chunk is computed when the first iteration reaches it."""

    def __init__(self, source: Iterator[Chunk]) -> None:
        self._source, self._cache = source, list[Chunk]()

    def __iter__(self) -> Iterator[Chunk]:
        index = 0
        while True:
            if index == len(self._cache):
                chunk = next(self._source, None)
                if chunk is None:
                    return
                self._cache.append(chunk)
            yield self._cache[index]
            index += 1
