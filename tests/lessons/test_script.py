"""The model of a script rejects content that can't be drawn, and options out of bounds."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from services.lessons.options import LessonOptions, picture_size
from services.lessons.script import Content, LessonScript

_CONTENT: TypeAdapter[Any] = TypeAdapter(Content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"kind": "table", "columns": ["a", "b"], "rows": [["1", "2"], ["3"]]}, "row 2 has 1 cells"),
        ({"kind": "chart", "labels": ["a", "b"], "series": [{"values": [1]}]}, "series 1 has 1 values"),
        ({"kind": "chart", "form": "pie", "labels": ["a"], "series": [{"values": [1]}, {"values": [1]}]}, "a pie has one series"),
        ({"kind": "chart", "form": "pie", "labels": ["a", "b"], "series": [{"values": [2, -1]}]}, "must not be negative"),
        ({"kind": "chart", "form": "pie", "labels": ["a"], "series": [{"values": [0]}]}, "at least one must be positive"),
        ({"kind": "chart", "labels": ["a"], "series": [{"values": [float("nan")]}]}, "finite number"),
        ({"kind": "quiz", "question": "?", "options": ["a", "b"], "answer": 2}, "0 to 1"),
        ({"kind": "diagram", "nodes": [{"id": "a", "label": "A"}], "edges": [{"source": "a", "target": "b"}]}, "the node 'b'"),
        ({"kind": "diagram", "nodes": [{"id": "a", "label": "A"}, {"id": "a", "label": "B"}]}, "two nodes have the id 'a'"),
        ({"kind": "clip", "recording_id": "r", "start_s": 5, "end_s": 5}, "end_s must be at least"),
        ({"kind": "image", "source": {}}, "either image_id or recording_id"),
        ({"kind": "image", "source": {"recording_id": "r"}}, "needs slide"),
    ],
)
def test_inconsistent_content_is_rejected(content: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        _CONTENT.validate_python(content)


def test_scene_ids_are_unique() -> None:
    scene = {"id": "a", "content": {"kind": "title", "heading": "Leaves"}}
    with pytest.raises(ValidationError, match="two scenes have the id 'a'"):
        LessonScript.model_validate({"title": "Leaves", "scenes": [scene, scene]})


def test_a_script_survives_json() -> None:
    chart = {"kind": "chart", "form": "pie", "labels": ["a", "b"], "series": [{"values": [1, 2]}]}
    quiz = {"kind": "quiz", "question": "?", "options": ["a", "b"], "answer": 1}
    scenes = [{"id": str(number), "content": content} for number, content in enumerate((chart, quiz))]
    script = LessonScript.model_validate({"title": "Leaves", "scenes": scenes})
    assert LessonScript.model_validate_json(script.model_dump_json()) == script


@pytest.mark.parametrize("options", [{"speed": 1.2}, {"height": 1000}, {"theme": "unknown"}, {"aspect": "4:3"}, {"colour": "red"}])
def test_options_have_bounds(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        LessonOptions.model_validate(options)


def test_pictures_have_even_sides() -> None:
    assert picture_size("16:9", 1080) == (1920, 1080)
    assert picture_size("9:16", 720) == (720, 1280)
    assert picture_size("1:1", 2160) == (2160, 2160)
