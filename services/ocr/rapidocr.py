"""OCR by RapidOCR's ONNX models (Chinese and English); needs only Python packages."""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import errors
from domain import Box, OcrWord
from services.ocr.port import Picture

_DETECTED_SIDE = 640  # pixels


class RapidOcr:
    def supports_language(self, language: str) -> bool:
        return language in ("en", "zh", "")

    def read(self, pictures: Sequence[Picture], language: str, folder: Path, on_read: Callable[[], None]) -> list[list[OcrWord]]:
        import numpy as np

        words_by_picture = []
        for picture in pictures:
            result, _ = _load_model()(np.repeat(picture[:, :, None], 3, axis=2))
            words_by_picture.append([word for number, line in enumerate(result or []) for word in _split_line(line, number)])
            on_read()
        return words_by_picture


def find_lines(path: Path) -> list[Box]:
    """Return the boxes of the lines of text on a picture, which is reduced: text that an audience can read is large enough."""
    import cv2
    import numpy as np

    picture = cv2.imread(str(path))
    if picture is None:
        raise errors.StageFailed(f"{path.name} is not a readable picture.")
    scale = min(1.0, _DETECTED_SIDE / max(picture.shape[:2]))
    reduced = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    lines, _ = _load_detector()(reduced)
    boxes = [cv2.boundingRect(np.array(corners, np.float32) / scale) for corners in ([] if lines is None else lines)]
    return [Box(*(int(side) for side in box)) for box in boxes]


def is_installed() -> bool:
    return importlib.util.find_spec("rapidocr_onnxruntime") is not None


@functools.cache
def _load_model() -> Any:
    from rapidocr_onnxruntime import RapidOCR

    return RapidOCR(intra_op_num_threads=1, use_cls=False, max_side_len=1600)


@functools.cache
def _load_detector() -> Any:
    """Load RapidOCR's detector of lines without its recogniser, which takes most of the memory."""
    from rapidocr_onnxruntime.ch_ppocr_det import TextDetector
    from rapidocr_onnxruntime.main import DEFAULT_CFG_PATH
    from rapidocr_onnxruntime.utils import read_yaml, update_model_path

    settings = update_model_path(read_yaml(DEFAULT_CFG_PATH))["Det"]
    return TextDetector(settings | {"intra_op_num_threads": 1, "inter_op_num_threads": 1, "limit_type": "max"})


def _split_line(line: Sequence[Any], number: int) -> list[OcrWord]:
    """Split a line into words; divide its box among them by their number of characters."""
    corners, text, confidence = line[0], str(line[1]), float(line[2])
    left, top = (min(corner[axis] for corner in corners) for axis in (0, 1))
    right, bottom = (max(corner[axis] for corner in corners) for axis in (0, 1))
    words, at, step = [], 0, (right - left) / max(1, len(text))
    for token in text.split(" "):
        if token:
            first, last = round(left + at * step), round(left + (at + len(token)) * step)
            words.append(OcrWord(token, Box(first, round(top), max(1, last - first), max(1, round(bottom - top))), confidence, number))
        at += len(token) + 1
    return words
