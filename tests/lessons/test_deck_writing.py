"""Scripts as PowerPoint decks that people can edit."""

from __future__ import annotations

import io
import json
from pathlib import Path
from urllib.parse import unquote

import pytest
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE
from pptx.enum.text import PP_ALIGN
from pptx.oxml.ns import qn

from lib.process import ignore_progress
from services.lessons.deck_reading import read_deck
from services.lessons.deck_writing import write_deck
from services.lessons.script import LessonScript
from services.lessons.themes import THEMES
from tests.conftest import User

EXAMPLE = Path(__file__).parents[2] / "examples" / "photosynthesis.json"


def test_every_kind_of_scene_is_an_editable_slide_with_its_narration_as_notes(tmp_path: Path) -> None:
    script = LessonScript.model_validate(json.loads(EXAMPLE.read_text()))
    target = tmp_path / "deck.pptx"
    write_deck(script, THEMES["night"], {}, target, ignore_progress)
    slides = list(Presentation(str(target)).slides)
    assert len(slides) == len(script.scenes)
    kinds = {scene.content.kind: slide for scene, slide in zip(script.scenes, slides, strict=True)}
    table = next(shape.table for shape in kinds["table"].shapes if shape.has_table)
    assert len(table.rows) == len(next(scene.content.rows for scene in script.scenes if scene.content.kind == "table")) + 1
    assert any(shape.has_chart for shape in kinds["chart"].shapes)
    paragraphs = next(shape.text_frame.paragraphs for shape in kinds["bullets"].shapes if shape.shape_type == MSO_SHAPE_TYPE.TEXT_BOX)
    items = next(scene.content.items for scene in script.scenes if scene.content.kind == "bullets")
    assert tuple(paragraph.text for paragraph in paragraphs) == items  # lists of PowerPoint: the marker is no character of the text
    assert all(paragraph._p.pPr.find(qn("a:buChar")) is not None for paragraph in paragraphs)
    for scene, slide in zip(script.scenes, slides, strict=True):
        assert slide.notes_slide.notes_text_frame.text.split()[:1] == scene.narration.replace("$", "").split()[:1]
    deck = read_deck(target)
    title, read = deck.title, deck.slides  # a deck becomes a script again
    assert title == script.title and read[0].title == script.scenes[0].content.heading
    assert [bool(each.charts) for each in read] == [scene.content.kind == "chart" for scene in script.scenes]


def test_right_to_left_text_begins_at_the_right(tmp_path: Path) -> None:
    columns = {"kind": "two_columns", "heading": "الضوء", "left": {"items": ["أول"]}, "right": {"items": ["ثان"]}}
    contents = [columns, {"kind": "table", "columns": ["النبات"], "rows": [["قمح"]]}, {"kind": "code", "code": "x = 1"}]
    scenes = [{"id": f"s{number}", "narration": "الضوء.", "content": content} for number, content in enumerate(contents)]
    target = tmp_path / "deck.pptx"
    write_deck(
        LessonScript.model_validate({"title": "الضوء", "language": "ar", "scenes": scenes}), THEMES["paper"], {}, target, ignore_progress
    )
    two, table, code = Presentation(str(target)).slides
    frames = [shape.text_frame for shape in two.shapes] + [two.notes_slide.notes_text_frame]
    for paragraph in (each for frame in frames for each in frame.paragraphs):
        assert paragraph._p.pPr.get("rtl") == "1" and paragraph.alignment == PP_ALIGN.RIGHT
    first, second = list(two.shapes)[1:]
    assert first.text_frame.text == "أول" and first.left > second.left
    grid = next(shape.table for shape in table.shapes if shape.has_table)
    assert grid._tbl.tblPr.get("rtl") == "1" and grid.cell(1, 0).text_frame.paragraphs[0].alignment == PP_ALIGN.RIGHT
    assert list(code.shapes)[1].text_frame.paragraphs[0]._p.pPr is None or not list(code.shapes)[1].text_frame.paragraphs[0]._p.pPr.get(
        "rtl"
    )


def test_a_deck_is_downloaded(user: User, stranger: User) -> None:
    scenes = [
        {"id": "a", "narration": "It grows.", "content": {"kind": "formula", "heading": "Energy", "steps": ["E = mc^2"]}},
        {"id": "b", "content": {"kind": "image", "heading": "Gone", "source": {"image_id": "gone"}, "caption": "A leaf"}},
    ]
    script = {"title": "Leaves & light", "scenes": scenes}
    script_id = user.post("/api/v1/scripts", json={"script": script}).json["scripts"][0]["id"]
    response = user.get(f"/api/v1/scripts/{script_id}/deck.pptx?theme=ocean")
    assert response.status_code == 200, response.text
    first, second = Presentation(io.BytesIO(response.data)).slides
    assert [shape.shape_type for shape in first.shapes if shape.shape_type == 13] == [13]  # the formula is a picture
    assert "A leaf" in [shape.text_frame.text for shape in second.shapes if shape.has_text_frame]
    assert user.get(f"/api/v1/scripts/{script_id}/deck.pptx?theme=none").status_code == 422
    assert stranger.get(f"/api/v1/scripts/{script_id}/deck.pptx").status_code == 404


@pytest.mark.parametrize("title", ["Μάθημα: φωτοσύνθεση", "光合作用", "Лекция", "Ünü"])
def test_a_deck_is_named_in_any_script(user: User, title: str) -> None:
    """gunicorn sends no header beyond ASCII and responds with 500 instead."""
    scenes = [{"id": "a", "narration": "It grows.", "content": {"kind": "bullets", "heading": "Plants", "items": ["Light"]}}]
    script_id = user.post("/api/v1/scripts", json={"script": {"title": title, "scenes": scenes}}).json["scripts"][0]["id"]
    response = user.get(f"/api/v1/scripts/{script_id}/deck.pptx")
    assert response.status_code == 200, response.text
    disposition = response.headers["Content-Disposition"]
    assert disposition.isascii() and unquote(disposition).endswith(".pptx")
    assert unquote(disposition).split("''")[1][-6] == title[-1]
