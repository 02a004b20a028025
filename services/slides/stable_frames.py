"""Stable views: what the picture shows each time it comes to rest."""

from __future__ import annotations

import pickle
import tempfile
from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import TracebackType

import cv2
import numpy as np

from services.slides.decoder import Gray
from services.slides.grid import DiffSettings, Grid, Mask, Times
from services.slides.motion import MotionSample
from services.slides.sampler import Sample

SETTLE_S = 0.8
_BURST_GAP_S = 1.0
_CLEAR_S = 0.5
_MINUTE_S = 60.0
_RECENT = 30
_FAST_PNG = (
    cv2.IMWRITE_PNG_COMPRESSION,
    1,
    cv2.IMWRITE_PNG_STRATEGY,
    cv2.IMWRITE_PNG_STRATEGY_RLE,
    cv2.IMWRITE_PNG_FILTER,
    cv2.IMWRITE_PNG_FILTER_NONE,
)
_WAIT_S = 1.0
_NEW_PICTURE = 0.1  # of the blocks
_QUIET_SHARE = 0.006
_QUIET_SHARE_SHAKY = 0.03


@dataclass(frozen=True)
class Moment:
    """A time and the presentation time of the frame shown then; `is_key` and `is_needed` as of samples."""

    time_s: float
    shown_s: float
    is_key: bool = False
    is_needed: bool = False

    @classmethod
    def of(cls, sample: Sample) -> Moment:
        return cls(sample.time_s, sample.shown_s, sample.is_key, sample.is_needed)


@dataclass(frozen=True)
class StableFrame:
    """The picture at rest, pieced together block by block from what last stood still.

    `start_s`: since when it stands; `seen_s`: when that was certain; `end_s`: when the next view was certain.
    `frame`: a moment that shows it, with `covered` blocks in motion.
    Grids, in blocks: `arrived_s` the last movement, `came_s` the last one that was more than a touch, `began_s` the first one
    of the burst that ended then; `changed` differs from the view before; `live` moves habitually, `lived` has done so
    since the view before; `restless` is shown, but had not come to rest yet.
    """

    start_s: float
    seen_s: float
    end_s: float
    frame: Moment
    covered: int
    picture: Gray
    arrived_s: Times
    came_s: Times
    began_s: Times
    changed: Mask
    live: Mask
    lived: Mask
    restless: Mask


class ViewSpool:
    """Views on disk: memory stays the same however many there are."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115
        self._offsets: list[int] = []
        self._recent: OrderedDict[int, StableFrame] = OrderedDict()

    def __enter__(self) -> ViewSpool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._offsets)

    def append(self, view: StableFrame) -> None:
        state = {**view.__dict__, "picture": packed(view.picture)}
        self._offsets.append(self._file.seek(0, 2))
        pickle.dump(state, self._file, pickle.HIGHEST_PROTOCOL)

    def __getitem__(self, index: int) -> StableFrame:
        view = self._recent.get(index)
        if view is None:
            self._file.seek(self._offsets[index])
            state = pickle.load(self._file)  # noqa: S301 - written above
            view = self._recent[index] = StableFrame(**{**state, "picture": unpacked(state["picture"])})
            if len(self._recent) > _RECENT:
                self._recent.popitem(last=False)
        return view


def packed(picture: Gray) -> bytes:
    return cv2.imencode(".png", picture, _FAST_PNG)[1].tobytes()


def unpacked(data: bytes) -> Gray:
    picture: Gray = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)  # type: ignore[assignment]
    return picture


@dataclass
class _Current:
    """The view being shown, until the next one is certain."""

    start_s: float
    seen_s: float
    picture: Gray
    arrived_s: Times
    came_s: Times
    began_s: Times
    changed: Mask
    live: Mask
    lived: Mask
    restless: Mask
    frame: Moment
    covered: int
    waiting: deque[tuple[Moment, int]] = field(default_factory=deque)

    def consider(self, moment: Moment, covered: int, quiet: bool) -> None:
        """A moment counts once nothing happened for a while after it; of equally clear ones the last key frame or else the last is best."""
        if not quiet:
            self.waiting.clear()
        self.waiting.append((moment, covered))
        while self.waiting and moment.time_s - self.waiting[0][0].time_s >= _CLEAR_S:
            then, amount = self.waiting.popleft()
            if amount < self.covered or (amount == self.covered and then.is_key >= self.frame.is_key):
                self.frame, self.covered = then, amount

    def finish(self, end_s: float) -> StableFrame:
        return StableFrame(
            self.start_s,
            self.seen_s,
            end_s,
            self.frame,
            self.covered,
            self.picture,
            self.arrived_s,
            self.came_s,
            self.began_s,
            self.changed,
            self.live,
            self.lived,
            self.restless,
        )


class ViewFinder:
    """Follows each block until it rests, and takes a view whenever enough of the picture does."""

    def __init__(self, grid: Grid, sight: DiffSettings, spool: ViewSpool) -> None:
        self._grid, self._sight, self._spool = grid, sight, spool
        shape = (grid.rows, grid.columns)
        self._rest: Gray | None = None
        self._arrived = np.zeros(shape, np.float32)
        self._came = np.zeros(shape, np.float32)
        self._began = np.zeros(shape, np.float32)
        self._settled = np.zeros(shape, np.bool_)
        self._lived = np.zeros(shape, np.bool_)
        self._dirty = np.zeros(shape, np.bool_)
        self._current: _Current | None = None
        self._news_since_s = float("inf")
        self.unquiet_s = 0.0
        self.live_s = np.zeros(shape, np.float32)
        self.moments: list[Moment] = []
        self.end_s = 0.0

    def follow(self, sights: Iterable[MotionSample]) -> None:
        seen: MotionSample | None = None
        for seen in sights:
            self._step(seen)
        if seen is not None and (self._dirty & self._settled & ~seen.live).any():
            self._take(seen)  # somebody still moved in front of what had come last
        if self._current:
            self._spool.append(self._current.finish(self.end_s))

    def _step(self, seen: MotionSample) -> None:
        if self._rest is None:
            self._rest = seen.picture.copy()
            for times in (self._arrived, self._came, self._began):
                times[:] = seen.sample.time_s
            self._dirty[:] = True
            self.end_s = seen.sample.time_s
        if seen.moved is not None:
            self._move(seen.sample, seen.moved, seen.strongly)
        self._settle(seen)
        self._lived |= seen.live
        restless = ~self._settled & ~seen.live
        amount = int(np.count_nonzero(restless))
        limit = _QUIET_SHARE_SHAKY if self._sight.shaky else _QUIET_SHARE
        quiet = amount <= limit * restless.size
        if not quiet:
            self.unquiet_s += self._passed_s(seen)
        self.live_s[seen.live] += self._passed_s(seen)
        self._note(seen.sample)
        self.end_s = seen.sample.time_s
        if quiet and self._is_due(seen, amount):
            self._take(seen)
        if self._current and not (self._dirty & ~seen.live).any():
            self._current.consider(Moment.of(seen.sample), amount, quiet)

    def _passed_s(self, seen: MotionSample) -> float:
        return seen.sample.time_s - self.end_s

    def _note(self, sample: Sample) -> None:
        """Remember a moment a minute."""
        if not self.moments or sample.time_s - self.moments[-1].time_s >= _MINUTE_S:
            self.moments.append(Moment.of(sample))

    def _move(self, sample: Sample, moved: Mask, strongly: Mask | None) -> None:
        fresh = moved & (sample.time_s - self._arrived > _BURST_GAP_S)
        now_s = (sample.before_s + sample.time_s) / 2
        self._began[fresh] = now_s
        self._came[fresh] = now_s
        if strongly is not None:
            self._came[strongly] = now_s
        self._arrived[moved] = now_s
        self._settled &= ~moved

    def _settle(self, seen: MotionSample) -> None:
        newly = ~self._settled & (seen.sample.time_s - self._arrived >= SETTLE_S - 1e-3)
        if not newly.any():
            return
        assert self._rest is not None
        if not self._sight.is_same(self._rest, seen.picture):
            self._dirty |= self._grid.touched(self._sight.differing(self._rest, seen.picture)) & newly
        self._grid.copy_blocks(self._rest, seen.picture, newly)
        self._settled |= newly

    def _is_due(self, seen: MotionSample, restless: int) -> bool:
        """Whether there is something new to take; it waits a moment for the rest of the movement."""
        news = int(np.count_nonzero(self._dirty & ~seen.live))
        if news == 0:
            return False
        self._news_since_s = min(self._news_since_s, seen.sample.time_s)
        waited_s = seen.sample.time_s - self._news_since_s
        return restless == 0 or waited_s >= _WAIT_S

    def _take(self, seen: MotionSample) -> None:
        assert self._rest is not None
        self._grid.copy_blocks(self._rest, seen.picture, self._settled)  # specks too small to count as movement
        changed = self._dirty & ~seen.live
        restless = ~self._settled & ~seen.live
        if changed.mean() > _NEW_PICTURE:
            self._grid.copy_blocks(self._rest, seen.picture, restless)
        else:
            restless = np.zeros_like(restless)
        start_s = float(np.percentile(self._arrived[changed], 95, method="higher"))
        if self._current:
            self._spool.append(self._current.finish(seen.sample.time_s))
            start_s = max(start_s, self._current.start_s)
        else:
            changed = np.ones_like(changed)
        self._current = _Current(
            start_s,
            seen.sample.time_s,
            self._rest.copy(),
            self._arrived.copy(),
            self._came.copy(),
            self._began.copy(),
            changed,
            seen.live.copy(),
            self._lived,
            restless,
            Moment.of(seen.sample),
            int(np.count_nonzero(~self._settled & ~seen.live)),
        )
        self._lived = seen.live.copy()
        self._dirty &= ~changed
        self._news_since_s = float("inf")
