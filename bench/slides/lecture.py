"""A drawn lecture: the slides that it shows, its overlays, its frames and its truth."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bench.slides.drawing import Canvas, Image, Overlay, Painter, Theme
from bench.slides.encoding import write_frames

Animation = Callable[[Image, float], Image]

_MIN_INK = 60  # grey levels; what is written on black is brighter


@dataclass
class Appearance:
    """One appearance of a slide: its states, the seconds after which each is shown, and the transition to the first."""

    name: str
    states: list[Image]
    times: list[float]
    duration_s: float
    transition: str = ""
    transition_s: float = 0.0
    is_slide: bool = True
    animation: Animation | None = None


@dataclass
class Lecture(Canvas):
    """The drawn recording. `rng` decides texts, positions and times."""

    name: str
    encoder: tuple[str, ...] = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "24", "-pix_fmt", "yuv420p")
    appearances: list[Appearance] = field(default_factory=list)
    overlays: list[Overlay] = field(default_factory=list)
    suffix: str = ".mp4"

    def make_painter(self, theme: Theme) -> Painter:
        return Painter(theme, self.width, self.height, self.rng)

    def add_slide(self, name: str, states: list[Image], gap: tuple[float, float] = (2.0, 5.0), **options: Any) -> None:
        times = [0.0]
        for _ in states[1:]:
            times.append(times[-1] + self.rng.uniform(*gap))
        duration_s = round((times[-1] + self.rng.uniform(4, 9)) * self.rate) / self.rate
        self.appearances.append(Appearance(name, states, times, duration_s, **options))

    def draw_frames(self) -> Iterator[Image]:
        before: Image | None = None
        clock_s = 0.0
        for appearance in self.appearances:
            for count in range(round(appearance.duration_s * self.rate)):
                passed_s = count / self.rate
                image = appearance.states[max(i for i, at in enumerate(appearance.times) if at <= passed_s + 1e-6)]
                if before is not None and passed_s < appearance.transition_s:
                    image = blend(appearance.transition, before, image, passed_s / appearance.transition_s)
                image = appearance.animation(image, passed_s) if appearance.animation else image
                if self.overlays:
                    image = image.copy()
                    for overlay in self.overlays:
                        overlay(image, clock_s + passed_s)
                yield image
            before = appearance.states[-1]
            clock_s += appearance.duration_s

    def make_truth(self) -> dict[str, Any]:
        slides: list[dict[str, Any]] = []
        visits: dict[str, int] = {}
        clock_s = 0.0
        for number, appearance in enumerate(self.appearances):
            start_s = clock_s + (appearance.transition_s if number else 0.0)
            if appearance.is_slide:
                visits[appearance.name] = visits.get(appearance.name, 0) + 1
                states = [
                    {"t": max(start_s, clock_s + at), "step": step, "of": len(appearance.times)}
                    for step, at in enumerate(appearance.times, 1)
                ]
                end_s = clock_s + appearance.duration_s
                slides.append({"id": appearance.name, "start": start_s, "end": end_s, "visit": visits[appearance.name], "states": states})
            clock_s += appearance.duration_s
        return {"case": self.name, "duration": clock_s, "slides": slides, "distinct": list(visits)}

    def write(self, folder: Path) -> None:
        target = folder / f"{self.name}{self.suffix}"
        write_frames(self.draw_frames(), self.width, self.height, self.rate, self.encoder, target)
        (folder / f"{self.name}.truth.json").write_text(json.dumps(self.make_truth(), indent=1) + "\n")


def write(page: Image, share: float) -> Image:
    """Draw the page on black as if a pen had written so much of it, line after line."""
    ink = (page.max(2) > _MIN_INK).any(1)
    edges = np.flatnonzero(np.diff(ink.astype(np.int8), prepend=0, append=0))
    lines = [
        (int(top), int(bottom), int(np.flatnonzero((page[top:bottom].max(2) > _MIN_INK).any(0))[-1]) + 1)
        for top, bottom in zip(edges[::2], edges[1::2], strict=True)
    ]
    picture = np.zeros_like(page)
    left_px = share * sum(width for _, _, width in lines)
    for top, bottom, width in lines:
        written_px = round(min(max(0.0, left_px), width))
        picture[top:bottom, :written_px] = page[top:bottom, :written_px]
        left_px -= width
    return picture


def blend(kind: str, old: Image, new: Image, share: float) -> Image:
    height, width = new.shape[:2]
    picture: Image
    if kind == "fade":
        picture = cv2.addWeighted(old, 1 - share, new, share, 0)  # type: ignore[assignment]
    elif kind == "black":
        picture = cv2.convertScaleAbs(old if share < 0.5 else new, alpha=abs(1 - 2 * share))  # type: ignore[assignment]
    elif kind == "push":
        edge = int(width * share)
        picture = np.concatenate([old[:, edge:], new[:, :edge]], 1)
    elif kind == "written":
        fade_share = 0.2
        picture = blend("fade", old, np.zeros_like(old), share / fade_share) if share < fade_share else write(new, share / 0.8 - 0.25)
    else:
        edge = int(height * share)
        picture = np.concatenate([new[:edge], old[edge:]], 0)
    return picture
