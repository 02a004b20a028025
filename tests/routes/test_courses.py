"""Courses: ordered recordings, who sees them, and progress."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask

from services.accounts import Caller
from services.courses import courses
from tests.concurrency import run_concurrently
from tests.conftest import User
from tests.statements import record_statements


def put(user: User, path: str, **body: Any) -> Any:
    return user.http.put(path, json=body, headers=user.headers)


def titles(user: User, course: str) -> list[str]:
    return [entry["recording"]["title"] for entry in user.get(f"/api/v1/courses/{course}").json["entries"]]


def test_a_course_orders_recordings(user: User, stranger: User, admin: User, add_recording: Callable[..., str]) -> None:
    ids = [add_recording(user, f"Lecture {number}", visibility=kind) for number, kind in enumerate(("PUBLIC", "UNLISTED", "PRIVATE"))]
    course = user.post("/api/v1/courses", json={"title": " Heat\n", "description": "From\u202e the start"}).json
    assert (course["title"], course["description"], course["visibility"], course["recordings"]) == ("Heat", "From the start", "PRIVATE", 0)
    path = f"/api/v1/courses/{course['id']}"
    assert put(user, f"{path}/recordings", recording_ids=[ids[2], ids[0], ids[1]]).status_code == 200
    assert titles(user, course["id"]) == ["Lecture 2", "Lecture 0", "Lecture 1"]
    assert stranger.get(path).status_code == 404 and admin.get(path).status_code == 200
    for other in (stranger, admin):
        assert other.http.patch(path, json={"title": "Mine"}, headers=other.headers).status_code == 404
        assert put(other, f"{path}/recordings", recording_ids=[]).status_code == other.delete(path).status_code == 404
    assert user.http.patch(path, json={"visibility": "public"}, headers=user.headers).json["visibility"] == "PUBLIC"
    assert titles(stranger, course["id"]) == ["Lecture 0", "Lecture 1"]  # as far as they may watch
    assert (stranger.get(path).json["hidden_recordings"], user.get(path).json["hidden_recordings"]) == (1, 0)
    [public_course] = stranger.get("/api/v1/courses?scope=public").json["courses"]
    assert (public_course["owner"], public_course["recordings"], public_course["progress"]) == (
        "Ada Lovelace",
        2,
        {"watched": 0, "total": 2},
    )
    assert public_course["is_own"] is False and user.get(path).json["is_own"] is True
    assert stranger.get("/api/v1/courses").json["total"] == 0 and user.get("/api/v1/courses").json["total"] == 1
    user.delete(f"/api/v1/recordings/{ids[0]}")
    assert titles(stranger, course["id"]) == ["Lecture 1"]
    assert put(user, f"{path}/recordings", recording_ids=[ids[1]]).json["recordings"] == 1
    assert user.delete(path).status_code == 200 and user.get(path).status_code == 404
    assert user.get(f"/api/v1/recordings/{ids[1]}").status_code == 200


def test_a_course_does_not_publish_unlisted_recordings_of_others(
    user: User, stranger: User, admin: User, add_recording: Callable[..., str], app: Flask
) -> None:
    unlisted_id, public_id = (
        add_recording(stranger, "Unlisted heat", visibility="UNLISTED"),
        add_recording(stranger, "Public heat", visibility="PUBLIC"),
    )
    course = user.post("/api/v1/courses", json={"title": "Found", "visibility": "PUBLIC"}).json["id"]
    assert put(user, f"/api/v1/courses/{course}/recordings", recording_ids=[unlisted_id, public_id]).status_code == 200
    third = User(app, "third@example.org")
    assert titles(third, course) == ["Public heat"]
    assert third.get(f"/api/v1/courses/{course}").json["progress"]["total"] == 1
    assert third.get("/api/v1/courses?scope=public").json["courses"][0]["recordings"] == 1
    for knows in (user, stranger, admin):
        assert titles(knows, course) == ["Unlisted heat", "Public heat"]

    def search(searching: User) -> list[str]:
        return sorted(each["recording"]["id"] for each in searching.get(f"/api/v1/search?q=heat&course={course}").json["results"])

    assert search(third) == [public_id] and search(user) == sorted([unlisted_id, public_id])


def test_the_order_may_be_stored_by_two_requests_at_once(app: Flask, user: User, add_recording: Callable[..., str]) -> None:
    ids = [add_recording(user, f"Lecture {number}") for number in range(4)]
    course = user.post("/api/v1/courses", json={"title": "Heat"}).json["id"]
    caller = Caller(user.id, user.email, "user", f"user:{user.id}")
    assert run_concurrently(app, lambda _: courses.set_recordings(caller, course, ids), 6) == [None] * 6
    assert titles(user, course) == [f"Lecture {number}" for number in range(4)]


def test_only_recordings_that_the_owner_may_watch(user: User, stranger: User, add_recording: Callable[..., str]) -> None:
    course = user.post("/api/v1/courses", json={"title": "Mixed"}).json["id"]
    path = f"/api/v1/courses/{course}/recordings"
    own, public, private = (
        add_recording(user, "Own"),
        add_recording(stranger, "Public", visibility="PUBLIC"),
        add_recording(stranger, "Private"),
    )
    assert put(user, path, recording_ids=[public, own]).status_code == 200
    assert put(user, path, recording_ids=[own, private]).status_code == put(user, path, recording_ids=["missing"]).status_code == 404
    assert titles(user, course) == ["Public", "Own"]
    for wrong in ([own, own], "own", [1], ["x"] * 501):
        assert put(user, path, recording_ids=wrong).status_code == 422
    for body in ({}, {"title": ""}, {"title": "a", "visibility": "secret"}):
        assert user.post("/api/v1/courses", json=body).status_code == 422
    assert user.http.patch(f"/api/v1/courses/{course}", json={}, headers=user.headers).status_code == 422


def test_progress_counts_what_was_watched_to_its_end(app: Flask, user: User, stranger: User, add_recording: Callable[..., str]) -> None:
    ids = [add_recording(user, f"Lecture {number}", visibility="PUBLIC") for number in range(3)]
    course = user.post("/api/v1/courses", json={"title": "Heat", "visibility": "PUBLIC"}).json["id"]
    put(user, f"/api/v1/courses/{course}/recordings", recording_ids=ids)
    at = f"/api/v1/videos/{ids[1]}/position"
    assert put(stranger, at, position_s=95.5).json == {"position_s": 95.5, "is_watched": True}
    assert put(stranger, at, position_s=10).json == {"position_s": 10.0, "is_watched": True}
    assert put(stranger, f"/api/v1/videos/{ids[0]}/position", position_s=1e6).json["position_s"] == 100.0
    assert put(stranger, f"/api/v1/videos/{ids[2]}/position", position_s=50).json["is_watched"] is False
    page = stranger.get(f"/api/v1/courses/{course}").json
    assert page["progress"] == {"watched": 2, "total": 3}
    assert [entry["position"] for entry in page["entries"]][1] == {"position_s": 10.0, "is_watched": True}
    assert user.get(f"/api/v1/courses/{course}").json["progress"] == {"watched": 0, "total": 3}
    assert stranger.delete(at).status_code == 200
    assert stranger.get(at).json == {"position_s": 0.0, "is_watched": False}
    assert put(stranger, f"/api/v1/videos/{add_recording(user, 'Private')}/position", position_s=1).status_code == 404
    assert put(stranger, at, position_s=-1).status_code == 422
    components = app.extensions["lectern"]
    components.settings.public_without_account = True
    assert user.http.get(f"/api/v1/courses/{course}").json["progress"] is None
    components.settings.watch_positions = False
    assert put(stranger, at, position_s=1).json["code"] == "watch_positions_off"
    assert stranger.get(f"/api/v1/courses/{course}").json["progress"] is None


def test_a_course_can_be_searched(user: User, stranger: User, add_recording: Callable[..., str]) -> None:
    inside, outside = add_recording(user, "Heat inside", visibility="UNLISTED"), add_recording(user, "Heat outside", visibility="PUBLIC")
    course = user.post("/api/v1/courses", json={"title": "Heat", "visibility": "UNLISTED"}).json["id"]
    put(user, f"/api/v1/courses/{course}/recordings", recording_ids=[inside])

    def search(**query: str) -> list[str]:
        results = stranger.get("/api/v1/search", query_string={"q": "heat", **query}).json["results"]
        return [each["recording"]["id"] for each in results]

    assert search(course=course) == [inside] and search() == [outside]
    assert stranger.get("/api/v1/search?q=heat&course=missing").status_code == 404


def test_lists_need_as_many_statements_for_one_as_for_many(app: Flask, user: User, add_recording: Callable[..., str]) -> None:
    counts = []
    for number in (1, 8):
        for each in range(number):
            course = user.post("/api/v1/courses", json={"title": f"Course {number}-{each}"}).json["id"]
            put(user, f"/api/v1/courses/{course}/recordings", recording_ids=[add_recording(user, f"Lecture {number}-{each}")])
        with app.app_context(), record_statements() as statements:
            assert user.get("/api/v1/courses").status_code == user.get(f"/api/v1/courses/{course}").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1]
