"""Writes PPTX files by hand, also such that no program would write."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence

_NAMES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TABLE = "".join(
    ["<a:tbl>"]
    + [
        f"<a:tr>{''.join(f'<a:tc><a:txBody><a:p><a:r><a:t>{cell}</a:t></a:r></a:p></a:txBody></a:tc>' for cell in row)}</a:tr>"
        for row in (("Plant", "Share"), ("Maize", "2 %"), ("Wheat", "1 %"))
    ]
    + ["</a:tbl>"]
)
CHART = (
    "<c:chartSpace><c:chart><c:plotArea><c:lineChart><c:ser><c:tx><c:strRef><c:strCache><c:pt idx='0'><c:v>Growth</c:v></c:pt></c:strCache>"
    "</c:strRef></c:tx><c:cat><c:strRef><c:strCache><c:pt idx='0'><c:v>2001</c:v></c:pt><c:pt idx='1'><c:v>2002</c:v></c:pt></c:strCache>"
    "</c:strRef></c:cat><c:val><c:numRef><c:numCache><c:pt idx='0'><c:v>1.5</c:v></c:pt><c:pt idx='1'><c:v>4</c:v></c:pt></c:numCache>"
    "</c:numRef></c:val></c:ser></c:lineChart></c:plotArea></c:chart></c:chartSpace>"
).replace("<c:chartSpace>", f"<c:chartSpace {_NAMES}>")


def shape(text: str, kind: str = "") -> str:
    """Return a text box, or a placeholder of this kind; each line is a paragraph."""
    placeholder = f'<p:ph type="{kind}"/>' if kind else ""
    paragraphs = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in text.split("\n"))
    return f"<p:sp><p:nvSpPr><p:nvPr>{placeholder}</p:nvPr></p:nvSpPr><p:txBody>{paragraphs}</p:txBody></p:sp>"


def slide(*parts: str) -> str:
    return f"<p:sld {_NAMES}><p:cSld><p:spTree>{''.join(parts)}</p:spTree></p:cSld></p:sld>"


def relationships(targets: Sequence[tuple[str, str, str]]) -> str:
    """Return relationships of (id, kind, target); an address is an external one."""
    entries = ""
    for name, kind, target in targets:
        mode = ' TargetMode="External"' if "//" in target else ""
        entries += f'<Relationship Id="{name}" Type="{_RELATIONSHIPS}/{kind}" Target="{target}"{mode}/>'
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{entries}</Relationships>'


def pptx(slides: Sequence[str], notes: Mapping[int, str] | None = None, further: Mapping[str, str | bytes] | None = None) -> bytes:
    """Return a file with these slides, in this order; `notes` by the number of the slide, `further` parts by name."""
    ids = "".join(f'<p:sldId id="{255 + number}" r:id="r{number}"/>' for number in range(1, len(slides) + 1))
    targets = [(f"r{number}", "slide", f"slides/slide{number}.xml") for number in range(1, len(slides) + 1)]
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "ppt/presentation.xml": f"<p:presentation {_NAMES}><p:sldIdLst>{ids}</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": relationships(targets),
    }
    for number, content in enumerate(slides, 1):
        parts[f"ppt/slides/slide{number}.xml"] = content
        if notes and number in notes:
            parts[f"ppt/slides/_rels/slide{number}.xml.rels"] = relationships(
                [("n", "notesSlide", f"../notesSlides/notesSlide{number}.xml")]
            )
            shapes = shape(notes[number], "body") + shape("7", "sldNum")
            body = f"<p:notes {_NAMES}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:notes>"
            parts[f"ppt/notesSlides/notesSlide{number}.xml"] = body
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in {**parts, **(further or {})}.items():
            archive.writestr(name, part)
    return buffer.getvalue()
