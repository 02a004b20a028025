"""Reference documents: what is kept of an uploaded Word file, what is refused, and how documents look with it."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

import errors
from domain import LectureNotes
from services.documents import render
from services.documents.port import RenderOptions
from services.documents.reference_document import MAX_BYTES, TEMPLATES, sanitize, text_width_mm

BUILT_IN = TEMPLATES / "reference-a4.docx"
_RELATION = '<Relationship Id="x" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}" {}/></Relationships>'


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def write_template(tmp_path: Path) -> Callable[[Mapping[str, bytes]], Path]:
    """Write the built-in template with other parts."""

    def write(changes: Mapping[str, bytes]) -> Path:
        path = tmp_path / "uploaded.docx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in {**parts_of(BUILT_IN), **changes}.items():
                if content:
                    archive.writestr(name, content)
        return path

    return write


WriteTemplate = Callable[[Mapping[str, bytes]], Path]


def test_documents_take_over_styles_and_margins(lecture: LectureNotes, images: Path, tmp_path: Path, write_template: WriteTemplate) -> None:
    """The file calls its styles as German Word does, defines few of them, and has narrow pages."""
    styles = (
        b'<?xml version="1.0"?><w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        b'<w:style w:type="paragraph" w:default="1" w:styleId="Standard"><w:name w:val="Normal"/></w:style>'
        b'<w:style w:type="paragraph" w:styleId="berschrift1"><w:name w:val="heading 1"/><w:basedOn w:val="Standard"/>'
        b'<w:rPr><w:color w:val="AB12CD"/></w:rPr></w:style></w:styles>'
    )
    document = (
        parts_of(BUILT_IN)["word/document.xml"].replace(b'w:left="1417" w:right="1417"', b"").replace(b'w:right="1417"', b'w:right="3000"')
    )
    reference = tmp_path / "clean.docx"
    sanitize(write_template({"word/styles.xml": styles, "word/document.xml": document, "word/comments.xml": b"<a/>"}), reference)
    assert "word/comments.xml" not in parts_of(reference)
    assert text_width_mm(reference) == pytest.approx(160.0 - (3000 - 1417) * 25.4 / 1440, abs=0.1)
    render("docx", lecture, images, tmp_path / "notes.docx", RenderOptions(reference=str(reference)))
    parts = parts_of(tmp_path / "notes.docx")
    assert b"AB12CD" in parts["word/styles.xml"] and b'w:val="berschrift1"' in parts["word/document.xml"]
    speech_style = parts["word/styles.xml"].partition(b'w:styleId="Spoken"')[2].partition(b"</w:style>")[0]
    assert b"w:spacing" in speech_style and b'w:val="Normal"' not in speech_style  # added, and based on the file's own style
    assert b'w:right="3000"' in parts["word/document.xml"]
    render("docx", lecture, images, tmp_path / "again.docx", RenderOptions(reference=str(reference)))
    assert (tmp_path / "again.docx").read_bytes() == (tmp_path / "notes.docx").read_bytes()


def test_the_built_in_template_changes_nothing(lecture: LectureNotes, images: Path, tmp_path: Path) -> None:
    sanitize(BUILT_IN, tmp_path / "clean.docx")
    render("docx", lecture, images, tmp_path / "a.docx")
    render("docx", lecture, images, tmp_path / "b.docx", RenderOptions(reference=str(tmp_path / "clean.docx")))
    before, after = parts_of(tmp_path / "a.docx"), parts_of(tmp_path / "b.docx")
    assert before["word/document.xml"] == after["word/document.xml"] and before["word/styles.xml"] == after["word/styles.xml"]


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"word/vbaProject.bin": b"x"}, "macros"),
        ({"word/embeddings/oleObject1.bin": b"x"}, "embedded"),
        ({"[Content_Types].xml": b"<Types>application/vnd.ms-word.document.macroEnabled.main+xml</Types>"}, "macros"),
        ({"word/styles.xml": b""}, "has no word/styles.xml"),
        ({"word/styles.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}, "entities"),
        ({"word/styles.xml": b"<a>"}, "invalid XML"),
        ({"word/styles.xml": b"<a>" + b" " * 9 * 2**20 + b"</a>"}, "too large"),
        (
            {
                "word/header1.xml": b"<a/>",
                "word/_rels/header1.xml.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                + _RELATION.format("image", 'Target="http://10.0.0.1/x.png" TargetMode="External"').encode(),
            },
            "loads a picture",
        ),
    ],
)
def test_harmful_and_broken_files_are_refused(
    changes: dict[str, bytes], detail: str, tmp_path: Path, write_template: WriteTemplate
) -> None:
    with pytest.raises(errors.UnusableReferenceDocument) as excinfo:
        sanitize(write_template(changes), tmp_path / "clean.docx")
    assert detail in excinfo.value.detail


def test_relationships_to_other_files_are_left_out(tmp_path: Path, write_template: WriteTemplate) -> None:
    name = "word/_rels/document.xml.rels"
    template = _RELATION.format("attachedTemplate", 'Target="\\\\\\\\evil\\\\a.dotm" TargetMode="External"')
    sanitize(write_template({name: parts_of(BUILT_IN)[name].replace(b"</Relationships>", template.encode())}), tmp_path / "clean.docx")
    assert b"evil" not in parts_of(tmp_path / "clean.docx")[name] and b"footer1.xml" in parts_of(tmp_path / "clean.docx")[name]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"PK\x03\x04broken"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.docx").write_bytes(content)
    with pytest.raises(errors.UnusableReferenceDocument):
        sanitize(tmp_path / "a.docx", tmp_path / "clean.docx")
    (tmp_path / "a.docx").write_bytes(b"PK" + bytes(MAX_BYTES))
    with pytest.raises(errors.UnusableReferenceDocument):
        sanitize(tmp_path / "a.docx", tmp_path / "clean.docx")
