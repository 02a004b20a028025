"""Writes the pages of a PDF as SVG, so that documents show them sharp at every size.

poppler's pdftocairo converts letters to shapes; Typst embeds SVG in accessible PDFs, but not PDF.
Without poppler, documents have pictures of the pages.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import errors
from lib.process import CancellationCheck, Limits, Report, run_program, run_task
from lib.programs import find_program

SUFFIX = ".svg"
_LIMITS = Limits(timeout_s=60, memory_bytes=2**30, file_bytes=16 * 2**20)
_MAX_BYTES = 2 * 2**20
_CHECK_WIDTH = 400  # pixels
_MAX_DIFFERENCE = 4.0  # grey levels, on average


def write_vectors(deck: Path, pictures: Sequence[Path], check: CancellationCheck) -> None:
    """Write the SVG of each page beside its picture, unless it is too large or looks different."""
    program = find_program("pdftocairo")
    if program is None or not pictures:
        return
    for number, picture in enumerate(pictures, 1):
        target = picture.with_suffix(SUFFIX)
        try:
            run_program([program, "-svg", "-f", str(number), "-l", str(number), deck, target], check=check, limits=_LIMITS)
        except (errors.ProgramFailed, errors.TimedOut, errors.OutOfMemory):
            target.unlink(missing_ok=True)
            continue
        if target.stat().st_size > min(_MAX_BYTES, _max_bytes_of(picture, target)):
            target.unlink()
    run_task("services.lecture_deck.vectors:check_task", {"pictures": [str(each.absolute()) for each in pictures]}, check=check)


def _max_bytes_of(picture: Path, vectors: Path) -> int:
    """Return the maximum size of a page's SVG. With photos, which SVG stores without loss, it may not exceed the picture's size."""
    return picture.stat().st_size if b"<image" in vectors.read_bytes() else _MAX_BYTES


def check_task(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Delete SVGs that Typst renders differently from the picture with the same name. Payload: pictures."""
    for name in payload["pictures"]:
        picture = Path(name)
        vectors = picture.with_suffix(SUFFIX)
        if vectors.exists() and not _looks_alike(picture, vectors):
            vectors.unlink()
    return {}


def _looks_alike(picture: Path, vectors: Path) -> bool:
    import typst
    from PIL import Image, ImageChops, ImageStat

    source = vectors.with_suffix(".typ")
    source.write_text(f'#set page(width: {_CHECK_WIDTH}pt, height: auto, margin: 0pt)\n#image("{vectors.name}", width: 100%)')
    try:
        png: Any = typst.compile(str(source), format="png", ppi=72)
    except typst.TypstError:
        return False
    finally:
        source.unlink()
    with Image.open(io.BytesIO(png if isinstance(png, bytes) else png[0])) as one, Image.open(picture) as other:
        grey = one.convert("L")
        difference = ImageChops.difference(grey, other.convert("L").resize(grey.size, Image.Resampling.BOX))
    return ImageStat.Stat(difference).mean[0] <= _MAX_DIFFERENCE
