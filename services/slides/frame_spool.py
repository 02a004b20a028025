"""Stable frames as values, and their store on disk."""

from __future__ import annotations

import pickle
import tempfile
from collections import OrderedDict
from dataclasses import dataclass
from types import TracebackType

import cv2
import numpy as np

from services.slides.absences import Absence
from services.slides.decoder import GrayImage
from services.slides.grid import Mask, Times
from services.slides.sample_schedule import Sample

_FAST_PNG = (
    cv2.IMWRITE_PNG_COMPRESSION,
    1,
    cv2.IMWRITE_PNG_STRATEGY,
    cv2.IMWRITE_PNG_STRATEGY_RLE,
    cv2.IMWRITE_PNG_FILTER,
    cv2.IMWRITE_PNG_FILTER_NONE,
)


@dataclass(frozen=True)
class FrameRef:
    """A time, and a frame with the picture shown then, identified by its presentation time; the flags are those of `Sample`."""

    time_s: float
    pts_s: float
    is_keyframe: bool = False
    is_known_reference: bool = False

    @classmethod
    def of(cls, sample: Sample) -> FrameRef:
        return cls(sample.time_s, sample.pts_s, sample.is_keyframe, sample.is_known_reference)


@dataclass(frozen=True)
class StableFrame:
    """The picture at rest, from `start_s` until the next stable frame is certain.

    `departed_s`: when most of what the stable frame before shows began to become empty, None if other content took its place.
    `peak_motion_s`: when most of the picture changed at one sample, of the time since the stable frame before; `peak_share`: of its blocks.
    `sudden_s`: when most of it changed at one moment while other parts went on moving, None if it came to rest.
    `absences`: times in which nothing of it is shown; the last one may be infinite, until the next stable frame.
    `best_frame`: the frame that shows it with the fewest blocks in motion (`occluded_block_count`).
    Masks and times of blocks: `last_motion_s`; `last_strong_motion_s`: the last one that changed a good part of the block;
    `burst_start_s`: start of the motion that ended at `last_motion_s`; `changed_blocks`: differs from the stable frame before;
    `moving_blocks`: moves habitually; `recently_moving_blocks`: has done so since the stable frame before;
    `unstable_blocks`: was still moving in `image`, but was accepted because most of the frame had changed; `live_blocks`: moved again and
    again while it was shown.
    """

    start_s: float
    end_s: float
    best_frame: FrameRef
    occluded_block_count: int
    image: GrayImage
    last_motion_s: Times
    last_strong_motion_s: Times
    burst_start_s: Times
    changed_blocks: Mask
    moving_blocks: Mask
    recently_moving_blocks: Mask
    unstable_blocks: Mask
    live_blocks: Mask
    departed_s: float | None = None
    peak_motion_s: float = 0.0
    peak_share: float = 0.0
    sudden_s: float | None = None
    absences: tuple[Absence, ...] = ()


class StableFrameSpool:
    """A sequence of stable frames. Those added or read last are in memory, the others on disk: memory does not grow with their number."""

    def __init__(self, cached_frames: int) -> None:
        """`cached_frames`: number of frames that stay in memory."""
        self._file = tempfile.TemporaryFile()  # noqa: SIM115
        self._offsets: dict[int, int] = {}
        self._cache: OrderedDict[int, StableFrame] = OrderedDict()
        self._cached_frames = cached_frames
        self._length = 0

    def __enter__(self) -> StableFrameSpool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def __len__(self) -> int:
        return self._length

    def append(self, frame: StableFrame) -> None:
        self._add_to_cache(self._length, frame)
        self._length += 1

    def __getitem__(self, index: int) -> StableFrame:
        frame = self._cache.get(index)
        if frame is None:
            self._file.seek(self._offsets[index])
            state = pickle.load(self._file)  # noqa: S301 - written below
            frame = StableFrame(**{**state, "image": decode_image(state["image"])})
            self._add_to_cache(index, frame)
        return frame

    def _add_to_cache(self, index: int, frame: StableFrame) -> None:
        self._cache[index] = frame
        if len(self._cache) > self._cached_frames:
            self._write(*self._cache.popitem(last=False))

    def _write(self, index: int, frame: StableFrame) -> None:
        """Write a frame that leaves the memory for the first time."""
        if index not in self._offsets:
            self._offsets[index] = self._file.seek(0, 2)
            pickle.dump({**frame.__dict__, "image": encode_image(frame.image)}, self._file, pickle.HIGHEST_PROTOCOL)


def encode_image(image: GrayImage) -> bytes:
    """Compress an image without loss (PNG, fast settings)."""
    return cv2.imencode(".png", image, _FAST_PNG)[1].tobytes()


def decode_image(data: bytes) -> GrayImage:
    image: GrayImage = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)  # type: ignore[assignment]
    return image
