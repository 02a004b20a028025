"""The task of the child process: read all pictures of a recording, in parallel batches."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from domain import Box, OcrWord
from lib.process import Report
from lib.serialization import build_adapters, from_plain, to_plain
from services.ocr import rapidocr
from services.ocr.engines import load_engine
from services.ocr.pictures import clean_words, prepare
from services.ocr.port import OcrEngine, OcrOptions

_MAX_BATCH = 8


def before_forks() -> None:
    """Prepare what every child of this module needs; see lib/child.py."""
    build_adapters(OcrOptions, OcrWord, Box)


def run(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Read the pictures. Payload: pictures, language, options; returns {"pictures": the words of each}."""
    options = from_plain(OcrOptions, payload["options"])
    pictures = [Path(path) for path in payload["pictures"]]
    engine = load_engine(options.engine, payload["language"])
    read_count, lock = 0, threading.Lock()

    def on_read() -> None:
        nonlocal read_count
        with lock:
            read_count += 1
            report(read_count, len(pictures))

    size = max(1, min(_MAX_BATCH, -(-len(pictures) // options.cores)))
    batches = [pictures[at : at + size] for at in range(0, len(pictures), size)]
    with ThreadPoolExecutor(options.cores) as pool:
        results = pool.map(lambda batch: _read_batch(engine, batch, payload["language"], options, on_read), batches)
        return {"pictures": [[to_plain(word) for word in words] for batch in results for words in batch]}


def find_text(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Find lines of text. Payload: pictures; returns {"pictures": the boxes of each}."""
    return {"pictures": [[to_plain(line) for line in rapidocr.find_lines(Path(path))] for path in payload["pictures"]]}


def _read_batch(
    engine: OcrEngine, batch: Sequence[Path], language: str, options: OcrOptions, on_read: Callable[[], None]
) -> list[tuple[OcrWord, ...]]:
    prepared_pictures = [prepare(path) for path in batch]
    with tempfile.TemporaryDirectory(prefix="ocr-") as folder:
        words_by_picture = engine.read([picture for picture, _ in prepared_pictures], language, Path(folder), on_read)
    shapes = [(round(picture.shape[0] / scale), round(picture.shape[1] / scale)) for picture, scale in prepared_pictures]
    return [
        clean_words(words, scale, shape, options.min_confidence)
        for words, (_, scale), shape in zip(words_by_picture, prepared_pictures, shapes, strict=True)
    ]
