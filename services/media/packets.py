"""Reading packets with PyAV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_MAX_LATE_STREAMS = 50  # in a damaged file


def read_packets(container: Any, *streams: Any) -> Iterator[Any]:
    """Demultiplex the streams, all if none is given.

    PyAV counts the streams at the start and raises IndexError for one that appears later; retry then.
    """
    for _ in range(_MAX_LATE_STREAMS):
        try:
            yield from container.demux(*streams)
        except IndexError:
            continue
        return
