"""Searching as users do it: over HTTP, what they may see, and never what it was before."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image, ImageDraw

from database import session, transaction
from domain import Box, LectureNotes, OcrWord, Slide, TimeRange, Visit
from lib.hashing import sha256_of
from lib.serialization import write_json
from models import Recording, SearchDocument
from services.library import hidden_formats, notes_archive
from services.search import indexing
from tests.conftest import User
from tests.statements import record_statements


@pytest.fixture
def add(app: Flask) -> Callable[..., str]:
    def insert(user: User, title: str, **columns: Any) -> str:
        facts = {"filename": "a.mp4", "storage_key": f"videos/{title}.mp4", "size_bytes": 4, "sha256": "0", "duration_s": 1.0}
        with app.app_context(), transaction() as write_session:
            recording = Recording(**{"user_id": user.id, "title": title, "media": {}, **facts, **columns})
            write_session.add(recording)
            write_session.flush()
            return recording.id

    return insert


def search(user: User, query: str, **arguments: str) -> list[str]:
    response = user.get("/api/v1/search", query_string={"q": query, **arguments})
    assert response.status_code == 200, response.text
    return [each["recording"]["title"] for each in response.json["results"]]


def test_only_what_the_caller_may_see(app: Flask, user: User, stranger: User, admin: User, add: Callable[..., str]) -> None:
    add(user, "Private graphs", tags=["maths"], language="en")
    public = add(user, "Public graphs", description="All about graphs", visibility="PUBLIC", language="en")
    add(user, "Unlisted graphs", visibility="UNLISTED")
    add(user, "Failed graphs", visibility="PUBLIC", processing_status="FAILED")
    add(stranger, "Graphentheorie", visibility="PUBLIC", language="de")
    assert sorted(search(user, "graph*")) == ["Failed graphs", "Graphentheorie", "Private graphs", "Public graphs", "Unlisted graphs"]
    assert search(user, "graphs maths") == ["Private graphs"]
    assert sorted(search(stranger, "graph*")) == ["Graphentheorie", "Public graphs"]
    assert search(stranger, "graph*", scope="own") == search(stranger, "graph*", language="de") == ["Graphentheorie"]
    assert search(stranger, "graphs", scope="public") == ["Public graphs"]
    assert len(search(admin, "graphs", scope="all")) == 4 and len(search(admin, "graphs")) == 1
    assert stranger.get("/api/v1/search?q=graphs&scope=all").status_code == 403
    assert user.http.get("/api/v1/search?q=graphs").status_code == 401
    app.extensions["lectern"].settings.public_without_account = True
    assert [each["is_own"] for each in user.http.get("/api/v1/search?q=graphs&scope=own").json["results"]] == [False]
    app.extensions["lectern"].settings.public_without_account = False
    for query in ("", "q=", "q=%3F%21", "q=x&limit=51", "q=x&scope=some"):
        assert user.get(f"/api/v1/search?{query}").status_code in (400, 422), query
    hit = stranger.get("/api/v1/search?q=about%20graph").json["results"][0]
    assert hit["recording"]["id"] == public and not hit["is_own"]
    assert hit["title"] == {"text": "Public graphs", "ranges": [[7, 13]]}
    assert hit["description"] == {"text": "All about graphs", "ranges": [[4, 9], [10, 16]]}


def test_a_language_that_nobody_stated_is_guessed(user: User, add: Callable[..., str]) -> None:
    add(user, "Die Geschichte der Bäume und der Wälder")
    add(user, "The history of trees")
    assert search(user, "Baum") == ["Die Geschichte der Bäume und der Wälder"]
    assert search(user, "tree", language="en") == ["The history of trees"]


def test_misspelt_titles_are_found(user: User, add: Callable[..., str]) -> None:
    add(user, "Photosynthesis in the dark", language="en")
    add(user, "Photons", language="en")
    assert search(user, "photosyntesis drak") == ["Photosynthesis in the dark"]
    assert user.get("/api/v1/search?q=phtons").json["is_approximate"] is True
    assert user.get("/api/v1/search?q=photons").json["is_approximate"] is False
    assert search(user, "chlorophyll") == []


def test_results_have_pages(user: User, add: Callable[..., str]) -> None:
    for number in range(5):
        add(user, f"Lecture {number}")
    first = user.get("/api/v1/search?q=lecture&limit=2")
    assert (first.headers["X-Total-Count"], first.json["total"], first.json["is_truncated"]) == ("5", 5, False)
    assert 'rel="next"' in first.headers["Link"]
    titles = [title for page in ("1", "2", "3") for title in search(user, "lecture", limit="2", page=page)]
    assert sorted(titles) == [f"Lecture {number}" for number in range(5)]


def test_a_search_takes_as_many_statements_for_one_hit_as_for_many(app: Flask, user: User, add: Callable[..., str]) -> None:
    counts = []
    for number in (1, 15):
        for each in range(number):
            add(user, f"Talk {number}-{each}", description="talk")
        with app.app_context():
            while indexing.refresh(app.extensions["lectern"].store, limit=100):
                pass
            with record_statements() as statements:
                assert len(search(user, "talk", limit="50")) == number + (number > 1)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 10, statements


def test_nothing_is_out_of_date(app: Flask, user: User, stranger: User, add: Callable[..., str]) -> None:
    video = add(user, "Birds", visibility="PUBLIC")
    path = f"/api/v1/recordings/{video}"
    assert search(stranger, "birds") == ["Birds"]
    user.http.patch(path, json={"title": "Flying dinosaurs", "tags": ["feathers"]}, headers=user.headers)
    assert search(stranger, "birds") == [] and search(stranger, "dinosaurs feathers") == ["Flying dinosaurs"]
    user.http.patch(path, json={"visibility": "private"}, headers=user.headers)
    assert search(stranger, "dinosaurs") == [] and search(user, "dinosaurs") == ["Flying dinosaurs"]
    user.delete(path)
    assert search(user, "dinosaurs") == []
    user.post(f"{path}/restore")
    assert search(user, "dinosaurs") == ["Flying dinosaurs"]
    user.delete(f"{path}?permanent=true")
    assert search(user, "dinosaurs") == []
    with app.app_context():
        assert session().query(SearchDocument).count() == 0


@pytest.mark.usefixtures("cached_stages")
def test_moments_are_said_or_shown(app: Flask, user: User, stranger: User, tiny: Path, tiny_subtitles: bytes) -> None:
    response = user.upload(tiny, formats="txt", subtitles=(io.BytesIO(tiny_subtitles), "tiny.srt"), title="Boiling")
    video = response.json["video_id"]
    assert user.wait(video)["status"] == "completed"
    [hit] = user.get('/api/v1/search?q="the bubbles have"').json["results"]
    [moment] = hit["moments"]
    assert moment["kind"] == "speech" and 8.18 < moment["start_s"] < 12.4
    text, [[start, end]] = moment["snippet"]["text"], moment["snippet"]["ranges"]
    assert text[start:end] == "the bubbles have"
    slides = user.get(f"/api/v1/recordings/{video}/slides").json["slides"]
    assert moment["slide"]["number"] in [slide["number"] for slide in slides]
    picture = user.get(moment["slide"]["image_url"].removeprefix("http://localhost"))
    assert picture.status_code == 200 and picture.data.startswith(b"\xff\xd8")
    assert stranger.get(moment["slide"]["image_url"].removeprefix("http://localhost")).status_code == 404
    word = max((word for word in slides[0]["text"].split() if word.isalpha()), key=len)
    slide_moments = [each for each in user.get(f"/api/v1/search?q={word}").json["results"][0]["moments"] if each["kind"] == "slide"]
    assert slide_moments[0]["slide"]["number"] == 1 and slide_moments[0]["start_s"] == slides[0]["visits"][0]["start_s"]

    segment = next(each for each in user.get(f"/api/v1/transcripts/{video}").json["segments"] if "up there" in each["text"])
    edit = {"text": segment["text"].replace("up there", "on volcanos")}
    path = f"/api/v1/transcripts/{video}/segments/{segment['id']}"
    assert user.http.patch(path, json=edit, headers=user.headers).status_code == 200
    assert search(user, '"up there"') == [] and search(user, "volcano") == ["Boiling"]
    user.post(f"/api/v1/transcripts/{video}/undo", json={})
    assert search(user, '"up there"') == ["Boiling"] and search(user, "volcano") == []

    with app.app_context():
        store = app.extensions["lectern"].store
        assert list(indexing.rebuild(store))[-1] == 0
    assert search(user, "mountain bubbles") == ["Boiling"]


def test_equal_slides_of_several_recordings_stand_once(
    app: Flask, user: User, stranger: User, add: Callable[..., str], tmp_path: Path
) -> None:
    pictures = [_picture(each) for each in ("circle", "bars")]
    first = _with_slides(app, add(user, "First"), tmp_path, [("Entropy", pictures[0]), ("Energy", pictures[1])], 0.0)
    again = _picture("circle", quality=60)
    second = _with_slides(app, add(user, "Second"), tmp_path, [("Entropy", again), ("Momentum", pictures[1])], 5.0)
    _with_slides(app, add(stranger, "Other"), tmp_path, [("Entropy", pictures[0])], 0.0)
    wall = user.get("/api/v1/slides").json
    assert wall["total"] == 3
    slides_by_title = {slide["title"]: slide for slide in wall["slides"]}
    entropy = slides_by_title["Entropy"]
    assert entropy["recordings"] == 2 and slides_by_title["Energy"]["recordings"] == slides_by_title["Momentum"]["recordings"] == 1
    places = [(place["recording_id"], place["number"], place["start_s"]) for place in entropy["places"]]
    assert places == [(second, 1, 5.0), (first, 1, 0.0)]
    picture = user.get(entropy["image_url"].removeprefix("http://localhost"))
    assert picture.data == again
    assert [slide["title"] for slide in user.get("/api/v1/slides?q=entropies&language=en").json["slides"]] == ["Entropy"]
    assert [slide["title"] for slide in user.get("/api/v1/slides?q=mom*").json["slides"]] == ["Momentum"]
    assert user.get("/api/v1/slides?q=entropy&language=de").json["total"] == 0
    pages = [user.get(f"/api/v1/slides?limit=2&page={page}").json["slides"] for page in (1, 2)]
    assert [len(each) for each in pages] == [2, 1]
    user.delete(f"/api/v1/recordings/{second}")
    assert [slide["recordings"] for slide in user.get("/api/v1/slides").json["slides"]] == [1, 1]


def _picture(shape: str, quality: int = 90) -> bytes:
    image = Image.new("RGB", (320, 180), "white")
    draw = ImageDraw.Draw(image)
    if shape == "circle":
        draw.ellipse((90, 20, 230, 160), fill="navy")
    else:
        for left in range(20, 300, 40):
            draw.rectangle((left, 160 - left // 2, left + 20, 170), fill="maroon")
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _with_slides(app: Flask, recording_id: str, folder: Path, slides: list[tuple[str, bytes]], start_s: float) -> str:
    """Store the archive that a conversion leaves, with these slides, a second each."""
    work = folder / recording_id
    (work / "images").mkdir(parents=True)
    lecture_slides = []
    for number, (title, picture) in enumerate(slides, start=1):
        name = f"slide-{number:03}.jpg"
        (work / "images" / name).write_bytes(picture)
        words = (OcrWord(title, Box(0, 0, 50, 20), 0.9),)
        visit = Visit(TimeRange(number - 1.0, float(number)))
        lecture_slides.append(Slide(number, title, name, 320, 180, 0.0, (visit,), words))
    write_json(work / "notes.json", LectureNotes("A talk", 9.0, "en", "2026-01-01", slides=tuple(lecture_slides), source_offset_s=start_s))
    notes_archive.write(work / "notes.tar", work)
    with app.app_context():
        store = app.extensions["lectern"].store
        key, digest = f"notes/{recording_id}.tar", sha256_of(work / "notes.tar")
        store.put(work / "notes.tar", key, "application/x-tar")
        with transaction() as write_session:
            write_session.get_one(Recording, recording_id).language = "en"
            hidden_formats.put(write_session, recording_id, hidden_formats.NOTES_ARCHIVE, key, 1, digest)
    return recording_id
