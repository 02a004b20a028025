"""Coded packets grouped by GOP: their sizes show, before decoding, where the picture may change."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from services.media.packets import read_packets
from services.slides.parameters import DecodingParameters


@dataclass(frozen=True)
class PacketGroup:
    """The packets of one GOP, from a keyframe up to the next one.

    A long GOP is read in parts: `is_continued` if another part comes after this one, `is_continuation` if one came before.
    """

    packets: list[Any]
    is_continued: bool = False
    is_continuation: bool = False

    @property
    def is_complete(self) -> bool:
        return not self.is_continued and not self.is_continuation

    @property
    def max_frame_gap(self) -> int:
        """The longest time between two neighbouring frames, in the stream's time base."""
        times = sorted(packet.pts for packet in self.packets if packet.pts is not None)
        return max((after - before for before, after in itertools.pairwise(times)), default=0)

    def has_burst(self, refining: int, parameters: DecodingParameters) -> bool:
        """Whether a packet is large enough to show another slide, which costs a good part of a keyframe's bytes."""
        return self.last_active(parameters.burst_share * self.packets[0].size, refining, parameters) > 0

    def last_active(self, quiet_size: float, refining: int, parameters: DecodingParameters) -> int:
        """Return the index of the last packet, in decoding order, larger than `quiet_size`; 0 if there is none.

        The first `refining` packets only count if they are too large to refine the keyframe, which does not count.
        """
        refining_size = max(quiet_size, parameters.max_refinement_share * self.packets[0].size)
        for number in range(len(self.packets) - 1, 0, -1):
            if self.packets[number].size > (quiet_size if number >= refining else refining_size):
                return number
        return 0

    def floor_size(self, parameters: DecodingParameters) -> float:
        """Return the size of the smallest packets; infinity if there are too few to tell."""
        sizes = sorted(packet.size for packet in self.packets[1:])
        return float(sizes[len(sizes) // parameters.floor_divisor]) if len(sizes) >= parameters.min_floor_packets else float("inf")


def read_groups(container: Any, stream: Any, parameters: DecodingParameters) -> Iterator[PacketGroup]:
    """Read the stream's packets GOP by GOP; an overlong GOP comes in parts, so that memory is bounded."""
    packets: list[Any] = []
    size = 0
    is_continuation = False
    for packet in read_packets(container, stream):
        if packet.size == 0:
            continue
        if packet.is_keyframe and packets:
            yield PacketGroup(packets, is_continuation=is_continuation)
            packets, size, is_continuation = [], 0, False
        elif len(packets) >= parameters.max_group_packets or size >= parameters.max_group_bytes:
            yield PacketGroup(packets, is_continued=True, is_continuation=is_continuation)
            packets, size, is_continuation = [], 0, True
        packets.append(packet)
        size += packet.size
    if packets:
        yield PacketGroup(packets, is_continuation=is_continuation)
