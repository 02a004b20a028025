"""`flask captions check FILE`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli import light_app
from commands.captions import captions_commands
from services.captions import build_captions
from services.documents import render
from tests.captions.speech import speak
from tests.documents.lecture import make_notes, make_segment

GOOD = "1\n00:00:01,000 --> 00:00:03,000\n<i>One</i> line.\n\n2\n00:00:04,000 --> 00:00:05,500\nAnother\nline.\n"
FAST = GOOD.replace("Another", "Another line that is too long to be read")


def check(tmp_path: Path, content: str, *options: str) -> Result:
    path = tmp_path / "a.srt"
    path.write_text(content, encoding="utf-8")
    return CliRunner().invoke(captions_commands, ["check", str(path), *options])


def test_a_good_file(tmp_path: Path) -> None:
    result = check(tmp_path, GOOD)
    assert (result.exit_code, result.output) == (0, "0 of 2 captions break a rule.\n")


def test_a_broken_rule(tmp_path: Path) -> None:
    result = check(tmp_path, FAST)
    assert result.exit_code == 1
    assert result.output == "caption 2: too fast to read (30 characters per second, limit 17)\n1 of 2 captions break a rule.\n"


def test_json(tmp_path: Path) -> None:
    result = check(tmp_path, FAST, "--json")
    problem = {"rule": "reading_speed", "number": 2, "value": 30.0, "limit": 17, "unit": "characters per second", "start": 4.0}
    problem["is_avoidable"] = True
    assert result.exit_code == 1 and json.loads(result.output) == {"captions": 2, "problems": [problem]}


def test_problems_that_the_speech_forces_are_reported_and_fail_only_if_strict(tmp_path: Path) -> None:
    following = "\n3\n00:00:05,600 --> 00:00:07,000\nNext.\n"
    result = check(tmp_path, FAST + following)
    assert (result.exit_code, result.output.splitlines()) == (
        0,
        [
            "caption 2: too fast to read (30 characters per second, limit 17): the speech leaves no more time",
            "1 of 3 captions break a rule.",
        ],
    )
    assert check(tmp_path, FAST + following, "--strict").exit_code == 1
    assert check(tmp_path, FAST + following, "--avoidable").output == "0 of 3 captions break a rule.\n"


@pytest.mark.parametrize("content", ["", "no times at all"])
def test_an_unreadable_file_gives_one_sentence(tmp_path: Path, content: str) -> None:
    result = check(tmp_path, content)
    assert result.exit_code == 1 and result.output.startswith("Error: The subtitles are invalid.")


@pytest.mark.parametrize("kind", ["srt", "vtt"])
def test_written_files_pass(tmp_path: Path, kind: str) -> None:
    text = "The gradient points uphill, so <we> take a small step & look around again. " * 10
    render(kind, make_notes(unplaced=[make_segment(text, 1)]), tmp_path, tmp_path / f"a.{kind}")
    result = CliRunner().invoke(captions_commands, ["check", str(tmp_path / f"a.{kind}")])
    assert result.exit_code == 0, result.output
    assert len(build_captions(speak(text), "en")) > 5


def test_the_command_needs_no_settings() -> None:
    assert "captions" in light_app().cli.commands
