"""Reference documents: Word files whose styles, margins, headers and footers the documents take over (pandoc, `--reference-doc`).

An uploaded file is reduced to the parts that carry these, in a child process with limits. Macros, embedded objects and everything that
Word would load from elsewhere are refused or left out. Styles of Lectern that the file does not define are added.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import errors
from lib.process import CancellationCheck, Limits, Report, never_cancelled, run_task
from lib.untrusted_xml import DoctypeForbidden, parse_xml
from services.documents.archive import add_bytes

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FILE, OPTION = "reference.docx", "has_reference"
"""The input of a job, and the option that says whether there is one."""

MAX_BYTES = 10 * 2**20
TEMPLATES = Path(__file__).parent / "templates"
_LIMITS = Limits(timeout_s=60, memory_bytes=2**30, file_bytes=64 * 2**20, niceness=0)  # a request waits for it
_MAX_ENTRIES = 2000
_MAX_PART_BYTES = 8 * 2**20
_MAX_PARTS_BYTES = 32 * 2**20
_REQUIRED_PARTS = ("[Content_Types].xml", "_rels/.rels", "word/document.xml", "word/_rels/document.xml.rels", "word/styles.xml")
_PART_TO_KEEP = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|word/(_rels/document\.xml\.rels|document\.xml|styles\.xml|fontTable\.xml|theme/theme\d*\.xml"
    r"|(header|footer)\d*\.xml|_rels/(header|footer)\d*\.xml\.rels|media/[\w-]{1,60}\.(png|jpe?g|gif))"
)
_KEPT_RELATIONS = ("officeDocument", "styles", "fontTable", "theme", "header", "footer", "image", "hyperlink")
_HARMFUL = re.compile(r"(^|/)(vbaProject\.bin|vbaData\.xml|activeX/|embeddings/)", re.IGNORECASE)
_MACRO_TYPES = (b"macroEnabled", b"ms-office.vbaProject")
_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STYLE = re.compile(r"<w:style .*?</w:style>", re.DOTALL)
_CREATED_ON = "2026-01-01"


def sanitize_sandboxed(source: Path, target: Path, *, check: CancellationCheck = never_cancelled) -> None:
    """Run `sanitize` in a child process with limits. Raises UnusableReferenceDocument."""
    payload = {"source": str(source.absolute()), "target": str(target.absolute())}
    try:
        run_task("services.documents.reference_document:sanitize_task", payload, check=check, limits=_LIMITS)
    except (errors.TimedOut, errors.OutOfMemory) as error:
        raise errors.UnusableReferenceDocument("Reading it takes more time or memory than a template should.") from error


def sanitize_task(payload: dict[str, Any], _report: Report) -> dict[str, Any]:
    """Run as a child task. Payload: source, target."""
    sanitize(Path(payload["source"]), Path(payload["target"]))
    return {}


def sanitize(source: Path, target: Path) -> None:
    """Write the parts of a Word file that define how documents look. Raises UnusableReferenceDocument."""
    if source.stat().st_size > MAX_BYTES:
        raise errors.UnusableReferenceDocument(f"It has {source.stat().st_size} bytes, the limit is {MAX_BYTES}.")
    try:
        with zipfile.ZipFile(source) as archive:
            parts = dict(_read(archive))
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        raise errors.UnusableReferenceDocument(f"It is not a Word file ({type(error).__name__}).") from None
    missing = [name for name in _REQUIRED_PARTS if name not in parts]
    if missing:
        raise errors.UnusableReferenceDocument(f"It is not a Word file: it has no {missing[0]}.")
    parts["word/styles.xml"] = _with_missing_styles(parts["word/styles.xml"])
    parts["[Content_Types].xml"] = _content_types(parts)
    for name in parts:
        if name.endswith(".rels"):
            parts[name] = _relationships(name, parts)
    with zipfile.ZipFile(target, "w") as clean_archive:
        for name, content in parts.items():
            add_bytes(clean_archive, name, content, _CREATED_ON)


def text_width_mm(reference: Path) -> float | None:
    """Return the width of the text on the pages of a reference document; None if it does not say it."""
    with zipfile.ZipFile(reference) as archive, archive.open("word/document.xml") as file:
        root = ElementTree.fromstring(file.read(_MAX_PART_BYTES))  # noqa: S314 - sanitized before
    section = next(reversed(list(root.iter(f"{_WORD}sectPr"))), None)
    size, margins = (section.find(f"{_WORD}{name}") if section is not None else None for name in ("pgSz", "pgMar"))
    if size is None or margins is None:
        return None
    try:
        twips = int(size.get(f"{_WORD}w", "")) - int(margins.get(f"{_WORD}left", "")) - int(margins.get(f"{_WORD}right", ""))
    except ValueError:
        return None
    return min(max(round(twips * 25.4 / 1440, 1), 60.0), 500.0)


def _read(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    """Yield the parts to keep. Raises UnusableReferenceDocument for what could do harm."""
    if len(archive.infolist()) > _MAX_ENTRIES:
        raise errors.UnusableReferenceDocument(f"It has more than {_MAX_ENTRIES} parts.")
    total = 0
    for name in dict.fromkeys(archive.namelist()):
        if _HARMFUL.search(name):
            raise errors.UnusableReferenceDocument(f"It contains macros or embedded objects ({name[:100]}).")
        if not _PART_TO_KEEP.fullmatch(name):
            continue
        with archive.open(name) as file:
            content = file.read(_MAX_PART_BYTES + 1)
        total += len(content)
        if len(content) > _MAX_PART_BYTES or total > _MAX_PARTS_BYTES:
            raise errors.UnusableReferenceDocument("Its parts are too large when they are unpacked.")
        if name.endswith((".xml", ".rels")):
            _check_xml(name, content)
        yield name, content


def _check_xml(name: str, content: bytes) -> None:
    if any(kind in content for kind in _MACRO_TYPES):
        raise errors.UnusableReferenceDocument("It may contain macros.")
    try:
        parse_xml(content)
    except DoctypeForbidden:
        raise errors.UnusableReferenceDocument("It defines entities, which Word never does.") from None
    except ElementTree.ParseError as error:
        raise errors.UnusableReferenceDocument(f"It has invalid XML in {name} ({error}).") from None


def _content_types(parts: Mapping[str, bytes]) -> bytes:
    """Return the content types of the kept parts."""
    root = ElementTree.fromstring(parts["[Content_Types].xml"])  # noqa: S314 - checked
    for each in list(root):
        if each.tag == f"{{{_TYPES}}}Override" and each.get("PartName", "").lstrip("/") not in parts:
            root.remove(each)
    ElementTree.register_namespace("", _TYPES)
    return bytes(ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True))


def _relationships(name: str, parts: Mapping[str, bytes]) -> bytes:
    """Return the relationships of a part to kept parts, and its links for readers. Raises UnusableReferenceDocument for other addresses."""
    folder = posixpath.dirname(posixpath.dirname(name))
    root = ElementTree.fromstring(parts[name])  # noqa: S314 - checked
    for each in list(root):
        kind, target = each.get("Type", "").rpartition("/")[2], each.get("Target", "")
        is_external = each.get("TargetMode") == "External"
        if is_external and kind == "hyperlink" and target.startswith(("http://", "https://", "mailto:")):
            continue
        if is_external and kind == "image":
            raise errors.UnusableReferenceDocument(
                "It loads a picture from an address or another file.", hint="Embed the picture in the file."
            )
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        if is_external or kind not in _KEPT_RELATIONS or path not in parts:
            root.remove(each)
    ElementTree.register_namespace("", _RELATIONSHIPS)
    return bytes(ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True))


def _with_missing_styles(styles: bytes) -> bytes:
    """Add the styles of the built-in template that the file has under no name. Ids differ between the languages of Word, names don't."""
    text, (before, end, after) = styles.decode("utf-8-sig"), styles.decode("utf-8-sig").rpartition("</w:styles>")
    if not end:
        return styles
    ids_by_name = {_name(style): _id(style) for style in _STYLE.findall(text)}
    with zipfile.ZipFile(TEMPLATES / "reference-a4.docx") as archive:
        style_elements = _STYLE.findall(archive.read("word/styles.xml").decode())
    ids = {_id(style): ids_by_name.get(_name(style), _id(style)) for style in style_elements}
    missing_styles = [style for style in style_elements if _name(style) not in ids_by_name and _id(style) not in ids_by_name.values()]
    return f"{before}{''.join(_with_ids(style, ids) for style in missing_styles)}{end}{after}".encode()


def _name(style: str) -> str:
    match = re.search(r'<w:name w:val="([^"]*)"', style)
    return match[1].lower() if match else ""


def _id(style: str) -> str:
    match = re.search(r'w:styleId="([^"]*)"', style)
    return match[1] if match else ""


def _with_ids(style: str, ids: Mapping[str, str]) -> str:
    """Refer to the file's own ids; an added style is not a default style."""
    style = style.replace(' w:default="1"', "")
    return re.sub(r'(<w:(?:basedOn|next|link) w:val=")([^"]*)"', lambda match: f'{match[1]}{ids.get(match[2], match[2])}"', style)
