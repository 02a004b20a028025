"""The contract of all document formats: atomic and reproducible files, unusual lectures, markup in text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import errors
from domain import LectureNotes, Slide, TimeRange, Visit
from services.documents import FORMATS, RenderOptions, render
from tests.documents.lecture import SENTENCE, make_notes, make_segment, make_slide

pytestmark = pytest.mark.parametrize("name", FORMATS)


def test_writes_one_file_without_warnings(name: str, lecture: LectureNotes, images: Path, tmp_path: Path) -> None:
    target = tmp_path / f"notes.{FORMATS[name].extension}"
    assert render(name, lecture, images, target) == ()
    assert target.stat().st_size > 100
    assert list(tmp_path.iterdir()) == [target]


def test_same_notes_give_same_bytes(
    name: str, lecture: LectureNotes, images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bytes depend neither on the time zone nor on the folders."""
    other = tmp_path / "other pictures"
    other.mkdir()
    for picture in images.iterdir():
        (other / picture.name).write_bytes(picture.read_bytes())
    render(name, lecture, images, tmp_path / "first")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    render(name, lecture, other, Path("second"))
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_audio_without_slides(name: str, tmp_path: Path) -> None:
    notes = make_notes(unplaced=[make_segment(SENTENCE, 0), make_segment(SENTENCE, 30)])
    render(name, notes, tmp_path, tmp_path / "out")
    assert (tmp_path / "out").stat().st_size > 100 or name in ("sheet", "anki", "descriptions")


def test_slides_without_speech_or_title(name: str, tmp_path: Path) -> None:
    slides = [make_slide(tmp_path, n, "", [], [Visit(TimeRange(n * 10, n * 10 + 10))]) for n in (1, 2)]
    render(name, make_notes(slides, title="", source_name="", source_url=""), tmp_path, tmp_path / "out")
    assert (tmp_path / "out").exists()


def test_very_long_title_and_speech(name: str, tmp_path: Path) -> None:
    speech = tuple(make_segment(" ".join([SENTENCE] * 50), 300.0 * i) for i in range(24))
    slide = make_slide(tmp_path, 1, "long " * 60, [], [Visit(TimeRange(0, 7200), speech)])
    render(name, make_notes([slide], title="An endless title " * 18), tmp_path, tmp_path / "out")
    assert (tmp_path / "out").stat().st_size > 300


def test_missing_pictures_give_a_warning(name: str, tmp_path: Path) -> None:
    slides = [
        Slide(n, "Gone", image, 1280, 720, 5.0, (Visit(TimeRange(0, 10)),)) for n, image in enumerate(("gone.png", "../../etc/passwd"), 1)
    ]
    warnings = render(name, make_notes(slides), tmp_path, tmp_path / "out")
    if name in ("pdf", "docx", "md", "html", "sheet", "anki", "accessibility"):
        assert warnings == ("Pictures are missing: gone.png, ../../etc/passwd.",)


def test_control_characters_and_invalid_code_points(name: str, tmp_path: Path) -> None:
    notes = make_notes(
        unplaced=[make_segment("bell \x07 null \x00 escape \x1b[31m lone \udc80 \ufffe override \u202e end", 0)], title="a\x00b\nc\x0cd"
    )
    if name == "json":
        notes = replace(notes, unplaced=())
    render(name, notes, tmp_path, tmp_path / "out")
    content_type = FORMATS[name].content_type
    is_text = "charset" in content_type or content_type == "application/json"
    assert not is_text or b"\x00" not in (tmp_path / "out").read_bytes()


def test_markup_in_text_gives_no_warning(name: str, markup_lecture: tuple[LectureNotes, Path], tmp_path: Path) -> None:
    notes, folder = markup_lecture
    assert render(name, notes, folder, tmp_path / "out", RenderOptions(revisits="each", paper="letter")) == ()


def test_a_failed_document_keeps_the_old_file(
    name: str, lecture: LectureNotes, images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_half_way(notes: object, images: Path, target: Path, options: object, check: object) -> tuple[str, ...]:
        target.write_text("half")
        raise errors.Cancelled

    monkeypatch.setitem(FORMATS, name, replace(FORMATS[name], render=fail_half_way))
    (tmp_path / "out").write_text("old")
    with pytest.raises(errors.Cancelled):
        render(name, lecture, images, tmp_path / "out")
    assert (tmp_path / "out").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1
