"""Build the reference documents that define pandoc's DOCX styles: `python -m services.documents.make_reference`.

They are pandoc's default with our styles, page and footer. Units: w:sz in half points, others in twentieths of a point.
"""

from __future__ import annotations

import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

from lib.process import run_program
from lib.programs import require_program
from services.documents.archive import add_text

TEMPLATES = Path(__file__).parent / "templates"
PAGES = {"a4": (11906, 16838), "letter": (12240, 15840)}
_MADE_ON = "2026-01-01"
_NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_FOOTER_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"
_FOOTER_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer"

INK, QUIET, ACCENT = "1C2127", "5C6670", "17558F"
SERIF, SANS = "Cambria", "Calibri"


@dataclass(frozen=True)
class Style:
    """A paragraph style. Sizes and spacing in points; `line` is a multiple of single line spacing."""

    name: str
    size: float = 11.5
    font: str = SERIF
    colour: str = INK
    bold: bool = False
    before: float = 0
    after: float = 0
    line: float = 1.25
    based_on: str = "Normal"
    following: str = "BodyText"
    extra: str = ""
    level: int | None = None


_KEEP = "<w:keepNext/><w:keepLines/>"
_HANGING = '<w:ind w:left="1020" w:hanging="1020"/>'
_TAB = '<w:tabs><w:tab w:val="left" w:pos="1020"/></w:tabs>'
_FACT_TAB = '<w:tabs><w:tab w:val="left" w:pos="1700"/></w:tabs>'
_FACT_HANGING = '<w:ind w:left="1700" w:hanging="1700"/>'
_STYLES = {
    "BodyText": Style("Body Text", after=8),
    "FirstParagraph": Style("First Paragraph", after=8),
    "Compact": Style("Compact", after=2),
    "Spoken": Style("Spoken", after=8, extra=f"<w:widowControl/>{_TAB}@{_HANGING}", following="Spoken"),
    "Title": Style("Title", 28, bold=True, before=60, after=18, line=1.05, extra="<w:keepNext/>"),
    "Subtitle": Style("Subtitle", 14, colour=QUIET, after=12),
    "Author": Style("Author", colour=QUIET),
    "Date": Style("Date", colour=QUIET),
    "Cover": Style("Cover", after=22, line=1, extra="<w:keepNext/>"),
    "Fact": Style("Fact", 10.5, SANS, after=3, line=1.1, extra=f"{_FACT_TAB}@{_FACT_HANGING}"),
    "Heading1": Style("heading 1", 19, bold=True, after=10, line=1.05, extra=f"{_KEEP}<w:pageBreakBefore/>", level=0),
    "Heading2": Style("heading 2", 14, bold=True, before=14, after=6, line=1.05, extra=_KEEP, level=1),
    "Heading3": Style("heading 3", 11.5, bold=True, before=10, after=4, extra=_KEEP, level=2),
    "Picture": Style("Picture", after=4, line=1, extra="<w:keepNext/>", following="PictureCaption"),
    "PictureCaption": Style("Picture Caption", 9.5, SANS, QUIET, after=14, line=1.1),
    "Again": Style("Again", 9.5, SANS, QUIET, bold=True, before=12, after=6, extra="<w:keepNext/>"),
    "Footer": Style("footer", 9, SANS, QUIET, line=1),
    "Caption": Style("caption", 9.5, SANS, QUIET, after=8),
    "ImageCaption": Style("Image Caption", 9.5, SANS, QUIET, after=8, based_on="Caption"),
    "Figure": Style("Figure", line=1),
    "CaptionedFigure": Style("Captioned Figure", line=1, extra="<w:keepNext/>"),
}


def main() -> None:
    for paper in PAGES:
        with tempfile.TemporaryDirectory() as name:
            frame = Path(name) / "reference.docx"
            run_program([require_program("pandoc"), "-o", frame, "--print-default-data-file", "reference.docx"])
            _rewrite(frame, TEMPLATES / f"reference-{paper}.docx", paper)


def _rewrite(frame: Path, target: Path, paper: str) -> None:
    replacements = {"word/styles.xml": _styles(), "word/document.xml": _document(paper), "word/footer1.xml": _footer()}
    with zipfile.ZipFile(frame) as old, zipfile.ZipFile(target, "w") as new:
        for name in [*old.namelist(), "word/footer1.xml"]:
            text = replacements.get(name) or old.read(name).decode()
            if name == "[Content_Types].xml":
                text = text.replace("</Types>", f'<Override PartName="/word/footer1.xml" ContentType="{_FOOTER_TYPE}"/></Types>')
            elif name == "word/_rels/document.xml.rels":
                relation = f'<Relationship Type="{_FOOTER_RELATION}" Id="rIdFooter" Target="footer1.xml"/>'
                text = text.replace("</Relationships>", f"{relation}</Relationships>")
            add_text(new, name, text, _MADE_ON)


def _styles() -> str:
    fonts = f'<w:rFonts w:ascii="{SERIF}" w:hAnsi="{SERIF}" w:cs="Times New Roman"/>'
    defaults = (
        f'<w:docDefaults><w:rPrDefault><w:rPr>{fonts}<w:color w:val="{INK}"/><w:sz w:val="23"/><w:szCs w:val="25"/>'
        '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        "<w:pPrDefault/></w:docDefaults>"
    )
    normal = '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>'
    characters = (
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont"><w:name w:val="Default Paragraph Font"/></w:style>'
        f'<w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/><w:rPr><w:color w:val="{ACCENT}"/></w:rPr></w:style>'
        f'<w:style w:type="character" w:customStyle="1" w:styleId="Moment"><w:name w:val="Moment"/><w:rPr>'
        f'<w:rFonts w:ascii="{SANS}" w:hAnsi="{SANS}"/><w:color w:val="{ACCENT}"/><w:sz w:val="18"/><w:szCs w:val="18"/></w:rPr></w:style>'
        '<w:style w:type="table" w:default="1" w:styleId="Table"><w:name w:val="Table"/></w:style>'
    )
    paragraphs = "".join(_style(key, style) for key, style in _STYLES.items())
    return f"{_HEAD}<w:styles {_NAMESPACES}>{defaults}{normal}{characters}{paragraphs}</w:styles>"


def _style(key: str, style: Style) -> str:
    """Return the style's XML in the element order of ECMA-376: spacing replaces an @ in `extra`, else follows it."""
    line = "" if style.line == 1 else f' w:line="{round(240 * style.line)}" w:lineRule="auto"'
    spacing = f'<w:spacing w:before="{round(20 * style.before)}" w:after="{round(20 * style.after)}"{line}/>'
    extra = style.extra.replace("@", spacing) if "@" in style.extra else style.extra + spacing
    outline = "" if style.level is None else f'<w:outlineLvl w:val="{style.level}"/>'
    bold = "<w:b/><w:bCs/>" if style.bold else ""
    built_in = style.name[0].islower() or style.name in ("Title", "Subtitle", "Body Text", "Date")
    custom = "" if built_in else ' w:customStyle="1"'
    return (
        f'<w:style w:type="paragraph"{custom} w:styleId="{key}"><w:name w:val={quoteattr(style.name)}/>'
        f'<w:basedOn w:val="{style.based_on}"/><w:next w:val="{style.following}"/><w:qFormat/>'
        f"<w:pPr>{extra}{outline}</w:pPr>"
        f'<w:rPr><w:rFonts w:ascii="{style.font}" w:hAnsi="{style.font}"/>{bold}<w:color w:val="{style.colour}"/>'
        f'<w:sz w:val="{round(2 * style.size)}"/><w:szCs w:val="{round(2 * style.size) + 2}"/></w:rPr></w:style>'
    )


def _document(paper: str) -> str:
    width, height = PAGES[paper]
    return (
        f"{_HEAD}<w:document {_NAMESPACES}><w:body><w:p/><w:sectPr>"
        '<w:footerReference w:type="default" r:id="rIdFooter"/>'
        f'<w:pgSz w:w="{width}" w:h="{height}"/>'
        '<w:pgMar w:top="1304" w:right="1417" w:bottom="1304" w:left="1417" w:header="680" w:footer="624" w:gutter="0"/>'
        "<w:titlePg/></w:sectPr></w:body></w:document>"
    )


def _footer() -> str:
    def field(code: str) -> str:
        return f'<w:fldSimple w:instr=" {code} "><w:r><w:t>1</w:t></w:r></w:fldSimple>'

    separator = '<w:r><w:t xml:space="preserve"> / </w:t></w:r>'
    return (
        f'{_HEAD}<w:ftr {_NAMESPACES}><w:p><w:pPr><w:pStyle w:val="Footer"/><w:jc w:val="right"/></w:pPr>'
        f"{field('PAGE')}{separator}{field('NUMPAGES')}</w:p></w:ftr>"
    )


if __name__ == "__main__":
    main()
