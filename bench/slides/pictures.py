"""Drawn slides for the bench: plain OpenCV, no fonts needed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]

_WORDS = tuple(
    word
    for line in (
        "orbit tensor lemma valve piston enzyme treaty ballad sonnet glacier harbor meadow lattice prism quartz rotor sensor",
        "turbine vertex wavelet zenith anchor beacon cipher dynamo ember fjord gasket hollow island jigsaw kernel ladder mortar",
    )
    for word in line.split()
)


@dataclass(frozen=True)
class Theme:
    """Colours are BGR."""

    ground: tuple[int, int, int]
    ink: tuple[int, int, int]
    accent: tuple[int, int, int]
    face: int = cv2.FONT_HERSHEY_DUPLEX
    side_bar: bool = False
    photo: bool = False


LIGHT = Theme((255, 255, 255), (40, 40, 40), (150, 70, 20))
DARK = Theme((30, 26, 24), (230, 230, 230), (80, 190, 250), cv2.FONT_HERSHEY_SIMPLEX)
SIDE = Theme((248, 248, 240), (30, 40, 30), (60, 110, 40), cv2.FONT_HERSHEY_TRIPLEX, side_bar=True)
PHOTO = Theme((60, 60, 60), (255, 255, 255), (0, 220, 255), photo=True)


class Painter:
    """Paints slides of one deck, all with its theme, footer and page numbers."""

    def __init__(self, theme: Theme, width: int, height: int, dice: random.Random) -> None:
        self.theme, self.width, self.height, self.dice = theme, width, height, dice
        self._backdrop = photo(dice, width, height, 90) if theme.photo else None
        self._number = 0

    def words(self, count: int) -> str:
        return " ".join(self.dice.choice(_WORDS) for _ in range(count)).capitalize()

    def frame(self) -> Picture:
        """A slide with nothing on it but a title, the footer and the side bar."""
        self._number += 1
        picture = np.full((self.height, self.width, 3), self.theme.ground, np.uint8)
        if self._backdrop is not None:
            picture = self._backdrop.copy()
        if self.theme.side_bar:
            cv2.rectangle(picture, (0, 0), (self.width // 6, self.height), self.theme.accent, -1)
            for line in range(7):
                self.text(picture, 0.01, 0.12 + 0.08 * line, _WORDS[line * 3], 0.5, self.theme.ground)
        self.text(picture, self._left, 0.1, self.words(3), 1.3, self.theme.accent)
        self.text(picture, self._left, 0.97, "Applied Studies 12", 0.45)
        self.text(picture, 0.93, 0.97, str(self._number), 0.45)
        return picture

    @property
    def _left(self) -> float:
        return 0.2 if self.theme.side_bar else 0.05

    def text(self, picture: Picture, x: float, y: float, text: str, size: float, colour: Sequence[int] | None = None) -> None:
        scale = size * self.height / 540
        place = (int(x * self.width), int(y * self.height))
        cv2.putText(picture, text, place, self.theme.face, scale, colour or self.theme.ink, max(1, round(scale * 1.6)), cv2.LINE_AA)

    def bullets(self, count: int) -> list[Picture]:
        """A bullet list growing line by line: the title alone first."""
        states = [self.frame()]
        for line in range(count):
            picture = states[-1].copy()
            self.text(picture, self._left, 0.24 + 0.1 * line, f"- {self.words(4)}", 0.8)
            states.append(picture)
        return states

    def table(self) -> Picture:
        picture = self.frame()
        for row in range(6):
            for column in range(4):
                text = self.words(1) if row == 0 or column == 0 else f"{self.dice.uniform(1, 99):.1f}"
                self.text(picture, self._left + 0.19 * column, 0.25 + 0.11 * row, text, 0.7)
        return picture

    def figure(self) -> Picture:
        picture = self.frame()
        width, height = self.width // 2, self.height // 2
        top, left = self.height // 4, int(self._left * self.width)
        picture[top : top + height, left : left + width] = photo(self.dice, width, height)
        self.text(picture, self._left, 0.84, self.words(5), 0.6)
        self.text(picture, self._left + 0.54, 0.4, self.words(2), 0.6)
        return picture

    def slide(self) -> Picture:
        kind = self.dice.randrange(3)
        return self.bullets(self.dice.randint(3, 6))[-1] if kind == 0 else self.table() if kind == 1 else self.figure()


def photo(dice: random.Random, width: int, height: int, level: int = 130) -> Picture:
    """Something with the texture of a photograph."""
    noise = np.random.default_rng(dice.randrange(2**31))
    picture = np.full((height, width, 3), level, np.float32)
    for cells, strength in ((3, 50), (8, 40), (30, 22), (90, 12)):
        coarse = noise.standard_normal((cells, cells, 3)).astype(np.float32)
        picture += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC) * strength
    return np.clip(picture, 0, 255).astype(np.uint8)


def stroke(picture: Picture, dice: random.Random, colour: Sequence[int], thickness: int, over: float) -> list[Picture]:
    """A pen line drawn in a few steps: an underline, a circle or a tick, `over` of them right across the writing."""
    height, width = picture.shape[:2]
    x, y = dice.uniform(0.15, 0.6) * width, dice.choice((0.26, 0.36, 0.46, 0.6, 0.72)) * height
    if dice.random() < over:
        y -= 0.02 * height
    angle = np.linspace(0, 2 * np.pi, 40)
    wobble = np.array([dice.gauss(0, 1.5) for _ in angle])
    if dice.random() < 0.5:
        points = np.stack([x + 0.09 * width * np.cos(angle) + wobble, y + 0.05 * height * np.sin(angle) + wobble], 1)
    else:
        points = np.stack([x + 0.2 * width * angle / 6.3, y + wobble], 1)
    states = []
    for share in (0.3, 0.6, 1.0):
        picture = picture.copy()
        cv2.polylines(picture, [points[: int(share * len(points))].astype(np.int32)], False, list(colour), thickness, cv2.LINE_AA)
        states.append(picture)
    return states
