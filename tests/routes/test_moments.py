"""Short links to moments, which follow their words, and citations."""

from __future__ import annotations

import io
import zipfile
from urllib.parse import urlsplit

import pytest
from flask import Flask

from database import transaction
from models import TranscriptSegment
from services.citations.citation import Citation, bibtex, csl
from tests.conftest import SAMPLES, User

pytestmark = pytest.mark.usefixtures("cached_stages")


@pytest.fixture
def lecture(user: User, tiny_subtitles: bytes) -> str:
    fields = {"subtitles": (io.BytesIO(tiny_subtitles), "tiny.srt"), "formats": "md"}
    video_id: str = user.upload(SAMPLES / "tiny.mp4", **fields).json["video_id"]
    user.wait(video_id)
    return video_id


def path_of(url: str) -> str:
    return urlsplit(url).path


def test_a_moment_is_cited_with_its_place_in_the_course(user: User, lecture: str) -> None:
    user.http.patch(f"/api/v1/recordings/{lecture}", json={"author": "Ada Lovelace", "title": "Sums & signs"}, headers=user.headers)
    course = user.http.post("/api/v1/courses", json={"title": "Algorithms"}, headers=user.headers).json["id"]
    user.http.put(f"/api/v1/courses/{course}/recordings", json={"recording_ids": [lecture]}, headers=user.headers)
    words = user.get(f"/api/v1/transcripts/{lecture}").json["segments"][0]["words"]
    citation = user.get(f"/api/v1/videos/{lecture}/citation?time={words[1]['start_s'] + 0.05}").json
    assert citation["time_s"] == pytest.approx(words[1]["start_s"], abs=0.01) and citation["slide"] == 1
    assert citation["label"].startswith("Lecture 1, slide 1 at 0:0")
    assert citation["quote"].startswith(words[0]["text"].strip())
    assert f"Ada Lovelace, Sums & signs, Algorithms, {citation['label']}" in citation["text"] and citation["url"] in citation["text"]
    assert "title = {Sums \\& signs}" in citation["bibtex"] and citation["csl"]["author"] == [{"literal": "Ada Lovelace"}]
    assert user.get(f"/api/v1/videos/{lecture}/citation?time=1&quote=own words").json["quote"] == "own words"
    assert user.get(f"/api/v1/videos/{lecture}/citation?time=nan").status_code == 422


def test_a_link_follows_its_words(user: User, lecture: str) -> None:
    first = user.get(f"/api/v1/transcripts/{lecture}").json["segments"][0]["words"]
    url = path_of(user.get(f"/api/v1/videos/{lecture}/citation?time={first[0]['start_s']}").json["url"])
    target = user.get(url)
    assert target.status_code == 302
    assert target.location.partition("#")[0].endswith(f"/watch/{lecture}")
    moved_words = [{"text": word["text"], "start_s": word["start_s"] + 3, "end_s": word["end_s"] + 3} for word in first]
    body = {"segments": [{"start_s": moved_words[0]["start_s"], "end_s": moved_words[-1]["end_s"], "words": moved_words}]}
    answer = user.http.put(f"/api/v1/transcripts/{lecture}", json=body, headers=user.headers)
    assert answer.status_code == 200, answer.json
    assert float(user.get(url).location.partition("#t=")[2]) == pytest.approx(first[0]["start_s"] + 3, abs=0.11)


def test_a_link_searches_a_part_of_a_long_transcript(app: Flask, user: User, lecture: str, monkeypatch: pytest.MonkeyPatch) -> None:
    url = path_of(user.get(f"/api/v1/videos/{lecture}/citation?time=1").json["url"])
    word = [9, "elsewhere", 0.0, 0.5, 1.0]
    with app.app_context(), transaction() as session:
        version = session.query(TranscriptSegment).filter_by(recording_id=lecture).first()
        facts = {column.name: getattr(version, column.name) for column in TranscriptSegment.__table__.columns if column.name != "id"}
        session.query(TranscriptSegment).filter_by(recording_id=lecture).delete()
        for number in range(100):
            start = {"start_s": 100.0 * number, "end_s": 100.0 * number + 1, "position": number, "words": [word], "id": number + 1}
            session.add(TranscriptSegment(**facts | start))
    ranges: list[int] = []
    monkeypatch.setattr("services.moments.moments.find_moment", lambda _, words: ranges.append(len(words)))
    assert user.get(url).status_code == 302
    assert ranges == [2, 19]


def test_links_tell_strangers_nothing_but_the_way(user: User, stranger: User, lecture: str) -> None:
    url = path_of(user.get(f"/api/v1/videos/{lecture}/citation?time=1").json["url"])
    assert stranger.get(f"/api/v1/videos/{lecture}/citation?time=1").status_code == 404
    assert stranger.get(url).location.partition("#")[0].endswith(f"/watch/{lecture}")
    assert user.http.get(url).status_code == 302
    for wrong in ("/m/22222222z", "/m/nothing/1", f"{url.rpartition('/')[0]}/no-code!"):
        assert user.http.get(wrong).status_code == 404
    user.http.delete(f"/api/v1/recordings/{lecture}", headers=user.headers)
    assert user.get(url).status_code == 404


def test_documents_have_author_course_and_links_to_moments(user: User, lecture: str) -> None:
    user.http.patch(f"/api/v1/recordings/{lecture}", json={"author": "Ada Lovelace"}, headers=user.headers)
    user.wait(lecture)
    recording = user.get(f"/api/v1/recordings/{lecture}").json
    assert recording["author"] == "Ada Lovelace"
    with zipfile.ZipFile(io.BytesIO(user.get(f"/api/v1/recordings/{lecture}/documents.zip").data)) as documents:
        document = documents.read(documents.namelist()[0])
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        notes = archive.read("notes.md").decode()
    assert 'author: "Ada Lovelace"' in notes
    assert f"{recording['short_link']}/" in notes


@pytest.mark.parametrize(
    ("author", "title", "key"),
    [("Jürgen Söhne", "Sums", "sohne2026:0:51"), ("", "Économie", "economie2026:0:51"), ("Лобачевский", "Surfaces", "surfaces2026:0:51")],
)
def test_keys_of_citations_keep_letters_with_accents(author: str, title: str, key: str) -> None:
    citation = Citation(title, "0:51", "https://example.org/m/a/b", author, date="2026-11-30")
    assert bibtex(citation).startswith(f"@misc{{{key},") and csl(citation)["id"] == key
