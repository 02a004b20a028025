"""Recordings with something else before and after them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bench.slides.drawing import Image, put_text
from bench.slides.encoding import THREADS, run_ffmpeg
from bench.slides.transformed.recording import RATE, X264, Recording, Truth, shift

_BEFORE_S, _AFTER_S = 4.0, 5.0
_JOINED_WIDTH, _JOINED_HEIGHT = 854, 480
_PLAIN = "format=yuv420p,setsar=1"


@dataclass(frozen=True)
class Framed:
    """Shows a still picture before the recording and after it: black, or a logo, which may count as a slide."""

    with_logo: bool
    suffix: str = ".mp4"

    def describe(self, recording: Recording, following: Recording) -> str:
        return f"{recording.digest} {self!r} {_BEFORE_S} {_AFTER_S}"

    def write_video(self, recording: Recording, following: Recording, target: Path) -> None:
        width, height = recording.size
        card = target.with_suffix(".png")
        cv2.imwrite(str(card), _draw_logo(width, height) if self.with_logo else np.zeros((height, width, 3), np.uint8))
        still = ("-loop", "1", "-framerate", str(RATE))
        graph = f"[0]{_PLAIN}[before];[1]fps={RATE},scale={width}:{height},{_PLAIN}[recording];[2]{_PLAIN}[after];"
        graph += "[before][recording][after]concat=n=3:v=1[video]"
        inputs = (*still, "-t", str(_BEFORE_S), "-i", card, "-i", recording.video, *still, "-t", str(_AFTER_S), "-i", card)
        run_ffmpeg(*inputs, "-filter_complex", graph, "-map", "[video]", *X264, *THREADS, target)
        card.unlink()

    def make_truth(self, recording: Recording, following: Recording) -> Truth:
        truth = shift(recording.truth, _BEFORE_S)
        if self.with_logo:
            end_s = _BEFORE_S + recording.media.duration_s
            truth["slides"] = [_logo_visit(1, 0.0, _BEFORE_S), *truth["slides"], _logo_visit(2, end_s, end_s + _AFTER_S)]
        return truth


@dataclass(frozen=True)
class Joined:
    """Appends the recording that follows in the folder, scaled to the same frame."""

    suffix: str = ".mp4"

    def describe(self, recording: Recording, following: Recording) -> str:
        return f"{recording.digest} {following.digest} {self!r} {_JOINED_WIDTH} {_JOINED_HEIGHT}"

    def write_video(self, recording: Recording, following: Recording, target: Path) -> None:
        size = f"{_JOINED_WIDTH}:{_JOINED_HEIGHT}"
        fit = f"fps={RATE},scale={size}:force_original_aspect_ratio=decrease,pad={size}:(ow-iw)/2:(oh-ih)/2,{_PLAIN}"
        graph = f"[0]{fit},trim=0:{_whole_frames_s(recording)},setpts=PTS-STARTPTS[first];[1]{fit}[second];"
        graph += "[first][second]concat=n=2:v=1[video]"
        run_ffmpeg("-i", recording.video, "-i", following.video, "-filter_complex", graph, "-map", "[video]", *X264, *THREADS, target)

    def make_truth(self, recording: Recording, following: Recording) -> Truth:
        second = shift(following.truth, _whole_frames_s(recording))
        for slide in second["slides"]:
            slide["id"] = _second_id(slide["id"])
        return {
            "slides": [*recording.truth["slides"], *second["slides"]],
            "distinct": [*recording.truth["distinct"], *map(_second_id, second["distinct"])],
        }


JOINS = {"black_before_and_after": Framed(with_logo=False), "logo_before_and_after": Framed(with_logo=True), "two_joined": Joined()}


def _second_id(name: str) -> str:
    return f"second {name}"


def _whole_frames_s(recording: Recording) -> float:
    """Return the recording's duration, rounded down to fifths of a second, which are frames."""
    return math.floor(recording.media.duration_s * 5) / 5


def _logo_visit(number: int, start_s: float, end_s: float) -> dict[str, Any]:
    return {"id": "logo", "start": start_s, "end": end_s, "visit": number, "states": [{"t": start_s, "step": 1, "of": 1}], "optional": True}


def _draw_logo(width: int, height: int) -> Image:
    image = np.full((height, width, 3), (70, 30, 20), np.uint8)
    put_text(image, "University of Ulm", (int(width * 0.22), int(height * 0.5)), 1.4 * width / 854, (255, 255, 255), 3)
    cv2.circle(image, (width // 2, height // 4), height // 9, (0, 200, 240), -1)
    return image
