"""Slides drawn with OpenCV for the bench; no fonts are needed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Overlay = Callable[[Image, float], None]  # draws on the frame at a time in seconds

_WORDS = tuple(
    word
    for line in (
        "orbit tensor lemma valve piston enzyme treaty ballad sonnet glacier harbor meadow lattice prism quartz rotor sensor",
        "turbine vertex wavelet zenith anchor beacon cipher dynamo ember fjord gasket hollow island jigsaw kernel ladder mortar",
    )
    for word in line.split()
)


@dataclass
class Canvas:
    """The frames of a recording. `rate`: frames per second; `rng` decides what is drawn on them."""

    width: int
    height: int
    rate: int
    rng: random.Random


@dataclass(frozen=True)
class Theme:
    """Colours are BGR."""

    background: tuple[int, int, int]
    foreground: tuple[int, int, int]
    accent: tuple[int, int, int]
    face: int = cv2.FONT_HERSHEY_DUPLEX
    side_bar: bool = False
    photo: bool = False


LIGHT = Theme((255, 255, 255), (40, 40, 40), (150, 70, 20))
DARK = Theme((30, 26, 24), (230, 230, 230), (80, 190, 250), cv2.FONT_HERSHEY_SIMPLEX)
BLACK = Theme((0, 0, 0), (235, 235, 235), (235, 235, 235), cv2.FONT_HERSHEY_COMPLEX)
SIDE = Theme((248, 248, 240), (30, 40, 30), (60, 110, 40), cv2.FONT_HERSHEY_TRIPLEX, side_bar=True)
LIME = Theme((255, 255, 255), (30, 220, 80), (30, 220, 80))
PHOTO = Theme((60, 60, 60), (255, 255, 255), (0, 220, 255), photo=True)


class Painter:
    """Draws the slides of one deck, all with the same theme, footer and page numbers."""

    def __init__(self, theme: Theme, width: int, height: int, rng: random.Random) -> None:
        self.theme, self.width, self.height, self.rng = theme, width, height, rng
        self._backdrop = make_photo(rng, width, height, 90) if theme.photo else None
        self._number = 0

    def random_words(self, count: int) -> str:
        return " ".join(self.rng.choice(_WORDS) for _ in range(count)).capitalize()

    def draw_frame(self) -> Image:
        """Draw a slide with a title, the footer and the side bar only."""
        self._number += 1
        image = np.full((self.height, self.width, 3), self.theme.background, np.uint8)
        if self._backdrop is not None:
            image = self._backdrop.copy()
        if self.theme.side_bar:
            cv2.rectangle(image, (0, 0), (self.width // 6, self.height), self.theme.accent, -1)
            for line in range(7):
                self.draw_text(image, 0.01, 0.12 + 0.08 * line, _WORDS[line * 3], 0.5, self.theme.background)
        self.draw_text(image, self._left, 0.1, self.random_words(3), 1.3, self.theme.accent)
        self.draw_text(image, self._left, 0.97, "Applied Studies 12", 0.45)
        self.draw_text(image, 0.93, 0.97, str(self._number), 0.45)
        return image

    @property
    def _left(self) -> float:
        return 0.2 if self.theme.side_bar else 0.05

    def draw_text(self, image: Image, x: float, y: float, text: str, size: float, colour: Sequence[int] | None = None) -> None:
        scale = size * self.height / 540
        position = (int(x * self.width), int(y * self.height))
        cv2.putText(image, text, position, self.theme.face, scale, colour or self.theme.foreground, max(1, round(scale * 1.6)), cv2.LINE_AA)

    def draw_bullets(self, count: int) -> list[Image]:
        """Draw a bullet list that grows line by line; the first state has the title only."""
        states = [self.draw_frame()]
        for line in range(count):
            image = states[-1].copy()
            self.draw_text(image, self._left, 0.24 + 0.1 * line, f"- {self.random_words(4)}", 0.8)
            states.append(image)
        return states

    def draw_table(self) -> Image:
        image = self.draw_frame()
        for row in range(6):
            for column in range(4):
                text = self.random_words(1) if row == 0 or column == 0 else f"{self.rng.uniform(1, 99):.1f}"
                self.draw_text(image, self._left + 0.19 * column, 0.25 + 0.11 * row, text, 0.7)
        return image

    def draw_figure(self) -> Image:
        image = self.draw_frame()
        width, height = self.width // 2, self.height // 2
        top, left = self.height // 4, int(self._left * self.width)
        image[top : top + height, left : left + width] = make_photo(self.rng, width, height)
        self.draw_text(image, self._left, 0.84, self.random_words(5), 0.6)
        self.draw_text(image, self._left + 0.54, 0.4, self.random_words(2), 0.6)
        return image

    def draw_slide(self) -> Image:
        kind = self.rng.randrange(3)
        return self.draw_bullets(self.rng.randint(3, 6))[-1] if kind == 0 else self.draw_table() if kind == 1 else self.draw_figure()


def put_text(image: Image, text: str, place: tuple[int, int], size: float, colour: Sequence[int], thickness: int = 1) -> None:
    """Write a line of text whose left end on the base line is `place`."""
    cv2.putText(image, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, colour, thickness, cv2.LINE_AA)


def shrink(image: Image, box: tuple[int, int, int, int], colour: int) -> None:
    """Draw the frame smaller, in place, in a box (x, y, width, height) on an area of one grey."""
    x, y, width, height = box
    small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    image[:] = colour
    image[y : y + height, x : x + width] = small


def make_photo(rng: random.Random, width: int, height: int, level: int = 130) -> Image:
    """Return an image with the texture of a photograph."""
    noise = np.random.default_rng(rng.randrange(2**31))
    image = np.full((height, width, 3), level, np.float32)
    for cells, strength in ((3, 50), (8, 40), (30, 22), (90, 12)):
        coarse = noise.standard_normal((cells, cells, 3)).astype(np.float32)
        image += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC) * strength
    return np.clip(image, 0, 255).astype(np.uint8)


def draw_stroke(image: Image, rng: random.Random, colour: Sequence[int], thickness: int, crossing_share: float) -> list[Image]:
    """Draw a pen line in three steps, an underline or a circle; `crossing_share` of them cross the text."""
    height, width = image.shape[:2]
    x, y = rng.uniform(0.15, 0.6) * width, rng.choice((0.26, 0.36, 0.46, 0.6, 0.72)) * height
    if rng.random() < crossing_share:
        y -= 0.02 * height
    angle = np.linspace(0, 2 * np.pi, 40)
    wobble = np.array([rng.gauss(0, 1.5) for _ in angle])
    if rng.random() < 0.5:
        points = np.stack([x + 0.09 * width * np.cos(angle) + wobble, y + 0.05 * height * np.sin(angle) + wobble], 1)
    else:
        points = np.stack([x + 0.2 * width * angle / 6.3, y + wobble], 1)
    states = []
    for share in (0.3, 0.6, 1.0):
        image = image.copy()
        cv2.polylines(image, [points[: int(share * len(points))].astype(np.int32)], False, list(colour), thickness, cv2.LINE_AA)
        states.append(image)
    return states
