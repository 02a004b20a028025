"""Decodes of a stream what may show something new, and proves by its key pictures that the rest does not."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

from services.media.allowed_formats import MAX_PIXELS
from services.slides.packets import PacketGroup, groups_of_packets

Gray = npt.NDArray[np.uint8]

LEAST_WIDTH = 400
_DENSE_S = 0.1  # of frames as dense as this, those that no other needs may be left out
_INTRA_PERIOD_S = 0.2
_PLAIN = 28  # grey levels
_FAINT = 14
_FAINT_SHARE = 0.03  # of the blocks; key pictures are coded anew and never quite the same
_LONG_REST = 0.3
_SILENT_BYTES = 6  # over the smallest packets; even turning all of the picture dark by a prediction weight takes more
_BLOCK = 8
_SPECK = 0.03  # of a block
_CUT_SHARE = 0.1  # of the blocks
_BLUE = 176  # of the chroma plane, 128 is grey: only a strong blue may be as dark as what is around it
_GLOW = 0.6  # less than the brightness of any other colour as strong


class SelectiveDecoder:
    """Frames of a stream in presentation order, without those that show the same as the one before.

    A group of pictures is passed over where the key pictures around it look the same and nothing in it is large enough to show
    something else in between, or where nothing in it is coded at all and the next group begins with a cut.
    """

    def __init__(self, container: Any, stream: Any) -> None:
        self._container, self._stream = container, stream
        self._tick_s = float(stream.time_base)
        self._context = stream.codec_context
        self._context.thread_count = 1
        self._context.options = {"skip_loop_filter": "all", "max_pixels": str(MAX_PIXELS)}
        self._latest = -(2**62)
        self._floor = float("inf")
        self.packets = 0
        self.decoded = 0
        self.leaves_out = False  # whether frames that no other needs are left out just now

    def frames(self) -> Iterator[Any]:
        groups = itertools.chain(groups_of_packets(self._container, self._stream), [None])
        key: Any = None
        for group, following in itertools.pairwise(groups):
            assert group is not None
            self.packets += len(group.packets)
            if len(group.packets) == 1 and group.is_whole:
                yield from self._new(self._intra(group.packets[0]))
                key = None
                continue
            key = key or self._key_of(group)
            next_key = self._key_of(following) if following and group.is_whole else None
            yield from self._new(self._of_group(group, key, next_key))
            key = next_key

    def _intra(self, packet: Any) -> Iterator[Any]:
        """A group of one picture; where all are, no more of them than are looked at."""
        if packet.pts is not None and (packet.pts - self._latest) * self._tick_s < _INTRA_PERIOD_S:
            return
        yield from self._decode([packet], flush=True)

    def _of_group(self, group: PacketGroup, key: Any, next_key: Any) -> Iterator[Any]:
        dense = group.longest_gap * self._tick_s <= _DENSE_S
        self._leave_out(dense)
        if not group.is_whole or key is None:
            yield from self._decode(group.packets, flush=not group.continues)
            return
        self._floor = min(self._floor, group.floor)
        active = group.last_active(1.5 * self._floor + 16)
        spoken = group.last_active(self._floor + _SILENT_BYTES)
        if spoken == 0 or not group.has_burst:
            change = _change(key, next_key)
            if (change == 0.0 and not group.has_burst) or (spoken == 0 and (next_key is None or change > _CUT_SHARE)):
                yield key
                return
        rests = 0 < active < (1 - _LONG_REST) * len(group.packets)
        last = key
        for last in self._decode(group.packets[: active + 1] if rests else group.packets, flush=True):
            yield last
        if rests and next_key is not None:
            change = _change(last, next_key)
            if 0.0 < change <= _CUT_SHARE or (change > _CUT_SHARE and spoken > active):
                yield from self._decode(group.packets, flush=True)

    def _leave_out(self, unneeded: bool) -> None:
        self.leaves_out = unneeded
        self._context.skip_frame = "NONREF" if unneeded else "DEFAULT"

    def _key_of(self, group: PacketGroup) -> Any:
        """The picture that a group begins with, decoded by itself."""
        if group.follows:
            return None
        self._leave_out(False)
        return next(iter(list(self._decode(group.packets[:1], flush=True))), None)

    def _decode(self, packets: list[Any], *, flush: bool) -> Iterator[Any]:
        for packet in packets:
            self.decoded += 1
            yield from self._forgiving(packet)
        if flush:
            yield from self._forgiving(None)
            self._context.flush_buffers()

    def _forgiving(self, packet: Any) -> list[Any]:
        """What a packet decodes to; nothing where it is damaged."""
        try:
            frames: list[Any] = self._context.decode(packet)
        except av.error.InvalidDataError:
            return []
        return frames

    def _new(self, frames: Any) -> Iterator[Any]:
        for frame in frames:
            if frame.pts is not None and frame.pts > self._latest:
                self._latest = frame.pts
                yield frame


def _change(before: Any, after: Any) -> float:
    """The share of blocks in which two frames differ; 1 where there is only one."""
    if before is None or after is None:
        return 1.0
    old, new = analysis_frame(before), analysis_frame(after)
    if old.shape != new.shape:
        return 1.0
    difference = cv2.absdiff(old, new)
    faint, plain = (_share_of_blocks(difference > contrast) for contrast in (_FAINT, _PLAIN))
    return max(faint, plain) if plain > 0 or faint > _FAINT_SHARE else 0.0


def _share_of_blocks(differing: npt.NDArray[np.bool_]) -> float:
    height, width = (side // _BLOCK for side in differing.shape)
    pixels = differing[: height * _BLOCK, : width * _BLOCK].astype(np.float32)
    return float((cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA) > _SPECK).mean())


def shrunk(picture: Gray) -> Gray:
    """Halved until it is less than 800 pixels wide: averaging 2x2 pixels costs next to nothing."""
    while picture.shape[1] >= 2 * LEAST_WIDTH:
        height, width = picture.shape
        picture = cv2.resize(picture[: height & ~1, : width & ~1], (width // 2, height // 2), interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    return picture


def analysis_frame(frame: Any) -> Gray:
    """A frame small and grey. Deep blue, which is nearly as dark as black, is made as bright as other strong colours."""
    picture = shrunk(_plane(frame, 0))
    if len(frame.planes) < 3 or not frame.format.name.startswith("yuv"):
        return picture
    blueness = _plane(frame, 1)
    if cv2.minMaxLoc(blueness)[1] < _BLUE:
        return picture
    height, width = picture.shape
    blue = cv2.resize(cv2.addWeighted(blueness, _GLOW, blueness, 0, -128 * _GLOW), (width, height), interpolation=cv2.INTER_AREA)
    return cv2.max(picture, blue)  # type: ignore[return-value]


def _plane(frame: Any, number: int) -> Gray:
    """The luma plane (0) or a chroma plane in 8 bits, without a copy where the format allows it."""
    layout = frame.format.components[number]
    name = frame.format.name
    if not name.startswith(("yuv", "gray", "nv1", "nv2", "p01")) or name.startswith("yuyv"):
        frame, layout, name = frame.reformat(format="gray"), None, "gray"
    plane = frame.planes[number]
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height]
    if layout is None or layout.bits <= 8:
        return rows[:, : plane.width]
    deep = rows.view(np.uint16)[:, : plane.width]
    return (deep >> (8 if name.startswith("p0") else layout.bits - 8)).astype(np.uint8)
