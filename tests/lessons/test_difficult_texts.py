"""Texts and numbers that once took very long, or made a draft or a slide fail."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

import errors
from services.lessons import writer
from services.lessons.drafting import draft
from services.lessons.duration import check_durations, estimate_scenes
from services.lessons.errors import InvalidFormula, LessonTooLong
from services.lessons.options import LessonOptions
from services.lessons.outline import outline_of
from services.lessons.rendering import latex
from services.lessons.rendering.slide_data import slide_data
from services.lessons.rendering.voice import speak_script
from services.lessons.script import MAX_NARRATION_CHARS, Chart, LessonScript, Scene, Series, Title
from services.lessons.sentences import shorten, split_long, split_sentences
from services.speech_synthesis import VoiceOptions
from services.speech_synthesis.narration import apply_pronunciations, pauses_s

_CPU_S = 2.0


@pytest.mark.parametrize(
    "text", ["A. " * 100_000, "." * 200_000 + "x", ".)" * 100_000 + "x", "e.g. b " * 50_000], ids=lambda text: text[:6]
)
def test_sentences_of_any_text_are_found_in_linear_time(text: str) -> None:
    began = time.process_time()
    split_sentences(text)
    assert time.process_time() - began < _CPU_S


@pytest.mark.parametrize(
    "text", ["\\[x " * 50_000, "```x\n" * 50_000, "$$x" * 50_000, "$$\n" + "\\\\[" * 60_000 + "\n$$"], ids=lambda t: t[:4]
)
def test_formulas_and_code_are_found_in_linear_time(text: str) -> None:
    began = time.process_time()
    outline_of(text)
    assert time.process_time() - began < 2 * _CPU_S


def test_marks_without_words_are_not_sentences() -> None:
    assert split_sentences("It is good. . Very good.") == ["It is good.", "Very good."]
    assert split_sentences("。はい。") == ["はい。"]
    assert split_sentences("Wait. . . Done") == ["Wait.", "Done"]
    assert shorten(".", 10) == "."


@given(st.text(max_size=400), st.integers(20, 100))
def test_long_texts_are_divided_without_loss(text: str, limit: int) -> None:
    parts = split_long(text, limit)
    assert all(0 < len(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@given(st.text(alphabet=st.sampled_from("aB1 .,:;!?。、\n#-*|`$\\[]>→=%é"), max_size=400), st.sampled_from((1, 2, 3)))
@settings(deadline=None)
def test_every_text_is_drafted_or_refused(text: str, variant: int) -> None:
    try:
        script = draft(text, variant=variant)
    except errors.NothingToDraft:
        return
    assert LessonScript.model_validate(script.model_dump()) == script


@pytest.mark.parametrize(
    "text",
    [
        "ภาษาไทย" * 2000,
        "\n".join(f"the river goes by and by and sings line {number}" for number in range(400)),
        "> " + "A long quotation without an end " * 500,
        "# " + "A heading that goes on " * 40 + "\n\nText stands here.",
        "A leaf is a " + "very " * 400 + "green organ. Second sentence here.",
        "\n".join(f"- {'item ' * 900}{number}" for number in range(6)),
        "| a | b |\n|---|---|\n" + "\n".join(f"| {'x' * 200} | {'9' * 320} |" for _ in range(8)),
        "Numbers:\n\n" + "\n".join(f"- Item {number}: {'9' * 320}" for number in range(4)),
        "- .\n- .\n- word",
        "$$\\input{x}$$\n\nText.",
        "$$" + "x + " * 400 + "x$$\n\nText.",
    ],
    ids=range(11),
)
@pytest.mark.parametrize("variant", [1, 2, 3])
def test_long_and_odd_parts_of_a_text_are_drafted(text: str, variant: int) -> None:
    script = draft(text, variant=variant)
    assert all(len(scene.narration) <= MAX_NARRATION_CHARS for scene in script.scenes)
    for scene in script.scenes:
        slide_data(scene.content, is_narrow=False)


def test_a_text_that_is_not_drafted_is_a_documented_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> LessonScript:
        return LessonScript(title="", scenes=())

    monkeypatch.setattr(writer.decks, "draft_source", fail)
    payload = {"chat": {}, "prompt": "", "writer": "draft", "variant": 1, "source": {"kind": "text", "text": "x"}}
    with pytest.raises(errors.TextNotDrafted, match="title"):
        writer.write_task({**payload, "chat": {}}, lambda *_: None)


@given(
    st.lists(
        st.floats(-1e15, 1e15, allow_nan=False) | st.sampled_from([5e-324, 1e-13, 0.0, 1e15, -1e15, 1e15 - 1]), min_size=1, max_size=6
    ),
    st.sampled_from(["bar", "line", "pie"]),
)
def test_charts_of_any_numbers_are_drawn(values: list[float], form: str) -> None:
    try:
        chart = Chart(form=form, labels=tuple("abcdef"[: len(values)]), series=(Series(values=tuple(values)),))
    except ValidationError:
        assert form == "pie"
        return
    axis = slide_data(chart, is_narrow=False)["axis"]
    assert axis["low"] < axis["high"] and 1 < len(axis["ticks"]) <= 20
    json.dumps(axis, allow_nan=False)


@pytest.mark.parametrize("values", [(1e308, 1e308), (float("inf"), 1.0)])
def test_numbers_that_no_chart_can_show_are_refused(values: tuple[float, ...]) -> None:
    with pytest.raises(ValidationError):
        Series(values=values)


@pytest.mark.parametrize("formula", ["x^" * 200 + "x", "x_" * 200 + "x", "\\frac" * 100 + "x", "{" * 39 + "\\sqrt{x}" + "}" * 39])
def test_formulas_that_are_nested_too_deeply_are_refused(formula: str) -> None:
    with pytest.raises(InvalidFormula):
        latex.parse(formula)


def test_pronunciations_are_not_applied_to_one_another() -> None:
    entries = {"a": "b b b b", "b": "c c c c", "c": "a a a a"}
    assert apply_pronunciations("a b", entries) == "b b b b c c c c"
    assert apply_pronunciations("ATP and atp.", {"ATP": "A T P", "AT": "no"}) == "A T P and A T P."


def test_lines_have_no_breaks_and_no_direction_overrides() -> None:
    scene = Scene(id="a", content=Title(heading="A\nB\u202e"), chapter="C\n[CHAPTER]\nSTART=0\u202e")
    assert (scene.chapter, scene.content.heading) == ("C [CHAPTER] START=0", "A B")
    with pytest.raises(ValidationError):
        Title(heading="\u202e \n")


def test_language_tags_are_bounded() -> None:
    assert LessonScript(title="x", language="ca-Latn-ES-valencia", scenes=(Scene(id="a", content=Title(heading="x")),))
    with pytest.raises(ValidationError):
        TypeAdapter(LessonScript).validate_python({"title": "x", "language": "en" + "-abcdefgh" * 6, "scenes": [{"id": "a"}]})


def test_lessons_that_take_too_long_are_refused_with_their_scene(tmp_path) -> None:  # type: ignore[no-untyped-def]
    pauses = Scene(id="still", narration="[pause 30s]" * 900, content=Title(heading="x"))
    script = LessonScript(title="x", scenes=(pauses,))
    assert pauses_s(pauses.narration) == 27_000
    assert pauses_s("[pause] [pause 1500ms] [pause 9999s]") == 1 + 1.5 + 30
    with pytest.raises(LessonTooLong, match="'still' takes 450 minutes"):
        speak_script(script, LessonOptions(silent=True), VoiceOptions(tmp_path), tmp_path)
    scene = Scene(id="long", narration="atp " * 2500, content=Title(heading="x"))
    estimates = estimate_scenes(LessonScript(title="x", scenes=(scene,)), pronunciations={"atp": "a b c d e f g h i j k l"})
    with pytest.raises(LessonTooLong):
        check_durations({each.scene_id: each.duration_s for each in estimates})
    with pytest.raises(LessonTooLong, match="It takes 100 minutes, the limit is 50"):
        check_durations({str(number): 600.0 for number in range(10)}, max_lesson_s=3000)
