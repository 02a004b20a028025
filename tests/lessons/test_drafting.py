"""Drafts of scripts from texts, without a language model."""

from __future__ import annotations

import itertools

import pytest

from errors import NothingToDraft
from services.lessons.drafting import Variant, draft
from services.lessons.script import MAX_SCENES, Chart, Code, Definition, Diagram, Formula, LessonScript, Quiz, Quote, Table, TwoColumns
from services.lessons.sentences import detect_language, split_sentences

NOTES = """
# Photosynthesis

Photosynthesis is the process by which plants turn light into chemical energy. It takes place in the chloroplasts.
Nearly all life on Earth depends on it, because it fills the air with oxygen. Dr. Jan Ingenhousz showed in 1779 that plants need light.

## What a leaf needs

A leaf needs three things:

- Light from the *sun*
- Water from the roots
- Carbon dioxide from the air

Chlorophyll is a green pigment that absorbs red and blue light. It reflects green light, which costs $5.

## The equation

The whole reaction in one line:

$$6\\,CO_2 + 6\\,H_2O \\to C_6H_{12}O_6 + 6\\,O_2$$

## Stages

light reactions -> ATP and NADPH -> Calvin cycle -> sugar

### Light reactions

- Thylakoids
- Need light

### Calvin cycle

- Stroma
- Needs ATP

## Efficiency

| Plant | Efficiency |
|---|---|
| Maize | 2.4 % |
| Wheat | 1.2 % |
| Sugar cane | 7 % |

Where the light goes:

- Reflected: 30 %
- Heat: 63,5 %
- Sugar: 6.5 %

> Nature does nothing in vain.
> — Aristotle

This function limits the rate:

```python
def rate(light_level):
    return min(light_level, 100)  # $x$ is not a formula
```
"""


def contents(script: LessonScript, kind: type) -> list:
    return [scene.content for scene in script.scenes if isinstance(scene.content, kind)]


def test_every_block_becomes_a_scene_of_its_kind() -> None:
    script = draft(NOTES)
    assert (script.title, script.language) == ("Photosynthesis", "en")
    kinds = {scene.content.kind for scene in script.scenes}
    assert kinds == {
        *("title", "bullets", "definition", "formula", "diagram", "two_columns", "table", "chart", "quote", "code", "summary", "quiz"),
    }
    assert contents(script, Definition)[0].definition == "The process by which plants turn light into chemical energy."
    assert contents(script, Formula)[0].steps == (r"6\,CO_2 + 6\,H_2O \to C_6H_{12}O_6 + 6\,O_2",)
    assert [node.label for node in contents(script, Diagram)[0].nodes] == ["light reactions", "ATP and NADPH", "Calvin cycle", "sugar"]
    assert contents(script, TwoColumns)[0].right.items == ("Stroma", "Needs ATP")
    assert contents(script, Table)[0].rows[2] == ("Sugar cane", "7 %")
    assert contents(script, Quote)[0].author == "Aristotle"
    assert contents(script, Code)[0].code.endswith("# $x$ is not a formula")
    bars, pie = contents(script, Chart)
    assert (bars.form, bars.labels, bars.series[0].values, bars.unit) == ("bar", ("Maize", "Wheat", "Sugar cane"), (2.4, 1.2, 7.0), "%")
    assert (pie.form, pie.series[0].values) == ("pie", (30.0, 63.5, 6.5))
    quiz = contents(script, Quiz)[0]
    assert quiz.options[quiz.answer] == "The process by which plants turn light into chemical energy"


def test_the_narration_says_what_the_text_says() -> None:
    script = draft(NOTES)
    by_kind = {scene.content.kind: scene for scene in script.scenes}
    assert by_kind["formula"].narration.startswith("The whole reaction in one line: $6\\,CO_2")
    assert by_kind["code"].narration == "This function limits the rate."
    narration = " ".join(scene.narration for scene in script.scenes)
    assert "Dr. Jan Ingenhousz showed in 1779 that plants need light." in narration
    assert "which costs $5." in narration
    assert by_kind["table"].chapter == "Efficiency"
    assert all(scene.narration for scene in script.scenes)


def test_the_three_variants_differ_in_kind() -> None:
    overview, steps, questions = (draft(NOTES, variant=variant) for variant in Variant)
    chapters = [scene.chapter for scene in overview.scenes]
    assert all(chapters.count(chapter) == 1 for chapter in {"What a leaf needs", "The equation", "Efficiency"})
    assert (overview.scenes[1].content.kind, overview.scenes[-1].content.kind) == ("definition", "summary")
    assert len(overview.scenes) <= len(steps.scenes) / 2
    assert not contents(overview, Quiz)
    headings = [getattr(scene.content, "heading", "") for scene in steps.scenes]
    assert "1. What a leaf needs" in headings and "4. Efficiency" in headings
    narration = [scene.narration for scene in questions.scenes]
    at = narration.index("What is photosynthesis? [pause 2s]")
    assert questions.scenes[at].content.kind == "title" and narration[at + 1].startswith("Photosynthesis is the process")
    assert [scene.content.kind for scene in questions.scenes][-1] == "quiz"
    right = [quiz.options[quiz.answer] for quiz in contents(questions, Quiz)]
    assert len(right) > 2 and len(set(right)) == len(right)
    scripts = (overview, steps, questions)
    narrations = [[scene.narration for scene in each.scenes if not isinstance(scene.content, Quiz)] for each in scripts]
    for own, other in itertools.permutations(narrations, 2):
        assert sum(each in other for each in own) <= 0.75 * len(own)
    assert draft(NOTES, variant=3) == questions  # the same text gives the same script


def test_questions_come_from_tables_and_lists() -> None:
    quizzes = {quiz.question: quiz for quiz in contents(draft(NOTES, variant=3), Quiz)}
    assert quizzes["Sugar cane: Efficiency?"].options[quizzes["Sugar cane: Efficiency?"].answer] == "7 %"
    belongs = next(quiz for question, quiz in quizzes.items() if question.startswith("Which of these belongs to"))
    assert not {"Light", "Water"} & set(belongs.options)


def test_a_table_of_contents_and_links_without_targets_are_not_text() -> None:
    script = draft(
        "# Rules\n\n- First rule\n- Second rule\n\n## First rule\n\nAsk the [team][] first.\n\n## Second rule\n\nBe kind to all."
    )
    narration = " ".join(scene.narration for scene in script.scenes)
    assert "Ask the team first." in narration and "First rule. Second rule." not in narration


GERMAN = "Die Photosynthese ist der Vorgang, der Licht umwandelt. Sie findet z. B. in Blättern statt. Das Chlorophyll ist ein Farbstoff."
FRENCH = "La photosynthèse est le processus qui capte la lumière. La chlorophylle est un pigment vert des feuilles."
CHINESE = "光合作用是植物利用光能的过程。它发生在叶绿体中。叶绿素是一种绿色的色素。"


@pytest.mark.parametrize(
    ("text", "language", "definition", "question"),
    [
        (GERMAN, "de", "Der Vorgang, der Licht umwandelt.", "Was ist Photosynthese?"),
        (FRENCH, "fr", "Le processus qui capte la lumière.", "Qu’est-ce que la photosynthèse ?"),
        (CHINESE, "zh", "植物利用光能的过程。", "什么是光合作用？"),
    ],
)
def test_drafts_are_in_the_language_of_the_text(text: str, language: str, definition: str, question: str) -> None:
    script = draft(text)
    assert script.language == language
    assert contents(script, Definition)[0].definition == definition
    assert contents(script, Quiz)[0].question == question


def test_a_text_in_a_language_without_phrases_gets_no_foreign_words() -> None:
    script = draft("Το φυτό χρειάζεται φως. Το νερό έρχεται από τις ρίζες. " * 4)
    assert script.language == "el"
    assert not any("a" <= letter <= "z" for scene in script.scenes for letter in scene.narration.replace("pause 3s", "").lower())


def test_long_and_empty_texts() -> None:
    sentences = "".join(f"Term{number} is a word that stands for the number {number} in this text.\n\n" for number in range(2000))
    assert len(draft(sentences).scenes) == MAX_SCENES
    for empty in ("", "  \n\n ", "---", "![](x.png)"):
        with pytest.raises(NothingToDraft):
            draft(empty)


@pytest.mark.parametrize(
    "text",
    [
        "$",
        "$$",
        "|a|\n|-|\n|" + "b" * 5000 + "|",
        "> ",
        "- " * 60 + "x",
        "```\n",
        "a -> a -> a",
        "- x: 1\n- x: 2\n- x: 3",
        "#" * 3000,
        "\ue0001\ue001 x y",
    ],
)
def test_odd_markdown_gives_a_script_or_an_error(text: str) -> None:
    for variant in Variant:
        try:
            script = draft(text, "Odd", variant=variant)
        except NothingToDraft:
            continue
        assert LessonScript.model_validate(script.model_dump()) == script


def test_sentences_and_languages() -> None:
    text = "On e.g. Monday J. Doe came. Did he? “Yes.” He stayed 3.5 hours… and left! A No. 5 bus."
    assert split_sentences(text) == ["On e.g. Monday J. Doe came.", "Did he?", "“Yes.”", "He stayed 3.5 hours… and left!", "A No. 5 bus."]
    assert [detect_language(text) for text in ("the cat and the dog", "le chat et le chien", "кот и собака", "고양이", "123")] == [
        *("en", "fr", "ru", "ko", "en"),
    ]


def test_months_are_not_terms() -> None:
    text = "# Rain\n\nJune is the wettest month of the year. A monsoon is a wind that brings rain. Rain fills the rivers.\n"
    for variant in Variant:
        script = draft(text, variant=variant)
        assert not any(isinstance(scene.content, Definition) and scene.content.term == "June" for scene in script.scenes)
        assert "what is june" not in " ".join(scene.narration for scene in script.scenes).lower()
