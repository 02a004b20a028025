"""Drafts of documentation: fields above a text, tables for reference, tables drawn with signs, placeholders, and code without words."""

from __future__ import annotations

from services.lessons.drafting import Variant, draft
from services.lessons.script import Chart, Code, Quiz, Table

_SETTINGS = """# Settings

Every setting has a default.

## Server

| variable | also accepted as | default | meaning |
|---|---|---|---|
| DATA_DIR | | data | Folder for the database and all files. It must be writable. |
| PORT | HTTP_PORT | 5001 | The TCP port on which the server listens. |
"""


def test_the_fields_above_a_document_are_not_text() -> None:
    fields = "---\ntitle: 'Coding Style'\ncategory: Contributing\ntags:\n  - code\n---\n\n"
    assert draft(f"{fields}Functions have verbs as names. Classes have nouns.").title == "Coding Style"
    assert draft(f"{fields}# Style\n\nFunctions have verbs as names.").title == "Style"
    rule = draft("---\n\nThe text begins after a rule. It has two sentences.\n\n---\n\nMore: here it goes on.")
    assert "begins after a rule" in str(rule)


def test_a_table_for_reference_is_spoken_by_its_descriptions() -> None:
    (scene,) = [scene for scene in draft(_SETTINGS).scenes if isinstance(scene.content, Table)]
    assert scene.narration == "DATA_DIR: Folder for the database and all files. PORT: The TCP port on which the server listens."
    assert isinstance(scene.content, Table) and scene.content.rows[1] == (
        "PORT",
        "HTTP_PORT",
        "5001",
        "The TCP port on which the server listens.",
    )


def test_the_name_of_the_only_column_is_said_once() -> None:
    scenes = draft("# Rain\n\n| Month | Rain |\n|---|---|\n| April | 40 |\n| May | 65 |\n| June | 90 |\n").scenes
    assert next(scene.narration for scene in scenes if isinstance(scene.content, Table | Chart)) == "Rain. April: 40. May: 65. June: 90."


def test_a_table_drawn_with_signs_keeps_its_lines() -> None:
    title = "TRIGGERS\n========\n\nA trigger has a state.\n\n"
    text = title + " Command\tState\n ---------+--------\n --unpack\tno\n --remove\tyes\n\nThat is all of it.\n"
    script = draft(text)
    assert script.title == "Triggers"
    (code,) = [scene.content for scene in script.scenes if isinstance(scene.content, Code)]
    assert [line.split() for line in code.code.split("\n")][2:] == [["--unpack", "no"], ["--remove", "yes"]]
    assert all(scene.narration for scene in script.scenes)


def test_placeholders_in_angle_brackets_are_text_and_tags_are_not() -> None:
    script = draft(
        "# Names\n\nWhen <T> starts, <I> waits for <name-of-it>. Press <kbd>Ctrl</kbd> or <b>stop</b> it<br>here <a name='x'>now."
    )
    narration = " ".join(scene.narration for scene in script.scenes)
    assert "When <T> starts, <I> waits for <name-of-it>." in narration
    assert "Press Ctrl or stop it here now." in narration


def test_missing_words_are_nouns_among_nouns() -> None:
    notes = """# Water

Today we follow a drop of water on its way around the Earth. Nearly all of the water is salty.
Only a tiny part of it flows in rivers. The heat of the sun lifts water into the clouds, and the wind carries the clouds over land.
Ninety percent becomes vapour above the oceans. The vapour cools in the clouds, which then become heavy with drops.
"""
    quizzes = [scene for scene in draft(notes, variant=Variant.QUESTIONS).scenes if isinstance(scene.content, Quiz)]
    options = {option for scene in quizzes if isinstance(scene.content, Quiz) for option in scene.content.options}
    assert quizzes
    assert options <= {"water", "rivers", "clouds", "vapour", "oceans", "Earth", "drops"}
    for scene in quizzes:
        assert ". [pause 3s]" in scene.narration or "? [pause 3s]" in scene.narration


def test_summaries_have_no_questions() -> None:
    question = "# Keys\n\n## Speed\n\nHow fast is a table of keys?\n\n"
    text = question + "## Place\n\nA function computes the place of a key.\n\n## Chains\n\nChains hold keys that collide.\n"
    for variant in (Variant.OVERVIEW, Variant.STEP_BY_STEP):
        (summary,) = [scene.content for scene in draft(text, variant=variant).scenes if scene.content.kind == "summary"]
        assert not any(item.endswith("?") for item in summary.items)
