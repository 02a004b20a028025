"""The library: facts of recordings, who sees them, lists, and the trash."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

import errors
from config.groups.plans import Plan
from database import db, transaction
from domain import JobState
from lib import large_counts
from lib.clock import now
from models import Job, Recording
from routes import security_headers
from services.jobs.queue.topics import JobEnded
from services.library import automatic_streams, hidden_formats, recordings, trash
from services.subscriptions import retention
from services.subscriptions.plans import PlanTable
from tests.conftest import User, list_stored_keys
from tests.statements import record_statements


@pytest.fixture
def add(app: Flask, user: User) -> Callable[..., str]:
    """Insert recordings without media, which lists and rules of access do not need."""

    def insert(title: str, **columns: Any) -> str:
        facts = {"filename": "a.mp4", "storage_key": f"videos/{title}.mp4", "size_bytes": 4, "sha256": "0", "duration_s": 1.0}
        with app.app_context(), transaction() as session:
            recording = Recording(
                **{"user_id": user.id, "title": title, "media": {"video": {"width": 320, "height": 180}}, **facts, **columns}
            )
            session.add(recording)
            session.flush()
            return recording.id

    return insert


def test_new_recordings_are_private_and_can_be_edited(user: User, stranger: User, add: Callable[..., str]) -> None:
    video = add("Graphs")
    path = f"/api/v1/recordings/{video}"
    video_page = user.get(path).json
    assert (video_page["visibility"], video_page["description"], video_page["tags"]) == ("PRIVATE", "", [])
    assert stranger.get(f"/api/v1/videos/{video}").status_code == 404
    changes = {"description": "Trees\r\nand\u202e cycles", "tags": ["Maths", "maths ", " graphs", ""], "visibility": "public"}
    response = user.http.patch(path, json=changes, headers=user.headers)
    assert response.status_code == 200, response.text
    assert (response.json["title"], response.json["description"]) == ("Graphs", "Trees\nand cycles")
    assert (response.json["tags"], response.json["visibility"]) == (["maths", "graphs"], "PUBLIC")
    strangers_page = stranger.get(f"/api/v1/videos/{video}").json
    assert (strangers_page["title"], strangers_page["owner"], strangers_page["width"]) == ("Graphs", "Ada Lovelace", 320)
    assert "sha256" not in strangers_page and "storage_key" not in strangers_page
    assert stranger.http.patch(path, json=changes, headers=stranger.headers).status_code == 404
    for wrong in ({}, {"visibility": "secret"}, {"tags": "maths"}, {"tags": ["x"] * 31}, {"title": None}):
        assert user.http.patch(path, json=wrong, headers=user.headers).status_code == 422, wrong


def test_unlisted_recordings_open_by_address_only(app: Flask, user: User, stranger: User, add: Callable[..., str]) -> None:
    public_id, unlisted_id, private_id = (add(name, visibility=name) for name in ("PUBLIC", "UNLISTED", "PRIVATE"))
    add("not downloaded", visibility="PUBLIC", storage_key="")
    assert [each["id"] for each in stranger.get("/api/v1/videos").json["videos"]] == [public_id]
    statuses = [stranger.get(f"/api/v1/videos/{each}").status_code for each in (public_id, unlisted_id, private_id)]
    assert statuses == [200, 200, 404]
    assert user.get(f"/api/v1/videos/{private_id}").status_code == 200
    assert user.http.get("/api/v1/videos").status_code == 401
    app.extensions["lectern"].settings.public_without_account = True
    assert [each["id"] for each in user.http.get("/api/v1/videos").json["videos"]] == [public_id]
    assert [user.http.get(f"/api/v1/videos/{each}").status_code for each in (unlisted_id, private_id)] == [200, 404]
    assert user.http.get("/api/v1/videos", headers={"Authorization": "Bearer forged"}).status_code == 401
    assert user.http.get("/api/v1/videos", headers={"Cookie": "access_token=expired"}).status_code == 200
    assert user.http.get("/api/v1/recordings").status_code == 401


def test_lists_are_filtered_sorted_and_paged(user: User, add: Callable[..., str]) -> None:
    start = now() - dt.timedelta(days=9)
    facts = {
        "Zebra": {"duration_s": 30.0, "tags": ["maths"], "visibility": "PUBLIC"},
        "apple 100%": {"duration_s": 10.0, "description": "About ZEBRAS", "visibility": "PUBLIC"},
        "Mango": {"duration_s": 20.0, "tags": ["mathematics", "maths"]},
    }
    for days, (title, columns) in enumerate(facts.items()):
        add(title, created_at=start + dt.timedelta(days=days), **columns)

    def titles(query: str, path: str = "/api/v1/recordings", name: str = "recordings") -> list[str]:
        return [each["title"] for each in user.get(f"{path}?{query}").json[name]]

    assert titles("") == ["Mango", "apple 100%", "Zebra"]
    assert titles("sort=title") == ["apple 100%", "Mango", "Zebra"]
    assert titles("sort=longest&limit=2") == ["Zebra", "Mango"]
    assert titles("sort=longest&limit=2&page=2") == ["apple 100%"]
    assert titles("q=zebra&sort=oldest") == ["Zebra", "apple 100%"]
    assert titles("q=0%25") == ["apple 100%"]
    assert titles("tag=MATHS") == ["Mango", "Zebra"]
    assert titles("visibility=PRIVATE") == ["Mango"]
    assert titles("state=failed") == []
    assert titles("tag=maths&sort=shortest", "/api/v1/videos", "videos") == ["Zebra"]
    assert user.get("/api/v1/recordings?sort=random").status_code == 422
    assert user.get("/api/v1/videos?limit=1").headers["X-Total-Count"] == "2"


def test_the_case_of_letters_makes_no_difference_in_any_alphabet(user: User, admin: User, add: Callable[..., str]) -> None:
    for title in ("ÉTÉ b", "été a", "Été c", "ФИЗИКА", "физика_1"):
        add(title)

    def titles(query: str) -> list[str]:
        return [each["title"] for each in user.get(f"/api/v1/recordings?sort=title&q={query}").json["recordings"]]

    assert titles("été") == titles("ÉTÉ") == ["été a", "ÉTÉ b", "Été c"]
    assert titles("Физика") == ["ФИЗИКА", "физика_1"] and titles("а_1") == ["физика_1"]
    assert sorted(each["title"] for each in admin.get("/api/v1/admin/videos?q=физика").json) == ["ФИЗИКА", "физика_1"]


def test_lists_need_as_many_statements_for_one_as_for_many(app: Flask, user: User, add: Callable[..., str]) -> None:
    counts = []
    for number in (1, 20):
        for each in range(number):
            add(f"Talk {number}-{each}", visibility="PUBLIC", tags=["a"])
        for path in ("/api/v1/recordings", "/api/v1/videos"):
            with app.app_context(), record_statements() as statements:
                assert user.get(path).status_code == 200
            counts.append(len(statements))
    assert counts[:2] == counts[2:]


def test_a_deleted_recording_can_be_restored(
    app: Flask, user: User, stranger: User, tiny_subtitles: bytes, add: Callable[..., str]
) -> None:
    video = add("Kept", visibility="PUBLIC")
    path = f"/api/v1/recordings/{video}"
    assert "30 days" in user.delete(path).json["message"]
    for url in (path, f"{path}/media", f"/status/{video}", f"/api/v1/videos/{video}", f"/api/v1/transcripts/{video}"):
        assert user.get(url).status_code == 404, url
    assert user.delete(path).status_code == 404
    assert user.get("/api/v1/recordings").json["total"] == user.get("/list").json["total"] == user.get("/api/v1/videos").json["total"] == 0
    [in_trash] = user.get("/api/v1/recordings?deleted=true").json["recordings"]
    assert in_trash["id"] == video and in_trash["deleted_at"]
    assert stranger.post(f"{path}/restore").status_code == 404
    assert user.post(f"{path}/restore").json["deleted_at"] is None
    assert user.get(path).status_code == 200
    user.delete(path)
    assert user.delete(f"{path}?permanent=true").status_code == 200
    assert user.get("/api/v1/recordings?deleted=true").json["total"] == 0


def test_old_recordings_are_retired(app: Flask, user: User, admin: User, add: Callable[..., str]) -> None:
    old, busy, young = (add(title, created_at=now() - dt.timedelta(days=days)) for title, days in (("old", 8), ("busy", 9), ("young", 6)))
    with app.app_context():
        with transaction() as session:
            session.add(Job(user_id=user.id, recording_id=busy, pipeline="lecture_notes", state="queued", options={}))
        assert trash.put_old(0) == 0 and trash.put_old(7) == 1 and trash.put_old(7) == 0
    assert [each["id"] for each in user.get("/api/v1/recordings?deleted=true").json["recordings"]] == [old]
    assert {each["id"] for each in user.get("/api/v1/recordings").json["recordings"]} == {busy, young}
    assert user.post(f"/api/v1/recordings/{old}/restore").status_code == 200
    plans = app.extensions["lectern"].settings.model_copy(update={"plans": (Plan(name="free", retention_days=7),)})
    with app.app_context():
        assert (trash.put_old(7), retention.apply(PlanTable.from_settings(plans))) == (0, 0)  # the days count from the restore


def test_admins_set_for_how_long_recordings_of_a_user_are_kept(
    app: Flask, user: User, stranger: User, admin: User, add: Callable[..., str]
) -> None:
    def set_days(days: int | None) -> Any:
        return admin.http.patch(f"/api/v1/admin/users/{user.id}", json={"retention_days": days}, headers=admin.headers)

    def days_of(owner: User) -> int | None:
        days: int | None = owner.get("/api/v1/users/me/storage").json["retention_days"]
        return days

    old = add("old", created_at=now() - dt.timedelta(days=20))
    others = add("others", created_at=now() - dt.timedelta(days=20), user_id=stranger.id)
    plans = PlanTable.from_settings(app.extensions["lectern"].settings.model_copy(update={"plans": (Plan(name="free", retention_days=7),)}))
    response = set_days(0)
    assert response.status_code == 200, response.text
    assert (response.json["user"]["retention_days"], days_of(user)) == (0, None)
    with app.app_context():
        assert trash.put_old(10) == 1, "of the stranger"
        assert retention.apply(plans) == 0
    assert stranger.get("/api/v1/recordings?deleted=true").json["recordings"][0]["id"] == others
    assert (set_days(15).status_code, days_of(user), days_of(stranger)) == (200, 15, None)
    with app.app_context():
        assert trash.put_old(0) == 1
    assert user.get("/api/v1/recordings?deleted=true").json["recordings"][0]["id"] == old
    assert [set_days(days).status_code for days in (-1, 36_501, True)] == [422] * 3
    assert set_days(None).json["user"]["retention_days"] is None


def test_the_trash_is_emptied_in_time(app: Flask, user: User, add: Callable[..., str]) -> None:
    components = app.extensions["lectern"]
    file = components.settings.data_dir / "old.part"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"data")
    components.store.put(file, "videos/old.mp4", "video/mp4")
    add("old", deleted_at=now() - dt.timedelta(days=31))
    add("recent", deleted_at=now() - dt.timedelta(days=29))
    restored_id = add("restored", deleted_at=now() - dt.timedelta(days=31))
    user.post(f"/api/v1/recordings/{restored_id}/restore")
    with app.app_context():
        with pytest.raises(errors.NotFound):  # chosen for deletion before it was restored
            recordings.delete_if(restored_id, components.store, lambda recording: recording.deleted_at is not None)
        assert trash.delete_expired(components.store, 30) <= 1  # the background work of the application may have been first
    assert user.get(f"/api/v1/recordings/{restored_id}").status_code == 200
    assert [each["title"] for each in user.get("/api/v1/recordings?deleted=true").json["recordings"]] == ["recent"]
    assert list_stored_keys(app) == []
    components.settings.trash_days = 0
    user.delete(f"/api/v1/recordings/{add('now')}")
    assert user.get("/api/v1/recordings?deleted=true").json["total"] == 1


def test_long_lists_are_counted_now_and_then(user: User, stranger: User, add: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_counts, "EXACT_ROWS", 2)
    clock = [0.0]
    monkeypatch.setattr(large_counts.time, "monotonic", lambda: clock[0])

    def total(query: str = "") -> int:
        count: int = stranger.get(f"/api/v1/videos?limit=1{query}").json["total"]
        return count

    for number in range(3):
        assert total() == number
        add(f"Talk {number}", visibility="PUBLIC", tags=["x"])
    assert total() == 3
    add("Talk 3", visibility="PUBLIC")
    assert (total(), total("&tag=x")) == (3, 3)
    clock[0] += large_counts.LIFETIME_S + 1
    assert total() == 4


def test_lists_use_indexes(app: Flask, user: User, stranger: User, add: Callable[..., str]) -> None:
    add("Talk", visibility="PUBLIC")
    with app.app_context():
        for caller, path, index in ((user, "recordings", "ix_recordings_kept"), (stranger, "videos", "ix_recordings_listed")):
            with record_statements() as statements:
                assert caller.get(f"/api/v1/{path}?limit=1").json["total"] == 1
            queries = [each for each in statements if "FROM recordings" in each[0]]
            assert len(queries) == 2
            with db.engine.connect() as connection:
                if is_postgres := connection.dialect.name == "postgresql":
                    connection.exec_driver_sql("SET enable_seqscan = off")  # the tables are small
                explain = "EXPLAIN" if is_postgres else "EXPLAIN QUERY PLAN"
                plans = [str(connection.exec_driver_sql(f"{explain} {each}", values).all()) for each, values in queries]
            assert all("ix_recordings" in plan if is_postgres else index in plan for plan in plans), plans
            assert is_postgres or path != "recordings" or "USING COVERING INDEX" in plans[1], plans[1]  # counting reads no rows


def test_recordings_are_prepared_for_players_by_themselves(app: Flask, user: User, add: Callable[..., str]) -> None:
    settings = app.extensions["lectern"].settings.model_copy(update={"automatic_streams": True})

    def end_conversion(recording_id: str, settings: Any = settings, **job: Any) -> list[str]:
        with app.app_context():
            with transaction() as session:
                job = {"pipeline": "lecture_notes", "state": JobState.SUCCEEDED, "options": {}, **job}
                conversion = Job(user_id=user.id, recording_id=recording_id, **job)
                session.add(conversion)
                session.flush()
                automatic_streams.hook(lambda: settings)(session, JobEnded(conversion.id, JobState(conversion.state)))
            streaming = select(Job.id).where(Job.recording_id == recording_id, Job.pipeline == "streaming")
            return list(db.session().execute(streaming).scalars())

    video = add("Talk")
    assert end_conversion(video, settings.model_copy(update={"automatic_streams": False})) == []
    assert end_conversion(video, state=JobState.FAILED) == end_conversion(video, pipeline="document_rendering") == []
    assert len(end_conversion(video)) == 1
    assert len(end_conversion(video)) == 1, "it is being prepared already"
    opted_out = add("Secret")
    assert user.http.patch(f"/api/v1/recordings/{opted_out}", json={"automatic_streams": False}, headers=user.headers).status_code == 200
    assert end_conversion(opted_out) == []
    assert end_conversion(add("Large", size_bytes=10**15)) == [], "beyond the quota"


def test_streams_can_be_discarded(app: Flask, user: User, stranger: User, add: Callable[..., str]) -> None:
    video = add("Talk")
    with app.app_context(), transaction() as session:
        hidden_formats.put(session, video, hidden_formats.STREAM_INDEX, "jobs/x/stream_index.json", 5, "0")
    path = f"/api/v1/recordings/{video}/streams"
    assert user.get(f"/api/v1/videos/{video}/playback").json["hls"]
    assert stranger.delete(path).status_code == 404
    assert user.delete(path).status_code == 200
    assert not user.get(f"/api/v1/videos/{video}/playback").json["hls"]


def test_users_see_what_their_storage_is_used_for(app: Flask, user: User, stranger: User, add: Callable[..., str]) -> None:
    settings = app.extensions["lectern"].settings
    settings.retention_days = 90
    video = add("Talk", size_bytes=100)
    add("Old", size_bytes=7, deleted_at=now())
    with app.app_context(), transaction() as session:
        hidden_formats.put(session, video, hidden_formats.STREAM_INDEX, "jobs/x/stream_index.json", 5, "0")
        hidden_formats.put(session, video, hidden_formats.RAW_TRANSCRIPT, "jobs/x/raw.jsonl", 3, "0")
    used = user.get("/api/v1/users/me/storage").json
    settings.retention_days = 0
    sizes = ("used_bytes", "recording_bytes", "stream_bytes", "document_bytes", "file_bytes", "trash_bytes")
    assert [used[name] for name in sizes] == [115, 107, 5, 3, 0, 7]
    assert (used["retention_days"], used["trash_days"]) == (90, 30) and used["quota_bytes"] > 10**9
    nothing = stranger.get("/api/v1/users/me/storage").json
    assert (nothing["used_bytes"], nothing["retention_days"]) == (0, None)


def test_players_load_from_the_content_delivery_network(
    app: Flask, user: User, stranger: User, add: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = app.extensions["lectern"].settings
    settings.cdn_url = "https://cdn.example.org/lectern/"
    recording_id = add("Talk", chapters=[{"start_s": 0, "title": "One"}])

    def playback(viewer: User) -> Any:
        return viewer.get(f"/api/v1/videos/{recording_id}/playback").json

    address = playback(user)["chapters"]
    assert address.startswith("https://cdn.example.org/lectern/stream/")
    response = user.http.get(address.removeprefix("https://cdn.example.org/lectern"))
    assert response.status_code == 200 and "One" in response.text
    assert response.headers["Access-Control-Allow-Origin"] == "*" and response.headers["Cache-Control"] == "public, max-age=60"
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    policy = security_headers.with_cdn("img-src 'self' data:; media-src 'self' blob:", "https://cdn.example.org")
    assert policy == "img-src 'self' https://cdn.example.org data:; media-src 'self' https://cdn.example.org blob:"
    # The network keeps one copy of a public recording for all viewers: they get the same addresses for half of their lifetime.
    slot = 1800 * (int(time.time()) // 1800)
    clock = SimpleNamespace(time=lambda: slot + 10.0)
    for module in ("itsdangerous.timed", "routes.signed_tokens"):
        monkeypatch.setattr(f"{module}.time", clock)
    own = playback(user)
    user.http.patch(f"/api/v1/recordings/{recording_id}", json={"visibility": "PUBLIC"}, headers=user.headers)
    first, same = playback(user), playback(stranger)
    clock.time = lambda: slot + 1790.0
    later = playback(stranger)
    clock.time = lambda: slot + 1810.0
    next_slot = playback(stranger)
    assert first["chapters"] == same["chapters"] == later["chapters"] != next_slot["chapters"]
    assert (own["expires_in"], same["expires_in"], later["expires_in"], next_slot["expires_in"]) == (3600, 3590, 1810, 3590)
    statuses = []
    for at_s in (3590, 3610):
        clock.time = lambda at_s=at_s: slot + float(at_s)
        statuses.append(stranger.http.get(first["chapters"].removeprefix("https://cdn.example.org/lectern")).status_code)
    assert statuses == [200, 404]
    # They end when it becomes private, and its owner gets addresses of their own.
    user.http.patch(f"/api/v1/recordings/{recording_id}", json={"visibility": "PRIVATE"}, headers=user.headers)
    assert stranger.http.get(next_slot["chapters"].removeprefix("https://cdn.example.org/lectern")).status_code == 404
    assert playback(user)["chapters"] not in (next_slot["chapters"], own["chapters"])
    settings.cdn_url = ""
