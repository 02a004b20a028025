"""The child process task that mixes the pictures of a scene: fades, transitions and captions. One file per distinct picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import errors
from lib.process import Report

Pixels = NDArray[np.uint8]
_Transition = Callable[[Pixels, float], Pixels]

_PART_DISTANCE = 0.012  # of the shorter side; what is nearer is one part
# JPEG without loss that one could see: PNG takes five times the CPU to write.
_JPEG = (cv2.IMWRITE_JPEG_QUALITY, 97, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444)


def mix(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Write the pictures of `shots` to `folder`; return {"files": [a name for each shot]}.

    Payload: `states` (files), `shots` ([state, share, transition, caption]), `next` (file or ""), `slides`: whether a transition moves
    the next picture in, `background` (#rrggbb), `captions` (files with alpha), `right_to_left`.
    """
    folder = Path(payload["folder"])
    states = _Cache(payload["states"])
    transition = _transition(payload, states) if payload["next"] else None
    names: dict[tuple[Any, ...], str] = {}
    result: list[str] = []
    for number, shot in enumerate(payload["shots"]):
        key = tuple(shot)
        if key not in names:
            names[key] = str(folder / f"mixed-{len(names):05}.jpg")
            if not cv2.imwrite(names[key], _compose_frame(payload, states, transition, *shot), _JPEG):
                raise errors.DiskFull(f"{names[key]} could not be written.")
        result.append(names[key])
        report(number + 1, len(payload["shots"]))
    return {"files": result}


def _compose_frame(
    payload: dict[str, Any], states: _Cache, transition: _Transition | None, state: int, share: float, progress: float, caption: int
) -> Pixels:
    picture = states.get(state)
    if share < 1:
        picture = _blend(states.get(state - 1), picture, share)
    if progress > 0 and transition is not None:
        picture = transition(picture, progress)
    return _overlay(picture, payload["captions"][caption]) if caption >= 0 else picture


def _transition(payload: dict[str, Any], states: _Cache) -> _Transition:
    next_picture = _read(payload["next"])
    if payload["slides"]:
        sign = -1 if payload["right_to_left"] else 1
        return lambda picture, progress: _slide(picture, next_picture, sign * progress)
    last = max(shot[0] for shot in payload["shots"])
    return _fade(states.get(last), next_picture, payload["background"])


def _fade(before: Pixels, after: Pixels, background: str) -> _Transition:
    """Return a transition in which the old content disappears before the new one appears, so that no two texts overlap.

    A part that is the same in both pictures, such as a logo, stays.
    """
    empty = np.empty_like(before)
    empty[:] = [int(background[at : at + 2], 16) for at in (5, 3, 1)]
    content = ((before != empty) | (after != empty)).any(axis=2).astype(np.uint8)
    size = 2 * max(3, round(min(before.shape[:2]) * _PART_DISTANCE)) + 1
    _, parts = cv2.connectedComponents(cv2.dilate(content, np.ones((size, size), np.uint8)))
    has_changed = np.zeros(int(parts.max()) + 1, bool)
    has_changed[np.unique(parts[(before != after).any(axis=2)])] = True
    empty = np.where(has_changed[parts][:, :, np.newaxis], empty, before)

    def apply(picture: Pixels, progress: float) -> Pixels:
        if progress < 0.5:
            return _blend(picture, empty, 2 * progress)
        return _blend(empty, after, 2 * progress - 1)

    return apply


class _Cache:
    """The last two states; a fade needs no more."""

    def __init__(self, files: list[str]) -> None:
        self._files = files
        self._pictures: dict[int, Pixels] = {}

    def get(self, state: int) -> Pixels:
        if state not in self._pictures:
            self._pictures = {number: each for number, each in self._pictures.items() if abs(number - state) == 1}
            self._pictures[state] = _read(self._files[state])
        return self._pictures[state]


def _read(path: str) -> Pixels:
    picture = cv2.imread(path, cv2.IMREAD_COLOR)
    if picture is None:
        raise errors.ProgramFailed(f"{path} is not a picture.")
    return picture.astype(np.uint8, copy=False)


def _blend(before: Pixels, after: Pixels, share: float) -> Pixels:
    return cv2.addWeighted(after, share, before, 1 - share, 0).astype(np.uint8, copy=False)


def _slide(before: Pixels, after: Pixels, share: float) -> Pixels:
    """Move the next picture in from the end of the line; a negative share moves it in from the left."""
    width = before.shape[1]
    offset = round(width * abs(share))
    if share >= 0:
        return np.concatenate([before[:, offset:], after[:, :offset]], axis=1)
    return np.concatenate([after[:, width - offset :], before[:, : width - offset]], axis=1)


def _overlay(picture: Pixels, path: str) -> Pixels:
    """Put a picture with transparency at the bottom."""
    layer = cv2.imread(path, cv2.IMREAD_UNCHANGED)
    if layer is None:
        raise errors.ProgramFailed(f"{path} is not a picture.")
    result = picture.copy()
    part = result[-layer.shape[0] :]
    alpha = layer[:, :, 3:].astype(np.float32) / 255
    part[:] = (layer[:, :, :3] * alpha + part * (1 - alpha)).astype(np.uint8)
    return result
