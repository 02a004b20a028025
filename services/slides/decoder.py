"""Decode only the packets that may show something new; keyframes prove that the others do not."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

from services.media.allowed_formats import MAX_PIXELS
from services.slides.packets import PacketGroup, read_groups
from services.slides.parameters import DecodingParameters

GrayImage = npt.NDArray[np.uint8]

_NEUTRAL_CHROMA = 128


class SelectiveDecoder:
    """Frames of a stream in presentation order, without those that show the same as the frame before.

    A GOP with few frames a second is decoded whole as long as the size of an empty packet is unknown: each of its frames may be a
    slide. Another GOP is skipped if the keyframes around it are equal and no packet is large enough to show something else in between,
    or if all its packets are empty and the next GOP begins with a cut. The last GOP is decoded whole: no keyframe proves how it ends.
    """

    def __init__(self, container: Any, stream: Any, parameters: DecodingParameters) -> None:
        self._container, self._stream, self._parameters = container, stream, parameters
        self._tick_s = float(stream.time_base)
        self._context = stream.codec_context
        self._context.thread_count = 1
        self._context.options = {"skip_loop_filter": "all", "max_pixels": str(MAX_PIXELS)}
        self._latest_pts = -(2**62)
        self._size: tuple[int, int] | None = None
        self._floor_size = float("inf")
        self.packets = 0
        self.decoded = 0
        self.skips_non_reference = False  # whether non-reference frames are skipped at present

    def frames(self) -> Iterator[Any]:
        groups = itertools.chain(read_groups(self._container, self._stream, self._parameters), [None])
        keyframe: Any = None
        for group, next_group in itertools.pairwise(groups):
            assert group is not None
            self.packets += len(group.packets)
            if len(group.packets) == 1 and group.is_complete:
                yield from self._drop_late(self._decode_single(group.packets[0]))
                keyframe = None
                continue
            keyframe = keyframe or self._decode_keyframe(group)
            next_keyframe = self._decode_keyframe(next_group) if next_group and group.is_complete else None
            yield from self._drop_late(self._decode_group(group, keyframe, next_keyframe))
            keyframe = next_keyframe

    def _decode_single(self, packet: Any) -> Iterator[Any]:
        """Decode a GOP of one frame, unless the last frame is too near."""
        if packet.pts is not None and (packet.pts - self._latest_pts) * self._tick_s < self._parameters.intra_period_s:
            return
        yield from self._decode([packet], flush=True)

    def _decode_group(self, group: PacketGroup, keyframe: Any, next_keyframe: Any) -> Iterator[Any]:
        parameters = self._parameters
        is_dense = group.max_frame_gap * self._tick_s <= parameters.dense_gap_s
        self._skip_non_reference(is_dense)
        self._floor_size = min(self._floor_size, group.floor_size(parameters))
        is_size_unknown = not is_dense and self._floor_size == float("inf")
        if not group.is_complete or keyframe is None or next_keyframe is None or is_size_unknown:
            yield from self._decode(group.packets, flush=not group.is_continued)
            return
        refining = parameters.refining_packets if is_dense else 0
        last_active = group.last_active(parameters.active_factor * self._floor_size + parameters.active_bytes, refining, parameters)
        last_coded = group.last_active(self._floor_size + parameters.silent_bytes, refining, parameters)
        has_burst = group.has_burst(refining, parameters)
        if last_coded == 0 or not has_burst:
            change = _changed_share(keyframe, next_keyframe, parameters)
            is_silent_before_cut = last_coded == 0 and change > parameters.cut_share
            if (change == 0.0 and not has_burst) or is_silent_before_cut:
                yield keyframe
                return
        has_tail = 0 < last_active < (1 - parameters.min_rest_share) * len(group.packets)
        frame = keyframe
        for frame in self._decode(group.packets[: last_active + 1] if has_tail else group.packets, flush=True):
            yield frame
        if has_tail:
            change = _changed_share(frame, next_keyframe, parameters)
            if 0.0 < change <= parameters.cut_share or (change > parameters.cut_share and last_coded > last_active):
                yield from self._decode(group.packets, flush=True)

    def _skip_non_reference(self, skip: bool) -> None:
        self.skips_non_reference = skip
        self._context.skip_frame = "NONREF" if skip else "DEFAULT"

    def _decode_keyframe(self, group: PacketGroup) -> Any:
        """Return the keyframe of a GOP; None if this part of it has none."""
        if group.is_continuation:
            return None
        self._skip_non_reference(False)
        return next(iter(list(self._decode(group.packets[:1], flush=True))), None)

    def _decode(self, packets: list[Any], *, flush: bool) -> Iterator[Any]:
        for packet in packets:
            self.decoded += 1
            yield from self._decode_packet(packet)
        if flush:
            yield from self._decode_packet(None)
            self._context.flush_buffers()

    def _decode_packet(self, packet: Any) -> list[Any]:
        """Return the frames that the decoder gives for a packet; none if it is damaged. All have the size of the first, as in ffmpeg."""
        try:
            frames: list[Any] = self._context.decode(packet)
        except av.error.InvalidDataError:
            return []
        if not frames:
            return []
        width, height = self._size = self._size or (frames[0].width, frames[0].height)
        return [each if (each.width, each.height) == self._size else each.reformat(width, height) for each in frames]

    def _drop_late(self, frames: Any) -> Iterator[Any]:
        """Drop frames that are not later than every frame before."""
        for frame in frames:
            if frame.pts is not None and frame.pts > self._latest_pts:
                self._latest_pts = frame.pts
                yield frame


def _changed_share(before: Any, after: Any, parameters: DecodingParameters) -> float:
    """Return the share of blocks in which two frames differ; 1 if a frame is missing or has another size."""
    if before is None or after is None:
        return 1.0
    old, new = analysis_frame(before, parameters), analysis_frame(after, parameters)
    if old.shape != new.shape:
        return 1.0
    difference = cv2.absdiff(old, new)
    faint, plain = (
        _share_of_blocks(difference > contrast, parameters) for contrast in (parameters.faint_contrast, parameters.plain_contrast)
    )
    return max(faint, plain) if plain > 0 or faint > parameters.max_faint_share else 0.0


def _share_of_blocks(differing: npt.NDArray[np.bool_], parameters: DecodingParameters) -> float:
    side = parameters.block_side
    height, width = (length // side for length in differing.shape)
    pixels = differing[: height * side, : width * side].astype(np.float32)
    return float((cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA) > parameters.speck_share).mean())


def downscale(image: GrayImage, min_width: int) -> GrayImage:
    """Halve the image until it is less than twice `min_width` wide: averaging 2x2 pixels costs next to nothing."""
    while image.shape[1] >= 2 * min_width:
        height, width = image.shape
        image = cv2.resize(image[: height & ~1, : width & ~1], (width // 2, height // 2), interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    return image


def analysis_frame(frame: Any, parameters: DecodingParameters) -> GrayImage:
    """Return the downscaled luma plane. Deep blue, nearly as dark as black, is made as bright as other strong colours."""
    image = downscale(_read_plane(frame, 0), parameters.min_width)
    if len(frame.planes) < 3 or not frame.format.name.startswith("yuv"):
        return image
    blue_chroma = _read_plane(frame, 1)
    if cv2.minMaxLoc(blue_chroma)[1] < parameters.deep_blue:
        return image
    height, width = image.shape
    blue_chroma, gain = downscale(blue_chroma, width), parameters.blue_gain
    blue = cv2.addWeighted(blue_chroma, gain, blue_chroma, 0, -_NEUTRAL_CHROMA * gain)
    return cv2.max(image, cv2.resize(blue, (width, height), interpolation=cv2.INTER_AREA))  # type: ignore[return-value]


def _read_plane(frame: Any, number: int) -> GrayImage:
    """Return the luma plane (0) or a chroma plane in 8 bits, without a copy if the format allows it."""
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
