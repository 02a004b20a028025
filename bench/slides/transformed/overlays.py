"""Recordings with overlays: what meeting software, desktops, players and cameras add to the slides."""

from __future__ import annotations

import functools
import hashlib
import random
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.slides import drawing, overlays
from bench.slides.drawing import Canvas, Image, Overlay
from bench.slides.encoding import read_frames, write_frames
from bench.slides.overlays import show_in_turn
from bench.slides.overlays.cameras import make_exposure, make_grain, make_hand, make_room, make_uneven_light
from bench.slides.overlays.captions import (
    make_floating_watermark,
    make_rolling_subtitles,
    make_subtitles,
    make_ticker,
    make_watermark,
)
from bench.slides.overlays.meetings import make_chat, make_gallery, make_notifications
from bench.slides.overlays.presenters import make_presenter, make_round_presenter
from bench.slides.overlays.screens import make_bar_below, make_menu_bar, make_player_bar, make_player_controls, make_taskbar
from bench.slides.transformed.recording import RATE, X264, Recording, Truth

_PLAYER_S = 50.0
_INSET_WIDTH, _INSET_HEIGHT = 0.2, 0.24
_PARTICIPANTS = ("Ada", "Grace", "Emmy", "Alan")


@dataclass(frozen=True)
class Overlaying:
    """Draws overlays on every frame. The times of the slides stay the same."""

    make_overlays: Callable[[Canvas], Sequence[Overlay]]
    suffix: str = ".mp4"

    def describe(self, recording: Recording, following: Recording) -> str:
        return f"{recording.digest} {recording.name} {_digest_of_code()}"

    def write_video(self, recording: Recording, following: Recording, target: Path) -> None:
        width, height = recording.size
        drawn = self.make_overlays(Canvas(width, height, RATE, random.Random(zlib.crc32(recording.name.encode()))))

        def draw_frames() -> Iterator[Image]:
            for number, frame in enumerate(read_frames(recording.video, width, height, RATE)):
                for draw in drawn:
                    draw(frame, number / RATE)
                yield frame

        write_frames(draw_frames(), width, height, RATE, X264, target)

    def make_truth(self, recording: Recording, following: Recording) -> Truth:
        return recording.truth


@functools.cache
def _digest_of_code() -> str:
    """Return a digest of the modules that draw."""
    files = [Path(__file__), Path(drawing.__file__), *sorted(Path(overlays.__file__).parent.glob("*.py"))]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _inset(canvas: Canvas, left: float, top: float) -> Overlay:
    return make_presenter(canvas, left, top, _INSET_WIDTH, _INSET_HEIGHT)


def _moving_inset(canvas: Canvas) -> list[Overlay]:
    right, below = 1 - _INSET_WIDTH, 1 - _INSET_HEIGHT
    return [show_in_turn([_inset(canvas, right, below), _inset(canvas, right, 0.0), _inset(canvas, 0.0, below)], 17.0)]


def _gallery(canvas: Canvas) -> Overlay:
    return make_gallery(canvas, _PARTICIPANTS, still="Emmy", title="Ada is presenting")


def _layout_change(canvas: Canvas) -> list[Overlay]:
    return [show_in_turn([_gallery(canvas), _inset(canvas, 1 - _INSET_WIDTH, 0.0)], 20.0)]


def _ticker(canvas: Canvas) -> list[Overlay]:
    return [make_bar_below(canvas.height // 16, 20), make_ticker(canvas)]


def _projector(canvas: Canvas) -> list[Overlay]:
    return [make_uneven_light(canvas), make_exposure(canvas, 4.0, 7.0), make_grain(canvas, 3.0)]


OVERLAYS = {
    "camera_inset": Overlaying(lambda canvas: [_inset(canvas, 1 - _INSET_WIDTH, 1 - _INSET_HEIGHT)]),
    "round_inset": Overlaying(lambda canvas: [make_round_presenter(canvas, 0.3)]),
    "moving_inset": Overlaying(_moving_inset),
    "meeting_gallery": Overlaying(lambda canvas: [_gallery(canvas)]),
    "meeting_layout_change": Overlaying(_layout_change),
    "notifications": Overlaying(lambda canvas: [make_notifications(canvas, 9.0, 13.0)]),
    "chat": Overlaying(lambda canvas: [make_chat(canvas, 0.26)]),
    "watermark": Overlaying(lambda canvas: [make_watermark()]),
    "floating_watermark": Overlaying(lambda canvas: [make_floating_watermark(canvas, 8.0)]),
    "taskbar": Overlaying(lambda canvas: [make_taskbar(canvas)]),
    "menu_bar": Overlaying(lambda canvas: [make_menu_bar(canvas)]),
    "subtitles_outlined": Overlaying(lambda canvas: [make_subtitles(canvas, boxed=False)]),
    "subtitles_boxed": Overlaying(lambda canvas: [make_subtitles(canvas, boxed=True)]),
    "subtitles_rolling": Overlaying(lambda canvas: [make_rolling_subtitles(canvas, 2.2)]),
    "player_bar": Overlaying(lambda canvas: [make_player_bar(_PLAYER_S)]),
    "player_controls": Overlaying(lambda canvas: [make_player_controls(_PLAYER_S, 15.0, 4.0)]),
    "ticker": Overlaying(_ticker),
    "projector": Overlaying(_projector),
    "filmed_by_hand": Overlaying(lambda canvas: [*_projector(canvas), make_hand(canvas, 0.015)]),
    "filmed_room": Overlaying(lambda canvas: [make_room(canvas), make_grain(canvas, 3.0)]),
}
