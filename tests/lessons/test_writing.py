"""Scripts written by a language model that answers well, badly, and not at all."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

import errors
from errors import ScriptUnusable
from services.language_model import ChatOptions, LanguageModelMissing
from services.lessons import writing
from services.lessons.answer_schema import strict_schema
from services.lessons.json_repair import read_object
from services.lessons.script import LessonScript, Scene
from services.lessons.source import Source, condense
from services.lessons.writing import WritingResult, write
from tests.proofreading.chat_server import ChatServer, Reply

NOTES = Source(kind="text", title="Leaves", text="A leaf turns light into sugar. It uses 12.5 % of the light. Roots bring water.")
GOOD = {
    "title": "Leaves",
    "language": "en",
    "scenes": [
        {"id": "a", "narration": "Welcome to leaves.", "chapter": "", "content": {"kind": "title", "heading": "Leaves", "subtitle": ""}},
        {
            "id": "b",
            "narration": "A leaf uses 12.5 percent.",
            "content": {"kind": "bullets", "heading": "Light", "items": ["Light", "12.5 %"]},
        },
        {"id": "c", "narration": "Roots bring water.", "content": {"kind": "bullets", "heading": "Water", "items": ["Roots"]}},
        {"id": "d", "narration": "That is all.", "content": {"kind": "summary", "heading": "Summary", "items": ["Light becomes sugar"]}},
    ],
}
TEXT = json.dumps(GOOD)


def answer(*replies: Reply | str) -> Callable[[str, int], Reply]:
    """Return the replies one after another; the last one again and again."""

    def reply(_: str, number: int) -> Reply:
        content = replies[min(number, len(replies)) - 1]
        return (200, {}, content) if isinstance(content, str) else content

    return reply


def ask(*replies: Reply | str, source: Source = NOTES, variant: int = 1, **options: Any) -> tuple[WritingResult, ChatServer]:
    with ChatServer(answer(*replies)) as server:
        chat = ChatOptions(base_url=server.url, model="m", **{"timeout_s": 20.0, **options})
        return write(source, variant, chat, "", lambda done, total: None), server


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lib.provider_api._FIRST_BACKOFF_S", 0.01)


def test_a_good_answer_is_the_script() -> None:
    result, server = ask(TEXT)
    assert [scene.content.kind for scene in result.script.scenes] == ["title", "bullets", "bullets", "summary"]
    assert [scene.id for scene in result.script.scenes] == ["s1", "s2", "s3", "s4"]
    assert (result.script.title, result.script.language, result.warnings) == ("Leaves", "en", ())
    assert (result.requests, result.prompt_tokens, result.completion_tokens) == (1, 100, 50)
    request = server.requests[0]
    assert request["response_format"]["json_schema"]["strict"] is True
    assert "turns light into sugar" in request["messages"][1]["content"]


def test_the_three_briefs_differ() -> None:
    instructions = [ask(TEXT, variant=variant)[1].requests[0]["messages"][0]["content"] for variant in (1, 2, 3)]
    assert len(set(instructions)) == 3
    assert "worked example" in instructions[1] and "questions" in instructions[2]


@pytest.mark.parametrize(
    "text",
    [
        f"```json\n{TEXT}\n```",
        f"Sure! Here is your script:\n\n{TEXT}\n\nTell me if you want changes {{or more}}.",
        json.dumps({"script": GOOD}),
        TEXT.replace("}]}", "},]}").replace("]}}", ",]}}"),
        TEXT.replace("Roots bring water.", r"Roots bring \alpha water."),
    ],
    ids=["fenced", "prose around", "wrapped", "trailing commas", "wrong escapes"],
)
def test_bad_json_is_repaired(text: str) -> None:
    result, _ = ask(text)
    assert result.requests == 1
    assert [scene.narration for scene in result.script.scenes][:2] == ["Welcome to leaves.", "A leaf uses 12.5 percent."]


@pytest.mark.parametrize("cut", [TEXT[: TEXT.index('"id": "d"') - 3], TEXT[: TEXT.index("That is all") + 4]], ids=["between", "within"])
def test_an_answer_that_was_cut_off_is_asked_for_again(cut: str) -> None:
    result, server = ask(cut, TEXT)
    assert (len(result.script.scenes), result.requests, result.warnings) == (4, 2, ())
    assert "fewer scenes" in server.requests[1]["messages"][-1]["content"]
    result, _ = ask(cut)
    assert [scene.narration for scene in result.script.scenes] == ["Welcome to leaves.", "A leaf uses 12.5 percent.", "Roots bring water."]
    assert result.requests == 2 and "cut off" in result.warnings[0]


def test_the_model_is_told_what_is_wrong() -> None:
    wrong = json.dumps({**GOOD, "scenes": [*GOOD["scenes"][:3], {"narration": "Quiz", "content": {"kind": "quiz", "question": "Why?"}}]})
    result, server = ask("I can't do that.", wrong, TEXT)
    assert len(result.script.scenes) == 4 and result.requests == 3
    assert "no JSON object" in server.requests[1]["messages"][-1]["content"]
    assert "scenes[3]: quiz.options: Field required" in server.requests[2]["messages"][-1]["content"]


def test_after_the_last_round_good_scenes_are_kept() -> None:
    wrong = json.dumps({**GOOD, "scenes": [*GOOD["scenes"], {"narration": "x", "content": {"kind": "hologram"}}]})
    result, _ = ask(wrong)
    assert (len(result.script.scenes), result.requests) == (4, 3)
    assert result.warnings == ("Scenes that could not be used were left out: 1.",)


def test_scenes_of_other_models_become_bullets() -> None:
    """Manimate's prompt asked for text, anim and layout."""
    scenes = [{"seq": number, "text": "Light falls. Sugar grows.", "anim": "A leaf", "layout": "custom"} for number in (1, 2, 3)]
    result, _ = ask(json.dumps({"title": "T", "scenes": scenes}))
    assert result.script.scenes[0].content.model_dump()["items"] == ("Light falls", "Sugar grows")


@pytest.mark.parametrize("text", ["", "No.", "{}", '{"scenes": []}', '{"scenes": "many"}', "[" * 5000, '{"scenes": [{"a": 1}, 2, null]}'])
def test_answers_without_a_script_are_a_clear_error(text: str) -> None:
    with pytest.raises(ScriptUnusable) as excinfo:
        ask(text)
    assert excinfo.value.code == "script_unusable" and not excinfo.value.retryable


def test_numbers_that_are_not_in_the_notes_are_questioned() -> None:
    with_invention = TEXT.replace("Roots bring water.", "Roots bring 750 litres.")
    result, server = ask(with_invention, TEXT)
    assert "750" in server.requests[1]["messages"][-1]["content"] and result.warnings == ()
    result, _ = ask(with_invention)
    assert "750" in result.warnings[0]


def test_servers_that_know_no_schemas_get_simpler_requests() -> None:
    refusal = (400, {}, "response_format json_schema is not supported")
    result, server = ask(refusal, refusal, TEXT)
    formats = [request.get("response_format", {}).get("type") for request in server.requests]
    assert formats == ["json_schema", "json_object", None] and len(result.script.scenes) == 4
    with pytest.raises(errors.ProviderRefused):
        ask((401, {}, "wrong key"))


def test_a_busy_server_is_asked_again_after_its_pause() -> None:
    result, _ = ask((429, {"Retry-After": "1"}, "slow down"), TEXT)
    assert result.requests == 2
    with pytest.raises(errors.ProviderBusy):
        ask((429, {"Retry-After": "0"}, "slow down"), max_attempts=2)


def test_a_server_that_says_nothing_is_an_error() -> None:
    def silence(_: str, __: int) -> Reply:
        time.sleep(3)
        return 200, {}, TEXT

    with ChatServer(silence) as server, pytest.raises(errors.LanguageModelTimeout):
        write(NOTES, 1, ChatOptions(base_url=server.url, model="m", timeout_s=0.3, max_attempts=1), "", lambda done, total: None)
    with pytest.raises(LanguageModelMissing):
        write(NOTES, 1, ChatOptions(), "", lambda done, total: None)


def test_one_scene_is_rewritten_by_an_instruction() -> None:
    script = LessonScript.model_validate({**GOOD})
    new = {
        "narration": "Roots drink deep.",
        "content": {"kind": "quote", "text": "Drink deep", "author": "Pope"},
        "chapter": "",
        "id": "zzz",
    }
    with ChatServer(answer(json.dumps({"scene": new}))) as server:
        scene, _ = writing.rewrite_scene(
            script, "c", "make it a quote", ChatOptions(base_url=server.url, model="m"), "", lambda done, total: None
        )
    assert isinstance(scene, Scene) and (scene.id, scene.content.kind, scene.narration) == ("c", "quote", "Roots drink deep.")
    assert "make it a quote" in server.requests[0]["messages"][1]["content"]


def test_every_object_of_the_schema_is_strict() -> None:
    def check(value: Any) -> None:
        if isinstance(value, dict):
            if value.get("type") == "object":
                assert value["additionalProperties"] is False and value["required"] == list(value["properties"])
            for each in value.values():
                check(each)
        for each in value if isinstance(value, list) else ():
            check(each)

    for kind in ("script", "scene"):
        text = json.dumps(strict_schema(kind))
        check(strict_schema(kind))
        assert "minLength" not in text and "oneOf" not in text and "callouts" not in text


def test_long_notes_are_condensed() -> None:
    text = "\n\n".join(f"# Part {number}\n\nLight and sugar in part {number}. It is so. And so on it goes." for number in range(400))
    short = condense(text, 12_000, "en")
    assert len(short) <= 12_000 and short.count("# Part") == 400 and "Light and sugar" in short
    assert read_object("no { object") is None
