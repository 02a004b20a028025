"""What coded pictures tell before they are decoded: their sizes, and where they can be decoded from."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_MOST_PACKETS = 1000
_MOST_STUMBLES = 50
_MOST_BYTES = 8 * 2**20
_ENOUGH = 8
_REFINING = 3
_BURST = 0.1  # of a key picture's size


@dataclass(frozen=True)
class PacketGroup:
    """Packets from one key picture to the next. A long group comes in parts: `continues` where the rest follows, `follows` in the rest."""

    packets: list[Any]
    continues: bool = False
    follows: bool = False

    @property
    def is_whole(self) -> bool:
        return not self.continues and not self.follows

    @property
    def longest_gap(self) -> int:
        """The longest a picture of the group stands, the last one aside; in the stream's time base."""
        times = sorted(packet.pts for packet in self.packets if packet.pts is not None)
        return max((after - before for before, after in itertools.pairwise(times)), default=0)

    @property
    def has_burst(self) -> bool:
        """Whether anything in it is large enough to show another picture: showing one costs a good part of a key picture."""
        largest: int = max((packet.size for packet in self.packets[_REFINING:]), default=0)
        return bool(largest > _BURST * self.packets[0].size)

    def last_active(self, quiet_size: float) -> int:
        """Index of the last packet, in decoding order, larger than `quiet_size`; 0 where none is.

        The first ones after a key picture only refine it.
        """
        active = [number for number, packet in enumerate(self.packets) if number >= _REFINING and packet.size > quiet_size]
        return active[-1] if active else 0

    @property
    def floor(self) -> float:
        """The size of its smallest packets; without limit where it has too few."""
        sizes = sorted(packet.size for packet in self.packets[1:])
        return float(sizes[len(sizes) // 20]) if len(sizes) >= _ENOUGH else float("inf")


def groups_of_packets(container: Any, stream: Any) -> Iterator[PacketGroup]:
    """The stream's packets, a group at a time; overlong groups in parts, so that memory stays bounded."""
    group: list[Any] = []
    size = 0
    follows = False
    for packet in _packets(container, stream):
        if packet.size == 0:
            continue
        if packet.is_keyframe and group:
            yield PacketGroup(group, follows=follows)
            group, size, follows = [], 0, False
        elif len(group) >= _MOST_PACKETS or size >= _MOST_BYTES:
            yield PacketGroup(group, continues=True, follows=follows)
            group, size, follows = [], 0, True
        group.append(packet)
        size += packet.size
    if group:
        yield PacketGroup(group, follows=follows)


def _packets(container: Any, stream: Any) -> Iterator[Any]:
    """PyAV counts streams when it begins and stumbles over one that a damaged file shows later: it can be asked to go on."""
    for _ in range(_MOST_STUMBLES):
        try:
            yield from container.demux(stream)
        except IndexError:
            continue
        return
