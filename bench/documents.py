"""Documents of a lecture with sixty slides: each format, the PDF compared with Typst alone, and rendering again after an edit."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pypdf
import typst

from bench.context import Context, cpu_of_children_s, markdown_table
from domain import LectureNotes
from lib.process import Report, run_task
from lib.serialization import write_json
from services.documents import FORMATS, RenderOptions, fonts, render_file
from services.documents.back_matter import find_entries
from services.documents.outline import build_outline
from services.documents.pdf import write_inputs
from services.documents.pdf_layout import build_template_data
from tests.documents.lecture import make_lecture

_SLIDES = 60
_REPEATS, _TURNS = 5, 9
_MAX_RATIO = 1.3


def run(context: Context) -> str:
    images = context.folder / "images"
    notes = make_lecture(images, slides=_SLIDES, paragraphs=3, sentences=5)
    file = context.folder / "notes.json"
    write_json(file, notes)
    rows = []
    for name, document_format in FORMATS.items():
        target = context.folder / f"out.{document_format.extension}"
        wall_s, cpu_s = min(_render(name, file, images, target) for _ in range(_REPEATS))
        pages = len(pypdf.PdfReader(target).pages) if target.suffix == ".pdf" else ""
        rows.append([f"`{name}`", f"{wall_s:.2f}", f"{cpu_s:.2f}", f"{target.stat().st_size / 1e6:.1f}", pages])
    typst_folder = _write_typst_inputs(notes, images, context.folder / "typst")
    turns = [(_render("pdf", file, images, context.folder / "turn.pdf")[1], _compile(typst_folder)) for _ in range(_TURNS)]
    pdf_s, typst_s = (min(times) for times in zip(*turns, strict=True))
    table = markdown_table(["format", "wall, s", "CPU of the child, s", "MB", "pages"], rows)
    return (
        f"{_SLIDES} slides with 230 words each, best of {_REPEATS}, each format rendered in a child process.\n\n{table}\n\n"
        f"The PDF takes {pdf_s / typst_s:.2f} times the CPU time of Typst alone (goal {_MAX_RATIO}) for the same data: {pdf_s:.2f} and "
        f"{typst_s:.2f} s, the best of {_TURNS} turns. "
        "A job that renders again after an edit runs its formats side by side and reads no recording."
    )


def _render(name: str, file: Path, images: Path, target: Path) -> tuple[float, float]:
    start_s, cpu_s = time.monotonic(), cpu_of_children_s()
    render_file(name, file, images, target, RenderOptions())
    return time.monotonic() - start_s, cpu_of_children_s() - cpu_s


def _write_typst_inputs(notes: LectureNotes, images: Path, folder: Path) -> Path:
    """Write the data and the template of the PDF, so that Typst need not wait for terms and fonts to be found."""
    outline = build_outline(notes, images, RenderOptions())
    data = build_template_data(outline, RenderOptions(), find_entries(notes, outline))
    write_inputs(outline, folder)
    (folder / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    families = {language: fonts.font_families(language) for language in data["languages"]}
    (folder / "fonts.json").write_text(json.dumps(families), encoding="utf-8")
    return folder


def _compile(folder: Path) -> float:
    """Return the CPU time of Typst alone."""
    return float(run_task("bench.documents:compile_once", {"folder": str(folder)})["cpu_s"])


def compile_once(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Compile in a separate process, because Typst caches compiled documents; return the CPU time of the compilation alone."""
    folder = Path(payload["folder"])
    compiler = typst.Compiler(input=str(folder / "notes.typ"), root=str(folder), font_paths=fonts.installed_fonts())
    start_s = time.process_time()
    compiler.compile(output=str(folder / "out.pdf"), format="pdf", timestamp=0, pdf_standards=["ua-1"])
    return {"cpu_s": time.process_time() - start_s}
