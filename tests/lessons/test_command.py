"""`lectern lesson` at the command line."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path

import pytest
from pptx import Presentation

from scripts import program

_NOTES = "# Leaves\n\nPhotosynthesis is the process by which plants make sugar. It needs light.\n"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "DATA_DIR": str(tmp_path / "data"), "FLASK_APP": "app"}


def lesson(environment: dict[str, str], *arguments: object) -> subprocess.CompletedProcess[str]:
    command = ["-m", "flask", "lesson", *map(str, arguments)]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        code = program.start_python(command, environment, out, err).wait(120)
        texts = [os.pread(file.fileno(), 10**6, 0).decode() for file in (out, err)]
    return subprocess.CompletedProcess(command, code, *texts)


@pytest.mark.slow("a video is made")
def test_the_drafted_script_can_be_edited_and_rendered_again(environment: dict[str, str], tmp_path: Path) -> None:
    notes, video = tmp_path / "notes.md", tmp_path / "lesson.mp4"
    notes.write_text(_NOTES)
    result = lesson(environment, notes, "--out", video, "--silent", "--height", 720)
    assert result.returncode == 0, result.stderr
    script = json.loads(video.with_suffix(".json").read_text())
    assert [scene["content"]["kind"] for scene in script["scenes"]][:2] == ["title", "definition"]
    script["scenes"][1]["content"]["term"] = "How plants eat"
    edited_script = tmp_path / "edited.json"
    edited_script.write_text(json.dumps(script))
    result = lesson(environment, edited_script, "--only-deck", "--deck", tmp_path / "edited.pptx")
    assert result.returncode == 0, result.stderr
    deck = Presentation(str(tmp_path / "edited.pptx"))
    assert len(deck.slides) == len(script["scenes"])
    assert "How plants eat" in [shape.text_frame.text for shape in deck.slides[1].shapes if shape.has_text_frame]
    again = lesson(environment, tmp_path / "edited.pptx", "--only-deck", "--deck", tmp_path / "again.pptx")  # a deck is a source, too
    assert again.returncode == 0, again.stderr


def test_a_wrong_script_is_refused_with_its_fields(environment: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps({"title": "A", "scenes": [{"id": "a", "content": {"kind": "code", "code": "x", "highlight": [1]}}]}))
    result = lesson(environment, path)
    assert result.returncode != 0
    assert "scenes.0.content.code.highlight: Extra inputs are not permitted" in result.stderr
    assert "pydantic" not in result.stderr
    path.write_bytes(b"\xff\xfe\x00")
    assert "is not JSON" in lesson(environment, path).stderr
