"""Transcripts as data, over HTTP: read, edit, undo, and render documents again."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from schemas.transcripts import SegmentOut
from services.transcript_text.words import EditableSegment, EditableWord, IdCounter
from services.transcripts import editing, edits, journal, segments
from tests.conftest import SAMPLES, User, list_stored_keys
from tests.statements import record_statements
from tests.waiting import wait_for

pytestmark = pytest.mark.usefixtures("cached_stages")
SUBTITLES = b"""1
00:00:00,500 --> 00:00:03,000
The Haching of keys is fast.

2
00:00:04,000 --> 00:00:06,000
A Haching table needs no order.

3
00:00:07,000 --> 00:00:09,000
That is all.
"""


class Editor:
    """A user's requests to one transcript. `revision` follows the responses."""

    def __init__(self, user: User, recording_id: str) -> None:
        self.user, self.id, self.path = user, recording_id, f"/api/v1/transcripts/{recording_id}"

    def show(self, query: str = "") -> dict[str, Any]:
        response = self.user.get(self.path + query)
        assert response.status_code == 200, response.text
        page: dict[str, Any] = response.json
        return page

    def texts(self, query: str = "") -> list[str]:
        return [segment["text"] for segment in self.show(query)["segments"]]

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.user.http.open(self.path + path, method=method, json=body or {}, headers={**self.user.headers, **headers})

    def change(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        response = self.send(method, path, body)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json
        return answer

    def render(self) -> str:
        response = self.send("POST", "/documents")
        assert response.status_code == 202, response.text
        self.wait_until_current()
        return str(self.user.get(f"/download/txt/{self.id}").text)

    def wait_until_current(self) -> None:
        wait_for(lambda: all(job["state"] == "succeeded" for job in self.user.get("/api/v1/jobs").json["jobs"]))


@pytest.fixture
def convert(user: User) -> Callable[..., Editor]:
    def convert_recording(**fields: str) -> Editor:
        response = user.upload(SAMPLES / "tiny.m4a", subtitles=(io.BytesIO(SUBTITLES), "subtitles.srt"), **fields)
        assert response.status_code == 200, response.text
        assert user.wait(response.json["video_id"])["status"] == "completed"
        return Editor(user, response.json["video_id"])

    return convert_recording


@pytest.fixture
def editor(app: Flask, user: User) -> Editor:
    """The transcript of a recording, without a conversion. Each segment takes ten seconds, each word one."""
    from database import transaction
    from models import Recording, Transcript

    with app.app_context(), transaction() as session:
        media = {"storage_key": "videos/a/a.mp4", "size_bytes": 1, "sha256": "", "duration_s": 40.0, "media": {}}
        recording = Recording(user_id=user.id, title="Lecture", filename="a.mp4", **media)
        session.add(recording)
        session.flush()
        session.add(Transcript(recording_id=recording.id, language="en", source="recognised", next_segment_id=4, next_word_id=16))
        session.flush()
        ids = IdCounter(1)
        texts = ("The Haching of keys is fast.", "A Haching table needs no order.", "That is all.")
        new_segments = [
            EditableSegment(number, number, number * 10.0, number * 10.0 + 9, _words(text, number * 10.0, ids))
            for number, text in enumerate(texts, 1)
        ]
        segments.replace(session, recording.id, [], new_segments, 1)
        return Editor(user, recording.id)


def _words(text: str, start_s: float, ids: IdCounter) -> tuple[EditableWord, ...]:
    return tuple(EditableWord(f" {word}", start_s + at, start_s + at + 0.8, 0.9, id=ids.take()) for at, word in enumerate(text.split()))


def test_a_conversion_stores_its_transcript_and_documents_follow_edits(
    app: Flask, convert: Callable[..., Editor], user: User, stranger: User, admin: User
) -> None:
    editor = convert(language="en", paper="letter")
    page = editor.show()
    assert (page["id"], page["revision"], page["source"], page["total"]) == (editor.id, 1, "subtitles", 3)
    assert page["documents_are_current"] and not page["is_edited"]
    assert [segment["text"] for segment in page["segments"]] == [
        "The Haching of keys is fast.",
        "A Haching table needs no order.",
        "That is all.",
    ]
    words = [word for segment in page["segments"] for word in segment["words"]]
    assert [word["id"] for word in words] == list(range(1, len(words) + 1)) and words[0]["start_s"] == 0.5
    assert editor.texts("?page=2&limit=2") == ["That is all."]
    [artifact] = user.get(f"/api/v1/recordings/{editor.id}").json["artifacts"]
    assert artifact["format"] == "txt"
    assert stranger.get(editor.path).status_code == 404
    assert admin.get(editor.path).status_code == 200 and editor.texts("?version=raw") == editor.texts()

    editor.change("POST", "/replacements", {"find": "Haching", "replace": "Hashing"})
    assert not editor.show()["documents_are_current"]
    assert "Haching of keys" in user.get(f"/download/txt/{editor.id}").text
    text = editor.render()
    assert "The Hashing of keys is fast." in text and "Haching" not in text and editor.show()["documents_are_current"]
    rendering = user.get("/api/v1/jobs").json["jobs"][0]
    assert rendering["options"]["paper"] == "letter"
    events = user.get(f"/api/v1/jobs/{rendering['id']}/events").json["events"]
    ready = [event["data"]["formats"] for event in events if event["kind"] == "documents_ready"]
    assert ready == [["txt"]] and events[-1]["kind"] == "succeeded"
    [newer] = user.get(f"/api/v1/recordings/{editor.id}").json["artifacts"]
    assert newer["id"] == artifact["id"] and newer["sha256"] != artifact["sha256"] and newer["created_at"] > artifact["created_at"]

    again = user.post(f"/process/{editor.id}")  # after a rendering, which has fewer options
    assert again.status_code == 200
    editor.wait_until_current()
    conversion = next(job for job in user.get("/api/v1/jobs").json["jobs"] if job["pipeline"] == "lecture_notes")
    assert (conversion["options"]["language"], conversion["options"]["paper"]) == ("en", "letter")
    assert editor.texts()[0] == "The Hashing of keys is fast."  # the same speech: edits stay, also in the documents
    assert "The Hashing of keys" in user.get(f"/download/txt/{editor.id}").text
    assert user.delete(f"/api/v1/recordings/{editor.id}?permanent=true").status_code == 200
    assert list_stored_keys(app) == []


def test_edits_keep_word_times_and_can_be_undone(editor: Editor) -> None:
    before = editor.show()["segments"]
    answer = editor.change("PATCH", f"/segments/{before[0]['id']}", {"text": "The hashing of keys is very fast.", "revision": 1})
    words = answer["segments"][0]["words"]
    assert answer["revision"] == 2 and [word["id"] for word in words[:1] + words[2:5]] == [1, 3, 4, 5]
    assert [word["start_s"] for word in words[2:5]] == [word["start_s"] for word in before[0]["words"][2:5]]
    assert words[1]["start_s"] == before[0]["words"][1]["start_s"] and words[1]["id"] > 13

    response = editor.send("PATCH", "/segments/2", {"text": "Lost."}, **{"If-Match": '"1"'})
    assert (response.status_code, response.json["code"], response.json["revision"]) == (409, "revision_conflict", 2)
    assert response.json["changed_segments"] == [1]
    assert editor.send("PATCH", "/segments/2", {"text": "x"}, **{"If-Match": "seven"}).status_code == 400

    split = editor.change("POST", "/segments/2/split", {"word_id": 9})
    assert [segment["text"] for segment in split["segments"]] == ["A Haching", "table needs no order."]
    assert len(editor.texts()) == 4
    answer = editor.change("POST", f"/segments/{split['segments'][1]['id']}/merge")
    assert answer["segments"][0]["text"] == "table needs no order. That is all." and answer["removed"] == [3]
    assert editor.send("POST", f"/segments/{answer['segments'][0]['id']}/merge").status_code == 409  # the last one
    assert editor.send("POST", "/segments/2/split", {"word_id": 7}).status_code == 422  # its first word
    for _ in range(3):
        editor.change("POST", "/undo")
    assert editor.show()["segments"] == before and editor.send("POST", "/undo").json["code"] == "nothing_to_undo"
    for _ in range(3):
        editor.change("POST", "/redo")
    page = editor.show()
    assert [segment["text"] for segment in page["segments"]] == [
        "The hashing of keys is very fast.",
        "A Haching",
        "table needs no order. That is all.",
    ]
    assert (page["undo_steps"], page["redo_steps"], editor.send("POST", "/redo").status_code) == (3, 0, 409)
    edits = editor.user.get(f"{editor.path}/edits").json["edits"]
    assert [edit["action"] for edit in edits] == ["merge", "split", "edit"] and edits[0]["edited_by"] == editor.user.id


def test_replacements_reach_every_segment_and_the_glossary(editor: Editor, user: User) -> None:
    change = editor.change("POST", "/replacements", {"find": "Haching", "replace": "Hashing", "add_to_glossary": True})
    assert len(change["segments"]) == 2 and editor.texts()[:2] == ["The Hashing of keys is fast.", "A Hashing table needs no order."]
    assert editor.change("POST", "/replacements", {"find": "Hash", "replace": "x"})["segments"] == []  # whole words only
    terms = user.get("/api/v1/glossary").json["terms"]
    assert [(term["term"], term["misheard"]) for term in terms] == [("Hashing", ["Haching"])]
    assert user.post("/api/v1/glossary", json={"term": "Hashing", "misheard": ["hatching"]}).json["misheard"] == ["Haching", "hatching"]
    assert user.delete(f"/api/v1/glossary/{terms[0]['id']}").status_code == 200
    editor.change("POST", "/undo")
    assert editor.texts()[0] == "The Haching of keys is fast."


def test_a_whole_transcript_is_replaced(editor: Editor) -> None:
    first = editor.show()["segments"][0]
    words = [{"text": " Entirely", "start_s": 4, "end_s": 5}, {"text": " new.", "start_s": 5, "end_s": 6, "id": 7}]
    body = {
        "segments": [{"id": 1, "start_s": 0.5, "end_s": 3, "text": first["text"] + " Yes."}, {"start_s": 4, "end_s": 6, "words": words}]
    }
    change = editor.change("PUT", "", {**body, "revision": 1})
    unsplit, new = change["segments"]
    assert unsplit["id"] == 1 and unsplit["words"][:6] == first["words"] and unsplit["words"][6]["text"] == " Yes."
    assert new["words"][1]["id"] == 7 and new["words"][0]["id"] > 13 and set(change["removed"]) == {2, 3}
    backwards = {"segments": [{"start_s": 4, "end_s": 5, "text": "b"}, {"start_s": 1, "end_s": 2, "text": "a"}]}
    assert editor.send("PUT", "", backwards).status_code == 422
    assert editor.send("PUT", "", {"segments": [{"start_s": 4, "end_s": 5000, "text": "b"}]}).status_code == 422
    editor.change("POST", "/undo")
    assert len(editor.texts()) == 3


def test_only_changed_segments_of_a_whole_transcript_are_written(editor: Editor) -> None:
    body = [{key: each[key] for key in ("id", "start_s", "end_s", "text")} for each in editor.show()["segments"]]
    body[1]["text"] = "A hash table needs no order."
    change = editor.change("PUT", "", {"segments": body})
    assert [each["text"] for each in change["segments"]] == [each["text"] for each in body] == editor.texts()
    response = editor.send("PATCH", "/segments/3", {"text": "x", "revision": 1})
    assert response.json["changed_segments"] == [2]
    assert [each["id"] for each in editor.change("POST", "/undo")["segments"]] == [2]


def test_edits_are_planned_without_the_write_lock(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Words are aligned, encoded and packed outside the transaction; an edit that another one overtakes is planned again."""
    from database import in_transaction

    plans: list[str] = []
    overtaking = ["Overtaken once."]

    def watch(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            assert not in_transaction(), name
            plans.append(name)
            if name == "align" and overtaking:
                editor.change("PATCH", "/segments/3", {"text": overtaking.pop()})
            return original(*args, **options)

        return call

    for module, name in ((editing, "align"), (segments, "word_to_plain"), (journal, "_to_json"), (journal, "_unpack")):
        monkeypatch.setattr(module, name, watch(name, getattr(module, name)))
    assert editor.change("PUT", "", {"segments": [{"id": 1, "start_s": 0, "end_s": 9, "text": "All new."}]})["removed"] == [2, 3]
    assert plans.count("align") == 3 and editor.texts() == ["All new."]
    editor.change("POST", "/undo")
    assert editor.texts()[2] == "Overtaken once."
    editor.change("POST", "/redo")
    editor.change("POST", "/replacements", {"find": "new", "replace": "newer"})
    assert editor.texts() == ["All newer."] and {"word_to_plain", "_to_json", "_unpack"} <= set(plans)

    monkeypatch.setattr(edits, "_MAX_ATTEMPTS", 1)
    editor.change("POST", "/undo")
    editor.change("POST", "/undo")
    overtaking.append("Overtaken again.")
    assert editor.send("PATCH", "/segments/1", {"text": "Late."}).json["code"] == "revision_conflict"


def test_a_long_transcript_is_encoded_one_segment_at_a_time(app: Flask, editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    from database import transaction
    from routes import segment_lists

    ids = IdCounter(100)
    new_segments = [EditableSegment(at, float(at), 30.0, 39.0, _words("one two", 30.0, ids)) for at in range(10, 210)]
    with app.app_context(), transaction() as session:
        segments.replace(session, editor.id, [], new_segments, 1)
    present = most = 0

    def decode_counting(plain: Any) -> Any:
        nonlocal present, most
        present += 1
        most = max(most, present)
        return decode(plain)

    def encode_counting(segment: EditableSegment) -> dict[str, Any]:
        nonlocal present
        present -= 1
        return encode(segment)

    decode, encode = segments.words_from_plain, SegmentOut.plain
    monkeypatch.setattr(segments, "words_from_plain", decode_counting)
    monkeypatch.setattr(SegmentOut, "plain", encode_counting)
    monkeypatch.setattr(segment_lists, "_MAX_IN_MEMORY", 100)  # the rest is in a file
    response = editor.user.get(editor.path)
    assert response.headers["Content-Length"] == str(len(response.data)) and response.headers["ETag"] == '"1"'
    page = response.json
    assert (len(page["segments"]), page["total"], present, most) == (203, 203, 0, 1)
    word = new_segments[0].words[0]
    times = {"start_s": word.start_s, "end_s": word.end_s}
    assert page["segments"][3]["words"][0] == {"id": 100, "text": " one", **times, "confidence": 0.9, "mark": None}


def test_doubtful_words_are_listed_with_their_text(app: Flask, editor: Editor) -> None:
    from database import transaction
    from models import TranscriptSegment

    with app.app_context(), transaction() as session:
        row = session.get_one(TranscriptSegment, (editor.id, 1))
        row.words, row.lowest_confidence = [[*word[:4], 0.3 if word[0] == 2 else 0.9] for word in row.words], 0.3
    [doubtful] = editor.user.get(f"{editor.path}/doubtful-words").json["words"]
    assert (doubtful["before"], doubtful["word"]["text"], doubtful["after"]) == ("The", " Haching", "of keys is fast.")
    editor.change("PATCH", "/segments/1", {"text": "The Hashing of keys is fast."})
    assert editor.user.get(f"{editor.path}/doubtful-words").json["words"] == []


def test_an_edit_costs_the_same_in_a_long_transcript(app: Flask, editor: Editor) -> None:
    """The time of an edit of 40,000 words over HTTP is measured by a bench."""
    from database import transaction

    def cost_of_edit(number: int) -> tuple[int, int]:
        with app.app_context(), record_statements() as statements:
            editor.change("PATCH", "/segments/3", {"text": f"That is number {number}"})
        return len(statements), sum(len(parameters) for _, parameters in statements)

    cost_of_edit(1)
    short = cost_of_edit(2)
    ids = IdCounter(100)
    new_segments = (EditableSegment(at, float(at), 30.0, 39.0, _words("one two three four", 30.0, ids)) for at in range(10, 1010))
    with app.app_context(), transaction() as session:
        segments.replace(session, editor.id, [], new_segments, 1)
    assert cost_of_edit(3) == short


def test_the_journal_keeps_its_newest_steps(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    assert journal.MAX_STEPS >= 200
    monkeypatch.setattr(journal, "MAX_STEPS", 3)
    for number in range(5):
        editor.change("PATCH", "/segments/3", {"text": f"Step {number}"})
    for _ in range(3):
        editor.change("POST", "/undo")
    assert editor.texts()[2] == "Step 1" and editor.send("POST", "/undo").status_code == 409
    editor.change("PATCH", "/segments/3", {"text": "Another way"})  # the undone steps are gone
    assert editor.send("POST", "/redo").status_code == 409


def test_the_journal_of_large_steps_is_bounded(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "_LARGE_STEP_BYTES", 0)
    for text in ("One.", "Two.", "Three.", "Four."):
        editor.change("PATCH", "/segments/1", {"text": text})
    assert editor.show()["undo_steps"] == 4
    monkeypatch.setattr(journal, "MAX_BYTES", 300)
    editor.change("PATCH", "/segments/1", {"text": "Five."})
    assert 1 <= editor.show()["undo_steps"] < 5
    monkeypatch.setattr(journal, "MAX_BYTES", 1)
    editor.change("PATCH", "/segments/1", {"text": "Six."})
    assert editor.show()["undo_steps"] == 1
    editor.change("POST", "/undo")
    assert editor.texts()[0] == "Five."


def test_without_a_language_model_the_error_says_what_to_set(editor: Editor) -> None:
    response = editor.send("POST", "/proofread", {"engine": "model"})
    assert (response.status_code, response.json["code"]) == (503, "language_model_missing")
    assert "LANGUAGE_MODEL_BASE_URL" in response.json["hint"]
    upload = editor.user.upload(SAMPLES / "tiny.m4a", proofread="model")
    assert (upload.status_code, upload.json["code"]) == (503, "language_model_missing")


def test_replacements_can_not_make_a_transcript_longer_and_longer(editor: Editor) -> None:
    editor.change("PATCH", "/segments/1", {"text": "a " * 3000})
    for replacement in ("a " * 200, "aaa"):
        response = editor.send("POST", "/replacements", {"find": "a", "replace": replacement})
        assert (response.status_code, response.json["code"]) == (422, "too_many_words")
    editor.change("POST", "/replacements", {"find": "a", "replace": "to"})
    editor.change("PATCH", "/segments/3", {"text": "b " * 4000})
    response = editor.send("POST", "/segments/1/merge")
    assert response.status_code == 200, "together with the short second segment it has no more than the limit"
    response = editor.send("POST", "/segments/1/merge")
    assert (response.status_code, response.json["code"]) == (422, "too_many_words")


def test_edits_stay_within_the_length_of_a_transcript(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edits, "MAX_LENGTH", 100)
    monkeypatch.setattr(edits, "MAX_SEGMENTS", 3)
    assert editor.send("PATCH", "/segments/1", {"text": "word " * 20}).json["code"] == "too_many_words"
    words = editor.show()["segments"][0]["words"]
    assert editor.send("POST", "/segments/1/split", {"word_id": words[2]["id"]}).json["code"] == "too_many_words"
    editor.change("PATCH", "/segments/1", {"text": "Short."})
