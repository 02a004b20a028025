"""Corrections of slides over HTTP: a journal, and documents that show them."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from tests.conftest import SAMPLES, User

pytestmark = pytest.mark.usefixtures("cached_stages")


@pytest.fixture
def recording_id(user: User, tiny_subtitles: bytes) -> str:
    recording_id: str = user.upload(SAMPLES / "tiny.mp4", subtitles=(io.BytesIO(tiny_subtitles), "tiny.srt"), title="Heat").json["video_id"]
    user.wait(recording_id)
    return recording_id


def edit(user: User, recording_id: str, status: int = 200, *, revision: int | None = None, **change: Any) -> Any:
    response = user.post(f"/api/v1/recordings/{recording_id}/slide-edits", json={"change": change, "revision": revision})
    assert response.status_code == status, response.text
    return response.json


def read_slides(user: User, recording_id: str) -> list[dict[str, Any]]:
    return list(user.get(f"/api/v1/recordings/{recording_id}/slides").json["slides"])


def render(user: User, recording_id: str) -> Any:
    response = user.post(f"/api/v1/recordings/{recording_id}/slide-edits/documents")
    assert response.status_code == 200, response.text
    user.wait(recording_id)
    return user.get(f"/api/v1/jobs/{response.json['id']}").json


def plain_text(user: User, recording_id: str) -> str:
    return str(user.get(f"/download/txt/{recording_id}").text)


def test_corrected_slides_are_in_the_documents_and_in_the_list(user: User, stranger: User, recording_id: str) -> None:
    path = f"/api/v1/recordings/{recording_id}/slide-edits"
    before = user.get(path).json
    detected_slides = read_slides(user, recording_id)
    assert [slide["title"] for slide in before["slides"]] == [slide["title"] for slide in detected_slides]
    assert (before["revision"], before["undo_steps"], before["documents_are_current"]) == (1, 0, True)
    keys = [slide["key"] for slide in before["slides"]]

    edit(user, recording_id, action="rename", slide=keys[0], title="Steam & bubbles")
    edit(user, recording_id, action="crop", slides=[keys[0]], crop=[0, 0, 0.5, 1])
    edit_result = edit(user, recording_id, action="move", slide=keys[1], position=0)
    assert (edit_result["revision"], edit_result["undo_steps"], edit_result["documents_are_current"]) == (4, 3, False)
    assert [slide["key"] for slide in edit_result["slides"]] == [keys[1], keys[0], *keys[2:]]
    assert [slide["title"] for slide in read_slides(user, recording_id)] == [
        slide["title"] for slide in detected_slides
    ]  # not published yet

    job = render(user, recording_id)
    assert (job["state"], job["warnings"]) == ("succeeded", [])
    assert user.get(path).json["documents_are_current"] is True
    corrected_slides = read_slides(user, recording_id)
    assert [slide["title"] for slide in corrected_slides[:2]] == [detected_slides[1]["title"], "Steam & bubbles"]
    assert corrected_slides[1]["width"] == pytest.approx(detected_slides[0]["width"] / 2, abs=1)
    picture = user.get(corrected_slides[1]["image_url"].removeprefix("http://localhost"))
    assert Image.open(io.BytesIO(picture.data)).size == (corrected_slides[1]["width"], corrected_slides[1]["height"])
    assert "Steam & bubbles" in plain_text(user, recording_id).replace("\\", "")
    wall = user.get("/api/v1/slides?q=Steam").json
    assert [slide["title"] for slide in wall["slides"]] == ["Steam & bubbles"]
    assert stranger.get(path).status_code == 404
    assert stranger.post(path, json={"change": {"action": "drop", "slide": keys[0]}}).status_code == 404


def test_dropped_and_split_slides_lose_no_word(user: User, recording_id: str) -> None:
    words = set(plain_text(user, recording_id).split())
    keys = [slide["key"] for slide in user.get(f"/api/v1/recordings/{recording_id}/slide-edits").json["slides"]]
    edit_result = edit(user, recording_id, action="drop", slide=keys[1])
    assert len(edit_result["slides"]) == len(keys) - 1
    middle_s = (edit_result["slides"][0]["visits"][0]["start_s"] + edit_result["slides"][0]["visits"][-1]["end_s"]) / 2
    parts = edit(user, recording_id, action="split", slide=keys[0], at_s=middle_s)
    assert len(parts["slides"]) == len(keys)
    assert render(user, recording_id)["state"] == "succeeded"
    assert len(read_slides(user, recording_id)) == len(keys)
    spoken_words = {
        word for segment in user.get(f"/api/v1/transcripts/{recording_id}").json["segments"] for word in segment["text"].split()
    }
    assert (words & spoken_words) <= set(plain_text(user, recording_id).split())


def test_changes_are_undone_repeated_and_refused(user: User, recording_id: str) -> None:
    path = f"/api/v1/recordings/{recording_id}/slide-edits"
    keys = [slide["key"] for slide in user.get(path).json["slides"]]
    assert user.post(f"{path}/undo", json={}).json["code"] == "no_slide_change_to_undo"
    edit(user, recording_id, action="rename", slide=keys[0], title="First")
    conflict = edit(user, recording_id, 409, revision=1, action="rename", slide=keys[0], title="Second")
    assert (conflict["code"], conflict["revision"]) == ("slides_changed", 2)
    for wrong in (
        {"action": "rename", "slide": 99, "title": "x"},
        {"action": "picture", "slide": keys[0], "build": 900},
        {"action": "picture", "slide": keys[0], "source": 99},
        {"action": "split", "slide": keys[0], "at_s": 10_000},
        {"action": "crop", "slides": [keys[0]], "crop": [0.9, 0, 0.9, 1]},
        {"action": "merge", "slides": [keys[0], keys[0]]},
        {"action": "explode"},
    ):
        assert edit(user, recording_id, 422, **wrong)["code"] in ("slide_change_refused", "validation_failed")
    undone = user.post(f"{path}/undo", json={"revision": 2}).json
    assert undone["slides"][0]["title"] != "First" and undone["redo_steps"] == 1 and undone["documents_are_current"] is True
    assert user.post(f"{path}/redo", json={}).json["slides"][0]["title"] == "First"
    assert render(user, recording_id)["state"] == "succeeded"
    assert read_slides(user, recording_id)[0]["title"] == "First"
    user.post(f"{path}/undo", json={})
    assert render(user, recording_id)["state"] == "succeeded"
    assert read_slides(user, recording_id)[0]["title"] != "First"
    assert user.get(f"{path}/pictures/1").content_type == "image/jpeg"
    assert user.get(f"{path}/pictures/99").status_code == 404


def test_a_long_journal_is_undone_step_by_step(user: User, recording_id: str) -> None:
    path = f"/api/v1/recordings/{recording_id}/slide-edits"
    key = user.get(path).json["slides"][0]["key"]
    first = user.get(path).json["slides"]
    for number in range(43):
        edit(user, recording_id, action="rename", slide=key, title=f"Title {number}")
    for number in range(41, 18, -1):  # beyond two snapshots
        assert user.post(f"{path}/undo", json={}).json["slides"][0]["title"] == f"Title {number}"
    assert user.post(f"{path}/redo", json={}).json["slides"][0]["title"] == "Title 20"
    edit(user, recording_id, action="rename", slide=key, title="Another")
    assert user.post(f"{path}/undo", json={}).json["slides"][0]["title"] == "Title 20"
    for _ in range(21):
        undone = user.post(f"{path}/undo", json={}).json
    assert undone["slides"] == first and undone["undo_steps"] == 0


def test_another_conversion_with_the_same_slides_keeps_the_corrections(user: User, recording_id: str) -> None:
    keys = [slide["key"] for slide in user.get(f"/api/v1/recordings/{recording_id}/slide-edits").json["slides"]]
    edit(user, recording_id, action="rename", slide=keys[0], title="Mine")
    render(user, recording_id)
    again = user.post(f"/api/v1/recordings/{recording_id}/jobs", json={"formats": "pdf,txt"})
    assert again.status_code == 201, again.text
    user.wait(recording_id)
    user.wait(recording_id)
    assert read_slides(user, recording_id)[0]["title"] == "Mine"
