"""Build the reference documents that define pandoc's DOCX styles: `python -m services.documents.make_reference`.

They are pandoc's default with our styles, page and footer. Units: w:sz in half points, w:line in 240ths of a line,
other measures in twentieths of a point.
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
_CREATED_ON = "2026-01-01"
_NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_FOOTER_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"
_FOOTER_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer"

TEXT_COLOUR, MUTED_COLOUR, ACCENT_COLOUR = "1C2127", "5C6670", "17558F"
SERIF, SANS, MONO = "Cambria", "Calibri", "Consolas"


@dataclass(frozen=True)
class Style:
    """A paragraph style. Size and spacing are in points; `line_height` is a multiple of single line spacing.

    `properties`: XML of further paragraph properties; `@` marks the place of w:spacing, which follows them otherwise.
    """

    name: str
    size: float = 11.5
    font: str = SERIF
    colour: str = TEXT_COLOUR
    bold: bool = False
    space_before: float = 0
    space_after: float = 0
    line_height: float = 1.25
    based_on: str = "Normal"
    next_style: str = "BodyText"
    properties: str = ""
    outline_level: int | None = None


_KEEP_TOGETHER = "<w:keepNext/><w:keepLines/>"
_TIME_INDENT = '<w:ind w:left="1020" w:hanging="1020"/>'
_TIME_TAB = '<w:tabs><w:tab w:val="left" w:pos="1020"/></w:tabs>'
_FACT_TAB = '<w:tabs><w:tab w:val="left" w:pos="1700"/></w:tabs>'
_FACT_INDENT = '<w:ind w:left="1700" w:hanging="1700"/>'
_CONTENTS_TAB = '<w:tabs><w:tab w:val="left" w:pos="1700"/></w:tabs>'
_LISTING = (
    '<w:keepLines/><w:pBdr><w:left w:val="single" w:sz="12" w:space="8" w:color="C9D0D6"/></w:pBdr>'
    '<w:shd w:val="clear" w:color="auto" w:fill="F3F1ED"/><w:wordWrap w:val="0"/>@<w:ind w:left="227"/>'
)
# Styles without w:customStyle are built into Word, under fixed names: in lower case ("heading 1"), except these and some unused ones
_BUILT_IN_TITLE_CASE = ("Title", "Subtitle", "Body Text", "Date", "TOC Heading")
_STYLES = {
    "BodyText": Style("Body Text", space_after=8),
    "FirstParagraph": Style("First Paragraph", space_after=8),
    "Compact": Style("Compact", space_after=2),
    "Spoken": Style("Spoken", space_after=8, properties=f"<w:widowControl/>{_TIME_TAB}@{_TIME_INDENT}", next_style="Spoken"),
    "Title": Style("Title", 28, bold=True, space_before=60, space_after=18, line_height=1.05, properties="<w:keepNext/>"),
    "Subtitle": Style("Subtitle", 14, colour=MUTED_COLOUR, space_after=12),
    "Author": Style("Author", colour=MUTED_COLOUR),
    "Date": Style("Date", colour=MUTED_COLOUR),
    "Cover": Style("Cover", space_after=22, line_height=1, properties="<w:keepNext/>"),
    "Fact": Style("Fact", 10.5, SANS, space_after=3, line_height=1.1, properties=f"{_FACT_TAB}@{_FACT_INDENT}"),
    "Heading1": Style(
        "heading 1", 19, bold=True, space_after=10, line_height=1.05, properties=f"{_KEEP_TOGETHER}<w:pageBreakBefore/>", outline_level=0
    ),
    "Heading2": Style(
        "heading 2", 14, bold=True, space_before=14, space_after=6, line_height=1.05, properties=_KEEP_TOGETHER, outline_level=1
    ),
    "Heading3": Style("heading 3", 11.5, bold=True, space_before=10, space_after=4, properties=_KEEP_TOGETHER, outline_level=2),
    "Picture": Style("Picture", space_after=4, line_height=1, properties="<w:keepNext/>", next_style="PictureCaption"),
    "PictureCaption": Style("Picture Caption", 9.5, SANS, MUTED_COLOUR, space_after=14, line_height=1.1),
    "Again": Style("Again", 9.5, SANS, MUTED_COLOUR, bold=True, space_before=12, space_after=6, properties="<w:keepNext/>"),
    "SlideText": Style(
        "Slide Text",
        10,
        SANS,
        space_after=9,
        properties='@<w:ind w:left="340" w:hanging="227"/><w:contextualSpacing/>',
        next_style="SlideText",
    ),
    "SourceCode": Style("Source Code", 9.5, MONO, space_before=4, space_after=10, line_height=1.15, properties=_LISTING),
    "TOCHeading": Style("TOC Heading", 14, bold=True, space_before=20, space_after=8, properties="<w:keepNext/>"),
    "TOC1": Style("toc 1", 10.5, SANS, space_after=3, line_height=1.15, properties=f"{_CONTENTS_TAB}@{_FACT_INDENT}", next_style="TOC1"),
    "Footer": Style("footer", 9, SANS, MUTED_COLOUR, line_height=1),
    "Caption": Style("caption", 9.5, SANS, MUTED_COLOUR, space_after=8),
    "ImageCaption": Style("Image Caption", 9.5, SANS, MUTED_COLOUR, space_after=8, based_on="Caption"),
    "Figure": Style("Figure", line_height=1),
    "CaptionedFigure": Style("Captioned Figure", line_height=1, properties="<w:keepNext/>"),
}


def main() -> None:
    for paper in PAGES:
        with tempfile.TemporaryDirectory() as name:
            default_document = Path(name) / "reference.docx"
            run_program([require_program("pandoc"), "-o", default_document, "--print-default-data-file", "reference.docx"])
            _rewrite(default_document, TEMPLATES / f"reference-{paper}.docx", paper)


def _rewrite(default_document: Path, target: Path, paper: str) -> None:
    replacements = {"word/styles.xml": _styles(), "word/document.xml": _document(paper), "word/footer1.xml": _footer()}
    with zipfile.ZipFile(default_document) as source_archive, zipfile.ZipFile(target, "w") as target_archive:
        for name in [*source_archive.namelist(), "word/footer1.xml"]:
            text = replacements.get(name) or source_archive.read(name).decode()
            if name == "[Content_Types].xml":
                text = text.replace("</Types>", f'<Override PartName="/word/footer1.xml" ContentType="{_FOOTER_TYPE}"/></Types>')
            elif name == "word/_rels/document.xml.rels":
                relation = f'<Relationship Type="{_FOOTER_RELATION}" Id="rIdFooter" Target="footer1.xml"/>'
                text = text.replace("</Relationships>", f"{relation}</Relationships>")
            add_text(target_archive, name, text, _CREATED_ON)


def _styles() -> str:
    fonts = f'<w:rFonts w:ascii="{SERIF}" w:hAnsi="{SERIF}" w:cs="Times New Roman"/>'
    defaults = (
        f'<w:docDefaults><w:rPrDefault><w:rPr>{fonts}<w:color w:val="{TEXT_COLOUR}"/><w:sz w:val="23"/><w:szCs w:val="25"/>'
        '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        "<w:pPrDefault/></w:docDefaults>"
    )
    normal = '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>'
    characters = (
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont"><w:name w:val="Default Paragraph Font"/></w:style>'
        '<w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/>'
        f'<w:rPr><w:color w:val="{ACCENT_COLOUR}"/></w:rPr></w:style>'
        '<w:style w:type="character" w:customStyle="1" w:styleId="Moment"><w:name w:val="Moment"/><w:rPr>'
        f'<w:rFonts w:ascii="{SANS}" w:hAnsi="{SANS}"/><w:color w:val="{ACCENT_COLOUR}"/>'
        '<w:sz w:val="18"/><w:szCs w:val="18"/></w:rPr></w:style>'
        '<w:style w:type="character" w:customStyle="1" w:styleId="VerbatimChar"><w:name w:val="Verbatim Char"/><w:rPr>'
        f'<w:rFonts w:ascii="{MONO}" w:hAnsi="{MONO}" w:cs="Courier New"/></w:rPr></w:style>'
        '<w:style w:type="table" w:default="1" w:styleId="Table"><w:name w:val="Table"/></w:style>'
    )
    paragraphs = "".join(_style(style_id, style) for style_id, style in _STYLES.items())
    return f"{_XML_DECLARATION}<w:styles {_NAMESPACES}>{defaults}{normal}{characters}{paragraphs}</w:styles>"


def _style(style_id: str, style: Style) -> str:
    """Return the style's XML, in the element order of ECMA-376."""
    line = "" if style.line_height == 1 else f' w:line="{round(240 * style.line_height)}" w:lineRule="auto"'
    spacing = f'<w:spacing w:before="{round(20 * style.space_before)}" w:after="{round(20 * style.space_after)}"{line}/>'
    properties = style.properties if "@" in style.properties else f"{style.properties}@"
    outline = "" if style.outline_level is None else f'<w:outlineLvl w:val="{style.outline_level}"/>'
    bold = "<w:b/><w:bCs/>" if style.bold else ""
    is_built_in = style.name[0].islower() or style.name in _BUILT_IN_TITLE_CASE
    custom = "" if is_built_in else ' w:customStyle="1"'
    return (
        f'<w:style w:type="paragraph"{custom} w:styleId="{style_id}"><w:name w:val={quoteattr(style.name)}/>'
        f'<w:basedOn w:val="{style.based_on}"/><w:next w:val="{style.next_style}"/><w:qFormat/>'
        f"<w:pPr>{properties.replace('@', spacing)}{outline}</w:pPr>"
        f'<w:rPr><w:rFonts w:ascii="{style.font}" w:hAnsi="{style.font}"/>{bold}<w:color w:val="{style.colour}"/>'
        f'<w:sz w:val="{round(2 * style.size)}"/><w:szCs w:val="{round(2 * style.size) + 2}"/></w:rPr></w:style>'
    )


def _document(paper: str) -> str:
    width, height = PAGES[paper]
    return (
        f"{_XML_DECLARATION}<w:document {_NAMESPACES}><w:body><w:p/><w:sectPr>"
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
        f'{_XML_DECLARATION}<w:ftr {_NAMESPACES}><w:p><w:pPr><w:pStyle w:val="Footer"/><w:jc w:val="right"/></w:pPr>'
        f"{field('PAGE')}{separator}{field('NUMPAGES')}</w:p></w:ftr>"
    )


if __name__ == "__main__":
    main()
