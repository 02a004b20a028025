"""Decks: PPTX and PDF as sources of scripts, and files that want to do harm."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject

import errors
from errors import DeckTooLarge, UnreadableDeck, UnsafeDeck
from lib.process import ignore_progress
from services.lessons import source_reading
from services.lessons.deck_reading import read_deck
from services.lessons.deck_writing import write_deck
from services.lessons.decks import draft_source
from services.lessons.drafting import Variant
from services.lessons.outline import outline_of
from services.lessons.outline_types import Paragraph
from services.lessons.script import Bullets, Chart, LessonScript, Table, Title, TwoColumns
from services.lessons.source import DeckSlide, Source
from services.lessons.themes import THEMES
from tests.lessons.decks import CHART, TABLE, pptx, relationships, shape, slide

FRAME = "<p:graphicFrame><a:graphic><a:graphicData>{}</a:graphicData></a:graphic></p:graphicFrame>"
LECTURE = pptx(
    [
        slide(shape("Leaves &amp; light", "ctrTitle"), shape("A lecture", "subTitle"), shape("12.3.2026", "dt")),
        slide(shape("What they need", "title"), shape("Light\nWater", "body"), shape("A box"), FRAME.format(TABLE)),
        slide(shape("Growth", "title"), FRAME.format('<c:chart r:id="chart"/>')),
        slide(),
    ],
    notes={1: "Welcome to leaves.", 2: "Leaves need light.\nAnd water."},
    further={
        "ppt/slides/_rels/slide3.xml.rels": relationships(
            [("chart", "chart", "../charts/chart1.xml"), ("x", "video", "https://evil.test/x")]
        ),
        "ppt/charts/chart1.xml": CHART,
        "ppt/vbaProject.bin": b"Attribute VB_Name",
        "docProps/core.xml": '<c xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Leaves</dc:title></c>',
    },
)


def save(folder: Path, content: bytes, name: str = "deck.pptx") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_slides_tables_charts_and_notes_are_read(tmp_path: Path) -> None:
    deck = read_deck(save(tmp_path, LECTURE))
    title, slides = deck.title, deck.slides
    assert title == "Leaves"
    assert slides[0] == DeckSlide(title="Leaves & light", subtitle="A lecture", notes="Welcome to leaves.")
    assert slides[1].lines == ("Light", "Water", "A box")
    assert slides[1].tables == ((("Plant", "Share"), ("Maize", "2 %"), ("Wheat", "1 %")),)
    assert slides[1].notes == "Leaves need light.\nAnd water."
    chart = slides[2].charts[0]
    assert (chart.form, chart.labels, chart.series) == ("line", ("2001", "2002"), (("Growth", (1.5, 4.0)),))
    assert slides[3] == DeckSlide()


def test_a_deck_becomes_scenes_with_its_notes_as_narration(tmp_path: Path) -> None:
    source = source_reading.read_file(save(tmp_path, LECTURE), "Leaves.PPTM", "u")
    script = draft_source(source, 1)
    assert [type(scene.content) for scene in script.scenes] == [Title, Bullets, Table, Chart]
    assert [scene.narration for scene in script.scenes[:3]] == [
        "Welcome to leaves.",
        "Leaves need light. And water.",
        "Share. Maize: 2 %. Wheat: 1 %.",
    ]
    others = [draft_source(source, variant) for variant in (2, 3)]
    assert len({script.model_dump_json() for script in (script, *others)}) == 3


def test_a_pdf_is_read_by_pages(tmp_path: Path) -> None:
    import typst

    markup = "#set page(width: 20cm, height: 12cm)\n= Leaves\n- Light\n- Water and\n#pagebreak()\n= Roots\nThey drink."
    content = typst.compile(markup.encode())
    source = source_reading.read_file(save(tmp_path, content, "deck.pdf"), "deck.pdf", "u")
    assert [each.title for each in source.slides] == ["Leaves", "Roots"]
    assert source.slides[0].lines == ("Light", "Water and")
    assert [scene.content.kind for scene in draft_source(source, 1).scenes] == ["bullets", "bullets"]


def entities() -> bytes:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + slide(shape("&b;"))
    return pptx([bomb])


def make_encrypted_pdf() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret", algorithm="RC4-128")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def inflating(size_bytes: int) -> bytes:
    """A PDF whose page is a few kilobytes that unpack to `size_bytes`."""
    writer = PdfWriter()
    page = writer.add_blank_page(100, 100)
    content = DecodedStreamObject()
    content.set_data(b"q Q " * (size_bytes // 4))
    page[NameObject("/Contents")] = writer._add_object(content.flate_encode())
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def loading(kind: str, target: str) -> bytes:
    """A deck whose slide refers to something outside of it."""
    return pptx([slide(shape("Here"))], further={"ppt/slides/_rels/slide1.xml.rels": relationships([("x", kind, target)])})


@pytest.mark.parametrize(
    ("content", "name", "error"),
    [
        (pptx([slide(shape("A" * 9_000_000))]), "bomb.pptx", DeckTooLarge),
        (pptx([slide(shape(str(number))) for number in range(1000)]), "long.pptx", DeckTooLarge),
        (LECTURE, "macros.pptx", UnsafeDeck),
        (loading("oleObject", "script:https://evil.test/a.sct"), "object.pptx", UnsafeDeck),
        (loading("attachedTemplate", "\\\\evil.test//share"), "template.pptx", UnsafeDeck),
        (entities(), "entities.pptx", UnreadableDeck),
        (pptx([slide(), slide()]), "empty.pptx", UnreadableDeck),
        (pptx(["<p:sld"]), "broken.pptx", UnreadableDeck),
        (LECTURE[: len(LECTURE) // 2], "cut.pptx", UnreadableDeck),
        (b"PK\x03\x04" + b"\0" * 100, "zip.pptx", UnreadableDeck),
        (b"\xd0\xcf\x11\xe0old", "old.pptx", UnreadableDeck),
        (b"%PDF-1.7\n%%EOF", "broken.pdf", UnreadableDeck),
        (make_encrypted_pdf(), "locked.pdf", UnreadableDeck),
        (inflating(9 * 2**20), "bomb.pdf", DeckTooLarge),
        (inflating(3 * 2**20), "page.pdf", DeckTooLarge),
        (b"", "empty.pdf", errors.EmptyFile),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_hostile_decks_are_refused(tmp_path: Path, content: bytes, name: str, error: type[errors.LecternError]) -> None:
    with pytest.raises(error):
        source_reading.read_file(save(tmp_path, content, name), name, "u")


def test_many_large_parts_are_refused(tmp_path: Path) -> None:
    slides = [slide(shape("B" * 8_000_000)) for _ in range(20)]
    with pytest.raises(DeckTooLarge):
        read_deck(save(tmp_path, pptx(slides)))


def test_links_out_of_the_file_are_ignored(tmp_path: Path) -> None:
    targets = [("r1", "slide", "slides/slide1.xml"), ("r2", "slide", "../../../../etc/passwd"), ("r3", "slide", "file:///etc/passwd")]
    content = pptx([slide(shape("Here"))] * 3, further={"ppt/_rels/presentation.xml.rels": relationships(targets[:1] + targets[2:])})
    slides = read_deck(save(tmp_path, content)).slides
    assert [each.lines for each in slides] == [("Here",)]
    for kind, target in (("hyperlink", "https://a.test/"), ("video", "https://a.test/v"), ("oleObject", "file:///C:/sheet.xlsx")):
        assert read_deck(save(tmp_path, loading(kind, target))).slides[0].lines == ("Here",)
    with pytest.raises(UnreadableDeck):
        read_deck(save(tmp_path, pptx([slide(shape("Here"))] * 3, further={"ppt/_rels/presentation.xml.rels": relationships(targets)})))


def test_documents_become_markdown(tmp_path: Path) -> None:
    assert source_reading.read_document("# A\n\n- b".encode("utf-16")) == "# A\n\n- b"
    assert source_reading.read_document(b"caf\xe9") == "café"
    for content in (b"", b"  ", b"\0\1"):
        with pytest.raises(errors.UnreadableText):
            source_reading.read_document(content)
    assert Source(kind="text", text="# A").notes == "# A"


def word(body: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{namespace}"><w:body>{body}</w:body></w:document>')
    return buffer.getvalue()


def paragraph(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


@pytest.mark.parametrize("text", ["# of pages", "## twice", "- 5 degrees", "1. is first", "| x | is a norm", "``` marks code", "> greater"])
def test_a_paragraph_of_a_word_document_stays_a_paragraph(text: str) -> None:
    xml_text = text.replace(">", "&gt;")
    document = source_reading.read_document(
        word(paragraph("Signs", '<w:pStyle w:val="Heading1"/>') + paragraph("The first.") + paragraph(xml_text))
    )
    assert [block for section in outline_of(document).sections for block in section.blocks] == [Paragraph("The first."), Paragraph(text)]


def test_a_word_document_loses_no_row_and_refuses_what_it_cannot_show() -> None:
    def table(rows: int, columns: int) -> bytes:
        cell = f"<w:tc>{paragraph('7')}</w:tc>"
        row = f"<w:tr>{cell * columns}</w:tr>"
        return word(f"<w:tbl>{row * rows}</w:tbl>")

    assert source_reading.read_document(table(300, 2)).count("\n") == 300
    assert source_reading.read_document(table(2, 63)).count("7") == 126
    with pytest.raises(errors.UnreadableText, match="64 columns"):
        source_reading.read_document(table(2, 64))
    with pytest.raises(errors.UnreadableText, match="nested"):
        source_reading.read_document(word("<w:sdt><w:sdtContent>" * 11 + paragraph("deep") + "</w:sdtContent></w:sdt>" * 11))


def test_lists_and_tables_of_a_word_document_become_scenes() -> None:
    item = '<w:numPr><w:ilvl w:val="{}"/><w:numId w:val="1"/></w:numPr>'
    row = "<w:tr>" + "<w:tc>{}</w:tc>" * 2 + "</w:tr>"
    cells = (("Plant", "Rate"), ("Maize", "2.4 %"), ("Wheat|Rye", "1 %"))
    table = "".join(row.format(paragraph(one), paragraph(two)) for one, two in cells)
    text = source_reading.read_document(
        word(
            paragraph("Leaves", '<w:pStyle w:val="Heading1"/>')
            + paragraph("A leaf needs two things:")
            + paragraph("Light", item.format(0))
            + f"<w:sdt><w:sdtContent>{paragraph('Of the sun', item.format(1))}</w:sdtContent></w:sdt>"
            + paragraph("Water", '<w:pStyle w:val="ListBullet"/>')
            + f"<w:tbl>{table}</w:tbl>"
            + f"<w:tbl>{row.format(paragraph('In a box'), '')}</w:tbl>"
        )
    )
    assert text.split("\n\n") == [
        "# Leaves",
        "A leaf needs two things:",
        "- Light\n  - Of the sun\n- Water",
        "| Plant | Rate |\n|---|---|\n| Maize | 2.4 % |\n| Wheat/Rye | 1 % |",
        "In a box",
    ]
    kinds = [scene.content.kind for scene in draft_source(Source(kind="document", text=text), 2).scenes]
    assert "table" in kinds and "bullets" in kinds


def _content(number: int, *lines: str, kind: str = "") -> str:
    """Return a placeholder of PowerPoint's layouts with two contents."""
    paragraphs = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in lines)
    kind_attribute = f'type="{kind}"' if kind else 'sz="half"'
    placeholder = f'<p:ph {kind_attribute} idx="{number}"/>'
    return f"<p:sp><p:nvSpPr><p:nvPr>{placeholder}</p:nvPr></p:nvSpPr><p:txBody>{paragraphs}</p:txBody></p:sp>"


def test_layouts_with_two_contents_become_two_columns(tmp_path: Path) -> None:
    path = tmp_path / "deck.pptx"
    two = slide(shape("Light and dark", "title"), _content(1, "Sun", "Lamp"), _content(2, "Night"))
    comparison = slide(
        shape("Plants", "title"),
        _content(1, "Trees", kind="body"),
        _content(2, "Oak"),
        _content(3, "Herbs", kind="body"),
        _content(4, "Mint"),
    )
    path.write_bytes(pptx([two, comparison], notes={1: "Light is made by the sun and by lamps."}))
    source = Source(kind="deck", slides=read_deck(path).slides)
    first, second = draft_source(source, Variant.OVERVIEW).scenes
    assert isinstance(first.content, TwoColumns) and isinstance(second.content, TwoColumns)
    assert (first.content.left.items, first.content.right.items) == (("Sun", "Lamp"), ("Night",))
    assert first.narration == "Light is made by the sun and by lamps."
    assert (second.content.left.heading, second.content.right.heading) == ("Trees", "Herbs")


def test_two_columns_survive_a_deck(tmp_path: Path) -> None:
    columns = {"left": {"heading": "Trees", "items": ["Oak", "Elm"]}, "right": {"heading": "Herbs", "items": ["Mint", "Sage"]}}
    scene = {"id": "a", "content": {"kind": "two_columns", "heading": "Plants", **columns}}
    script = LessonScript.model_validate({"title": "Plants", "scenes": [scene]})
    write_deck(script, THEMES["paper"], {}, tmp_path / "deck.pptx", ignore_progress)
    source = Source(kind="deck", slides=read_deck(tmp_path / "deck.pptx").slides)
    assert draft_source(source, Variant.OVERVIEW).scenes[0].content == script.scenes[0].content


@pytest.mark.parametrize("variant", [Variant.STEP_BY_STEP, Variant.QUESTIONS])
def test_notes_are_said_over_the_points_of_their_slide(variant: Variant) -> None:
    slides = tuple(
        DeckSlide(title=title, lines=lines, notes=notes)
        for title, lines, notes in (
            ("Leaves", ("They are green", "They take up light"), "Leaves take up light because chlorophyll absorbs it. They are green."),
            ("Roots", ("They grow down", "They take up water"), "Roots grow into the soil. They bring water to the leaves."),
        )
    )
    scenes = draft_source(Source(kind="deck", title="Plants", slides=slides), variant).scenes
    for each in slides:
        (scene,) = [scene for scene in scenes if isinstance(scene.content, Bullets) and scene.chapter == each.title]
        assert scene.content.items == each.lines and scene.narration == each.notes
