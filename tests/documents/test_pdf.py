"""The PDF: pages, links, tags, searchable pictures and characters of many scripts."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import cv2
import pdfua
import pypdf
import pypdfium2
import pytest
from PIL import Image, ImageChops

import errors
from domain import LectureNotes, TimeRange, Visit
from lib.serialization import write_json
from services.documents import RenderOptions, fonts, pdf, render, render_file, unsupported_scripts
from services.documents.port import Layout
from services.documents.qr_codes import render_qr_code
from tests.documents.lecture import MARKUP_TEXT, SENTENCE, WIDTH, make_lecture, make_notes, make_segment, make_slide

needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")
MM = 72 / 25.4


@pytest.fixture(scope="module")
def pdf_path(lecture: LectureNotes, images: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("pdf") / "notes.pdf"
    render("pdf", lecture, images, target)
    return target


def pdf_of(notes: LectureNotes, images: Path, folder: Path, options: RenderOptions = RenderOptions()) -> pypdf.PdfReader:
    render("pdf", notes, images, folder / "out.pdf", options)
    return pypdf.PdfReader(folder / "out.pdf")


def words_by_poppler(path: Path, page: int) -> list[tuple[str, float, float, float, float]]:
    command = ["pdftotext", "-bbox", "-f", str(page), "-l", str(page), path, "-"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    words = re.findall(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>', output)
    return [(text, *(float(number) for number in box)) for *box, text in words]  # type: ignore[misc]


def test_front_page_contents_and_a_page_per_slide(pdf_path: Path) -> None:
    reader = pypdf.PdfReader(pdf_path)
    assert len(reader.pages) == 1 + 7
    assert [mark["/Title"] for mark in reader.outline] == [f"Step {n} of descent" for n in range(1, 8)]  # type: ignore[index, call-overload]
    front = reader.pages[0].extract_text()
    assert "Lecture notes" in front and "Contents" in front and front.count("of descent") == 7
    assert "Gradient descent, gently" in front and "7:00" in front and "2026-11-05" in front and "English" in front
    assert len(reader.pages[0].images) == 1
    assert reader.metadata is not None and reader.metadata.title == "Gradient descent, gently"


def test_a_watermark_lies_over_every_page(lecture: LectureNotes, images: Path, tmp_path: Path) -> None:
    for name in ("pdf", "sheet"):
        render(name, lecture, images, tmp_path / "marked.pdf", RenderOptions(watermark="Made with a trial"))
        reader = pypdf.PdfReader(tmp_path / "marked.pdf")
        assert all("Made with a trial" in page.extract_text().replace("\n", " ") for page in reader.pages), name
        assert list(pdfua.validate(str(tmp_path / "marked.pdf")).findings) == []


def test_times_link_into_the_recording(pdf_path: Path) -> None:
    page = pypdf.PdfReader(pdf_path).pages[2]
    links = [note.get_object()["/A"]["/URI"] for note in page["/Annots"]]  # type: ignore[attr-defined, union-attr]
    assert links == [f"https://example.org/watch?v=abc#t={s}" for s in (60, 61, 81, 101)]


def test_no_links_without_a_web_address(lecture: LectureNotes, images: Path, tmp_path: Path) -> None:
    reader = pdf_of(replace(lecture, source_url="javascript:alert(1)"), images, tmp_path)
    assert all("/Annots" not in page for page in reader.pages[2:])


def test_tagged_with_language_and_alternative_texts(pdf_path: Path) -> None:
    root = pypdf.PdfReader(pdf_path).trailer["/Root"]
    assert root["/Lang"] == "en" and root["/MarkInfo"]["/Marked"]
    assert b"pdfuaid" in root["/Metadata"].get_data()
    kinds: list[str] = []
    alternatives: list[str] = []

    def walk(node: object) -> None:
        node = node.get_object() if isinstance(node, pypdf.generic.IndirectObject) else node
        for child in node if isinstance(node, list) else ():
            walk(child)
        if isinstance(node, dict) and "/S" in node:
            kinds.append(node["/S"])
            alternatives.extend([node["/Alt"]] if "/Alt" in node else [])
            walk(node.get("/K", []))

    walk(root["/StructTreeRoot"]["/K"])
    assert kinds.count("/H1") == 7 and kinds.count("/Figure") == 8 and "/P" in kinds and "/TOC" in kinds
    assert alternatives[1] == "Picture: Slide 1, Step 1 of descent"


@needs_poppler
def test_recognised_words_lie_over_the_picture(pdf_path: Path, lecture: LectureNotes) -> None:
    words = words_by_poppler(pdf_path, 2)
    scale = (210 - 64) * MM / WIDTH
    picture_y = next(y for text, x, y, *_ in words if text == "Pick") - lecture.slides[0].ocr[4].box.y * scale
    for word in lecture.slides[0].ocr:
        x0, y0 = 40 * MM + word.box.x * scale, picture_y + word.box.y * scale
        x1, y1 = x0 + word.box.width * scale, y0 + word.box.height * scale
        hits = [box for text, *box in words if text == word.text and abs(box[0] - x0) < 1]
        assert hits, word.text
        _left, top, right, bottom = hits[0]
        assert abs(right - x1) < 0.5 and top <= y0 + 0.5 and bottom >= y1 - 0.5 and bottom - top < 25


@needs_poppler
def test_recognised_words_are_invisible(pdf_path: Path, lecture: LectureNotes, images: Path, tmp_path: Path) -> None:
    silent = replace(lecture, slides=tuple(replace(slide, ocr=()) for slide in lecture.slides))
    render("pdf", silent, images, tmp_path / "silent.pdf")
    texts = []
    for path in (pdf_path, tmp_path / "silent.pdf"):
        subprocess.run(["pdftoppm", "-r", "50", "-f", "2", "-l", "2", "-png", path, tmp_path / path.stem], check=True)
        texts.append(Image.open(next(tmp_path.glob(f"{path.stem}-*.png"))).convert("RGB"))
    assert ImageChops.difference(*texts).getbbox() is None


def test_revisits_once_or_each(revisited_lecture: tuple[LectureNotes, Path], tmp_path: Path) -> None:
    once = pdf_of(*revisited_lecture, tmp_path)
    assert len(once.pages) == 2
    assert "Alpha begins." in once.pages[0].extract_text() and "Alpha returns." in once.pages[0].extract_text()
    each = pdf_of(*revisited_lecture, tmp_path, RenderOptions(revisits="each"))
    texts = [page.extract_text() for page in each.pages[1:]]
    assert [("begins" in t, "Beta" in t, "returns" in t) for t in texts] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]


def test_a_slide_that_is_shown_again_refers_to_its_other_page(revisited_lecture: tuple[LectureNotes, Path], tmp_path: Path) -> None:
    each = pdf_of(*revisited_lecture, tmp_path, RenderOptions(revisits="each"))
    first, again = each.pages[1].extract_text(), each.pages[3].extract_text()
    assert "Shown again: page 4" in first and "page 2" in again


def test_compact_layout_keeps_a_slide_with_its_first_words(lecture: LectureNotes, images: Path, tmp_path: Path) -> None:
    reader = pdf_of(lecture, images, tmp_path, RenderOptions(layout="compact"))
    assert len(reader.pages) <= 5
    assert len({image.data for page in reader.pages for image in page.images}) == 7
    for page in reader.pages:
        text = page.extract_text()
        for number in range(1, 8):
            if f"Step {number} of descent\nSlide" in text:
                assert "The gradient points uphill" in text.partition(f"Step {number} of descent\nSlide")[2]


@pytest.mark.parametrize(("layout", "count"), [("page", 28), ("compact", 58), ("text", 66)])
def test_pages_that_go_on_with_a_slide_show_its_title(layout: Layout, count: int, tmp_path: Path) -> None:
    """Also the last one, on which the index begins."""
    words = [f"The sorted list number {at} has a hash function and a load factor, as every binary tree here has." for at in range(count)]
    speech = tuple(make_segment(text, 1 + 12.0 * at) for at, text in enumerate(words))
    slide = make_slide(
        tmp_path, 1, "Sorted lists", ["Hash function", "Load factor", "Binary tree", "Sorted list"], [Visit(TimeRange(0, 600), speech)]
    )
    pages = pdf_of(make_notes([slide]), tmp_path, tmp_path, RenderOptions(layout=layout)).pages
    assert len(pages) > 2 and all(part in pages[-1].extract_text() for part in ("Index", f"number {count - 1}"))
    for page in pages[1:]:
        assert page.extract_text().startswith("Sorted lists\n") and len(page.images) == (layout != "text")


@needs_poppler
def test_words_whose_boxes_touch_stay_apart(tmp_path: Path) -> None:
    """Tesseract gives a word the space up to the next one in some fonts."""
    slide = make_slide(tmp_path, 1, "How a hash table", [], [Visit(TimeRange(0, 60))])
    first, second, *rest = slide.ocr
    touching = (replace(first, box=replace(first.box, width=second.box.x - first.box.x)), second, *rest)
    render("pdf", make_notes([replace(slide, ocr=touching)]), tmp_path, tmp_path / "out.pdf")
    text = subprocess.run(["pdftotext", tmp_path / "out.pdf", "-"], capture_output=True, text=True, check=True).stdout
    assert text.count("How a hash table") == 2


def test_long_words_are_hyphenated_and_addresses_broken_after_signs(tmp_path: Path) -> None:
    compound = "Donaudampfschifffahrtsgesellschaftskapitänsmütze"
    address = "https://example.org/lectures/graphs?part=seven&language=german"
    for filler in range(10):
        text = f"{'Wort ' * (8 + filler)}{compound} {'und ' * filler}{address}."
        reader = pdf_of(make_notes(unplaced=[make_segment(text, 0)], language="de"), tmp_path, tmp_path)
        lines = [line.removeprefix("0:00 ") for line in reader.pages[0].extract_text().splitlines()]
        torn = [line for line in lines for word in (compound, address) for at in range(3, len(word) - 3) if line.endswith(word[:at])]
        assert all(line.endswith(tuple("-/?&=.")) for line in torn), torn


def test_handout_has_three_slides_a_page_and_no_speech(lecture: LectureNotes, images: Path, tmp_path: Path) -> None:
    reader = pdf_of(lecture, images, tmp_path, RenderOptions(layout="handout"))
    assert [len(page.images) for page in reader.pages] == [3, 3, 1]
    assert all("The gradient points uphill" not in page.extract_text() for page in reader.pages)


def test_text_layout_has_no_pictures(lecture: LectureNotes, images: Path, tmp_path: Path) -> None:
    reader = pdf_of(lecture, images, tmp_path, RenderOptions(layout="text"))
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    assert not any(page.images for page in reader.pages)
    assert text.count("The gradient points uphill") == 7 * 3 * 5
    assert b"pdfuaid" in reader.trailer["/Root"]["/Metadata"].get_data()


def test_speech_without_slides_has_no_cover(tmp_path: Path) -> None:
    speech = [make_segment(SENTENCE, 30.0 * number) for number in range(5)]
    reader = pdf_of(make_notes(unplaced=speech), tmp_path, tmp_path)
    assert len(reader.pages) == 1
    assert "A lecture" in reader.pages[0].extract_text()


def test_paper_size(lecture: LectureNotes, images: Path, tmp_path: Path) -> None:
    page = pdf_of(lecture, images, tmp_path, RenderOptions(paper="letter")).pages[0]
    assert (round(page.mediabox.width), round(page.mediabox.height)) == (612, 792)


def test_long_speech_continues_on_further_pages(tmp_path: Path) -> None:
    speech = tuple(make_segment(" ".join([SENTENCE] * 7), 60.0 * i) for i in range(160))
    slide = make_slide(tmp_path, 1, "Long", [], [Visit(TimeRange(0, 9600), speech)])
    reader = pdf_of(make_notes([slide]), tmp_path, tmp_path)
    assert reader.pages[5].extract_text().startswith("Long") and len(reader.pages[5].images) == 1
    text = " ".join(page.extract_text() for page in reader.pages)
    assert len(reader.pages) > 25
    assert text.count("uphill") == 160 * 7
    assert "2:39:00" in text


@needs_poppler
@pytest.mark.parametrize("token", ["0123456789abcdef" * 8, "3." + "1415926535" * 11, "snake_case_" * 12, "ΑΒΓ" * 40], ids=lambda t: t[:8])
def test_tokens_without_break_places_stay_on_the_page(tmp_path: Path, token: str) -> None:
    speech = make_segment(f"The sum is {token} and that was it.", 1.0)
    slide = make_slide(tmp_path, 1, "Numbers", [], [Visit(TimeRange(0, 60), (speech,))])
    notes = replace(make_notes([replace(slide, title=token[:60])]), title=token[:60])
    reader = pdf_of(notes, tmp_path, tmp_path)
    for number, page in enumerate(reader.pages, 1):
        assert all(
            left > 10 * MM and right < page.mediabox.width - 10 * MM
            for _, left, _, right, _ in words_by_poppler(tmp_path / "out.pdf", number)
        )
    text = subprocess.run(["pdftotext", "-raw", tmp_path / "out.pdf", "-"], capture_output=True, text=True, check=True).stdout
    assert re.sub(r"\s", "", text).count(token) == 1


@needs_poppler
def test_markup_is_shown_literally(markup_lecture: tuple[LectureNotes, Path], tmp_path: Path) -> None:
    notes, folder = markup_lecture
    render("pdf", notes, folder, tmp_path / "out.pdf")
    text = subprocess.run(["pdftotext", "-raw", tmp_path / "out.pdf", "-"], capture_output=True, text=True, check=True).stdout
    compact = re.sub(r"\s|\u00ad", "", text)
    for part in (
        "#settext(red)",
        "<script>alert(1)</script>",
        "&amp;",
        "\\emph{tex}",
        "[link](http://x)",
        "{{x}}",
        "@ref",
        "$x^2$",
        "`code`",
    ):
        assert compact.count(part) >= 2, part
    assert re.sub(r"\s", "", MARKUP_TEXT) in compact


SCRIPTS = {
    "ar": "التدرج يشير إلى أعلى المنحدر",
    "he": "הגרדיאנט מצביע במעלה ההר",
    "zh": "梯度指向上坡方向",
    "ja": "勾配は上り坂を指します",
    "ko": "기울기는 오르막을 가리킵니다",
    "hi": "ढाल ऊपर की ओर इशारा करती है",
    "ru": "Градиент указывает вверх",
    "el": "Η κλίση δείχνει προς τα πάνω",
    "en": "∇f(x) = ∑ᵢ ∂f/∂xᵢ ≤ ∞ ⇒ 𝑓 ∈ ℝ 🎉 👩‍🔬",
}
needs_noto = pytest.mark.skipif(
    {"Noto Naskh Arabic", "Noto Serif CJK SC", "Noto Color Emoji"} - set(fonts.installed_fonts().families()) != set(),
    reason="needs fonts-noto-core, fonts-noto-cjk and fonts-noto-color-emoji",
)


@needs_noto
@needs_poppler
def test_text_of_every_script_can_be_extracted(tmp_path: Path) -> None:
    languages = list(SCRIPTS)
    slides = [
        make_slide(
            tmp_path,
            n,
            SCRIPTS[language],
            [],
            [Visit(TimeRange(n * 10, n * 10 + 10), (make_segment(f"{SCRIPTS[language]}. {SCRIPTS[language]}", n * 10),))],
        )
        for n, language in enumerate(languages, 1)
    ]
    assert render("pdf", make_notes(slides, title=SCRIPTS["zh"]), tmp_path, tmp_path / "out.pdf") == ()
    for number, language in enumerate(languages):
        command = ["pdftotext", "-f", str(number + 2), "-l", str(number + 2), tmp_path / "out.pdf", "-"]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        for word in SCRIPTS[language].split():
            assert word.replace("👩‍🔬", "👩") in text, (language, text)


def test_missing_letters_give_a_warning_and_placeholders(tmp_path: Path) -> None:
    notes = make_notes(unplaced=[make_segment(f"{SENTENCE} \U00012f90\U00012f91 and so on", 0)])
    (script,) = unsupported_scripts(notes) or pytest.skip("an installed font has such letters")
    assert script.name == "Cypro Minoan" and script.characters == "\U00012f90\U00012f91"
    (warning,) = render("pdf", notes, tmp_path, tmp_path / "out.pdf")
    assert "Cypro Minoan" in warning and "Install fonts-noto" in warning
    assert "□□" in "".join(page.extract_text() for page in pypdf.PdfReader(tmp_path / "out.pdf").pages)


def test_a_document_without_font_for_most_letters_is_rejected(tmp_path: Path) -> None:
    notes = make_notes(unplaced=[make_segment("\U00012f90\U00012f91\U00012f92 " * 90, 0)])
    if not unsupported_scripts(notes):
        pytest.skip("an installed font has such letters")
    with pytest.raises(errors.FontMissing, match="Cypro Minoan"):
        render("pdf", notes, tmp_path, tmp_path / "out.pdf")


def test_random_code_points_do_not_fail(tmp_path: Path) -> None:
    rng = random.Random(1)
    ranges = [(0x20, 0x2FFF)] * 5 + [(0x3000, 0xFFFF)] * 3 + [(0x10000, 0x1FFFF), (0xE0000, 0x10FFFF)]
    noise = "".join(chr(rng.randint(*rng.choice(ranges))) + rng.choice(["", " "]) for _ in range(600))
    notes = make_notes(unplaced=[make_segment(f"{noise} {(SENTENCE + ' ') * 40}", 0)], title=f"\U00012f90\u0d4d{noise[:60]}")
    assert "fonts-noto" in " ".join(render("pdf", notes, tmp_path, tmp_path / "out.pdf"))


def test_each_script_has_a_font_package() -> None:
    packages = {script.name: script.package for script in fonts.group_by_script("漢かカ한😀𒀀")}
    assert packages["Chinese characters"] == packages["Japanese"] == packages["Korean"] == "fonts-noto-cjk"
    assert packages["emoji"] == "fonts-noto-color-emoji"


def test_a_cancelled_document_stops(lecture: LectureNotes, images: Path, tmp_path: Path) -> None:
    def check() -> None:
        raise errors.Cancelled

    with pytest.raises(errors.Cancelled):
        render("pdf", lecture, images, tmp_path / "out.pdf", check=check)
    assert list(tmp_path.iterdir()) == []


def test_a_cancelled_child_leaves_no_temporary_files(lecture: LectureNotes, images: Path, tmp_path: Path) -> None:
    """They are in the folder of the job."""
    write_json(tmp_path / "notes.json", lecture)

    def check() -> None:
        if any(tmp_path.glob(".docx-*/lectern-docx-*")):
            raise errors.Cancelled

    with pytest.raises(errors.Cancelled):
        render_file("docx", tmp_path / "notes.json", images, tmp_path / "out.docx", RenderOptions(), check=check)
    assert {path.name for path in tmp_path.iterdir()} <= {"notes.json", "out.docx.part"}


def test_the_creation_time_does_not_depend_on_the_clock() -> None:
    assert pdf.creation_time("2026-11-05") == 1793836800
    assert pdf.creation_time("") == 0


def test_unusual_picture_names_and_sizes(tmp_path: Path) -> None:
    slide = make_slide(tmp_path, 1, "Tall", [], [Visit(TimeRange(0, 10))])
    Image.new("RGB", (300, 900), "teal").save(tmp_path / "tall & 100%25 é.png")
    reader = pdf_of(make_notes([replace(slide, image="tall & 100%25 é.png", width=0, height=0)]), tmp_path, tmp_path)
    assert [(image.image.size if image.image else None) for image in reader.pages[0].images] == [(300, 900)]


def test_qr_codes_lead_to_the_moments(lecture: LectureNotes, images: Path, tmp_path: Path) -> None:
    server = "https://lectern.example.org"
    notes = replace(lecture, source_url=f"{server}/watch/abc", moment_url=f"{server}/m/k3f9zqa2b")
    reader = pdf_of(notes, images, tmp_path, RenderOptions(layout="handout", qr_codes=True))
    assert len(reader.pages) == 3
    targets = [note.get_object()["/A"]["/URI"] for note in reader.pages[0]["/Annots"]]  # type: ignore[attr-defined, union-attr]
    assert targets.count(f"{server}/m/k3f9zqa2b/jr") == 3  # the time, the address, and the code
    assert "lectern.example.org/m/k3f9zqa2b/jr" in reader.pages[0].extract_text()
    code = render_qr_code(f"{server}/m/k3f9zqa2b/jr")
    assert code != render_qr_code(f"{server}/m/k3f9zqa2b/js") and list(pdfua.validate(str(tmp_path / "out.pdf")).findings) == []
    picture = pypdfium2.PdfDocument(tmp_path / "out.pdf")[0].render(scale=6).to_numpy()
    is_decoded, texts, _, _ = cv2.QRCodeDetector().detectAndDecodeMulti(picture)
    assert is_decoded and set(texts) == {f"{server}/m/k3f9zqa2b/{moment}" for moment in ("0", "jr", "15g")}


def test_no_few_lines_of_the_contents_stand_alone_on_a_page(tmp_path: Path) -> None:
    notes = make_lecture(tmp_path, slides=44, paragraphs=1, sentences=1)
    for paper, counts in (("a4", [44]), ("letter", [38, 6])):
        render("pdf", notes, tmp_path, tmp_path / "out.pdf", RenderOptions(paper=paper))  # type: ignore[arg-type]
        pages = [page.extract_text().count("of descent") for page in pypdf.PdfReader(tmp_path / "out.pdf").pages]
        assert pages[1 : 1 + len(counts)] == counts
