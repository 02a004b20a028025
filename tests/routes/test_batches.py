"""Batches of links: lists, pauses, known recordings, cancelling and retries, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from config import Settings
from pipelines.link_import import LINK_IMPORT
from pipelines.link_listing import LINK_LISTING
from pipelines.registry import PIPELINES
from services.links import batch_runs, listings
from tests.conftest import User
from tests.link_server import FOLDER_TOKEN, MEDIA, PASSWORD, LinkServer, link_server
from tests.waiting import wait_for

FINAL = ("completed", "failed", "cancelled")


@pytest.fixture(scope="module")
def running_site() -> Iterator[LinkServer]:
    with link_server() as server:
        yield server


@pytest.fixture
def site(running_site: LinkServer, cached_stages: None, monkeypatch: pytest.MonkeyPatch) -> LinkServer:
    for pipeline in (LINK_IMPORT, LINK_LISTING):  # only conversions are cached
        monkeypatch.setitem(PIPELINES, pipeline.name, pipeline)
    running_site.reset()
    return running_site


@pytest.fixture
def settings(settings: Settings, site: LinkServer) -> Settings:
    return settings.model_copy(update={"link_allowed_hosts": (site.host,), "link_drive_pages_url": site.url, "link_batch_pause_s": 0.0})


@pytest.fixture
def app(app: Flask, settings: Settings) -> Flask:
    return app


@pytest.fixture
def advance(app: Flask, settings: Settings) -> Callable[..., int]:
    """Do what the server does every five seconds; `settings` may be changed."""

    def start_due_items(**changes: Any) -> int:
        with app.app_context():
            return batch_runs.start_due_items(lambda: settings.model_copy(update=changes))

    return start_due_items


def wait_until(user: User, batch_id: str, is_reached: Callable[[Any], bool], advance: Callable[..., int] | None = None) -> dict[str, Any]:
    def reached_batch() -> dict[str, Any]:
        batch: dict[str, Any] = user.get(f"/api/v1/batches/{batch_id}").json
        if is_reached(batch):
            return batch
        if advance is not None:
            advance()
        return {}

    return wait_for(reached_batch)


def create(user: User, url: str, **fields: Any) -> dict[str, Any]:
    response = user.post("/api/v1/batches", json={"url": url, "formats": ["txt"], "language": "en", **fields})
    assert response.status_code == 201, response.text
    return response.json  # type: ignore[no-any-return]


def states(batch: dict[str, Any]) -> list[str]:
    return [item["state"] for item in batch["items"]]


def test_a_feed_is_imported_and_known_recordings_are_skipped(
    user: User, stranger: User, site: LinkServer, advance: Callable[..., int]
) -> None:
    first_batch = create(user, f"{site.url}/feed")
    assert (first_batch["state"], first_batch["items"], first_batch["title"]) == ("listing", [], "")
    batch = wait_until(user, first_batch["id"], lambda batch: batch["state"] in FINAL, advance)
    assert (batch["state"], batch["title"], batch["counts"]) == ("completed", "Lectures on the air", {"completed": 2})
    assert [(item["title"], item["progress"], item["error"]) for item in batch["items"]] == [
        ("One", 100.0, None),
        ("Two & more", 100.0, None),
    ]
    recordings = user.get("/api/v1/recordings").json["recordings"]
    assert sorted(each["title"] for each in recordings) == ["One", "Two & more"]
    assert {each["size_bytes"] for each in recordings} == {len(MEDIA)}

    again = create(user, f"{site.url}/feed")
    batch = wait_until(user, again["id"], lambda batch: batch["state"] in FINAL, advance)
    assert (batch["state"], states(batch)) == ("completed", ["known", "known"])
    assert {item["recording_id"] for item in batch["items"]} == {each["id"] for each in recordings}
    batches = user.get("/api/v1/batches").json
    assert (batches["total"], [each["id"] for each in batches["batches"]]) == (2, [again["id"], first_batch["id"]])

    assert stranger.get(f"/api/v1/batches/{again['id']}").status_code == 404
    assert stranger.post(f"/api/v1/batches/{again['id']}/cancel").status_code == 404
    assert user.delete(f"/api/v1/batches/{first_batch['id']}").status_code == 200
    assert user.get(f"/api/v1/batches/{first_batch['id']}").status_code == 404
    assert len(user.get("/api/v1/recordings").json["recordings"]) == 2


def test_known_recordings_are_imported_again_if_asked(user: User, site: LinkServer, advance: Callable[..., int]) -> None:
    single = user.post("/api/v1/links", json={"url": f"{site.url}/files/two%202.m4a", "formats": ["txt"], "language": "en"}).json
    batch = create(user, f"{site.url}/feed")
    batch = wait_until(user, batch["id"], lambda batch: batch["state"] == "running", None)
    assert states(batch) == ["waiting", "known"] and batch["items"][1]["recording_id"] == single["id"]
    user.post(f"/api/v1/batches/{batch['id']}/cancel")
    twice = [create(user, f"{site.url}/atom"), create(user, f"{site.url}/atom")]
    for each in twice:
        wait_until(user, each["id"], lambda batch: batch["state"] == "running", None)
    assert advance() == 2  # the second batch learns then that the first one imports the same recording
    assert "known" in [state for each in twice for state in states(user.get(f"/api/v1/batches/{each['id']}").json)]
    for each in twice:
        user.post(f"/api/v1/batches/{each['id']}/cancel")
    batch = create(user, f"{site.url}/feed", import_known=True)
    assert states(wait_until(user, batch["id"], lambda batch: batch["state"] == "running", None)) == ["waiting", "waiting"]
    user.post(f"/api/v1/batches/{batch['id']}/cancel")
    user.wait(single["id"])


def test_downloads_of_a_batch_follow_one_another_with_a_pause(user: User, site: LinkServer, advance: Callable[..., int]) -> None:
    site.is_slow = True
    batch = create(user, f"{site.url}/feed")
    wait_until(user, batch["id"], lambda batch: batch["state"] == "running", None)
    assert (advance(), advance()) == (1, 0)  # the first download is unfinished
    site.is_slow = False
    wait_until(user, batch["id"], lambda batch: batch["items"][0]["state"] in ("converting", "completed"), None)
    assert (advance(link_batch_pause_s=3600.0), advance(user_active_jobs=0)) == (0, 0)
    waiting = user.get(f"/api/v1/batches/{batch['id']}").json
    assert waiting["items"][1]["state"] == "waiting" and "limit of queued and running jobs" in waiting["wait_reason"]
    assert (advance(), user.get(f"/api/v1/batches/{batch['id']}").json["wait_reason"]) == (1, "")
    wait_until(user, batch["id"], lambda batch: batch["state"] == "completed", None)


def test_a_batch_is_cancelled_and_continued(user: User, site: LinkServer, advance: Callable[..., int]) -> None:
    site.is_slow = True
    batch_id = create(user, f"{site.url}/feed")["id"]
    wait_until(user, batch_id, lambda batch: states(batch)[:1] == ["downloading"], advance)
    assert user.post(f"/api/v1/batches/{batch_id}/cancel").json["state"] == "cancelled"
    batch = wait_until(user, batch_id, lambda batch: states(batch) == ["cancelled", "cancelled"], None)
    assert (batch["state"], advance()) == ("cancelled", 0)
    site.is_slow = False
    assert user.post(f"/api/v1/batches/{batch_id}/retry").json["state"] == "running"
    batch = wait_until(user, batch_id, lambda batch: batch["state"] in FINAL, advance)
    assert (batch["state"], states(batch)) == ("completed", ["completed", "completed"])
    assert len(user.get("/api/v1/recordings").json["recordings"]) == 2  # the first one went on
    assert user.post(f"/api/v1/batches/{batch_id}/retry").status_code == 409


def test_failed_lists_and_items_say_why_and_can_be_retried(user: User, site: LinkServer, advance: Callable[..., int]) -> None:
    batch = create(user, f"{site.url}/locked/s/{FOLDER_TOKEN}")
    batch = wait_until(user, batch["id"], lambda batch: batch["state"] in FINAL, advance)
    assert (batch["state"], batch["error"]["code"], batch["items"]) == ("failed", "link_password", [])
    assert user.post(f"/api/v1/batches/{batch['id']}/retry").json["state"] == "listing"
    wait_until(user, batch["id"], lambda batch: batch["state"] in FINAL, advance)

    batch_id = create(user, f"{site.url}/locked/s/{FOLDER_TOKEN}", password=PASSWORD)["id"]
    wait_until(user, batch_id, lambda batch: batch["state"] == "running", None)
    assert advance(user_quota_bytes=0) == 0
    batch = user.get(f"/api/v1/batches/{batch_id}").json
    assert (states(batch), batch["items"][0]["error"]["code"]) == (["failed", "waiting"], "quota_exceeded")
    assert user.post(f"/api/v1/batches/{batch_id}/retry").json["counts"] == {"waiting": 2}
    batch = wait_until(user, batch_id, lambda batch: batch["state"] in FINAL, advance)
    assert states(batch) == ["completed", "completed"]
    text = json.dumps([batch, user.get("/api/v1/batches").json, user.get("/api/v1/jobs").json])
    assert PASSWORD not in text and "sealed_password" not in text


def test_unusable_links_and_options_are_refused_at_once(user: User) -> None:
    for body in ({"url": "http://127.0.0.1/feed"}, {"url": "https://example.org/feed", "formats": ["exe"]}, {}):
        for path in ("/api/v1/batches", "/batch-import/submit"):
            assert user.post(path, json=body).status_code == 422, (path, body)
    assert user.get("/api/v1/batches").json["total"] == 0


def test_thakiis_client_imports_a_share(user: User, site: LinkServer, advance: Callable[..., int]) -> None:
    share = {"share_url": f"{site.url}/old/s/{FOLDER_TOKEN}"}
    listing = user.post("/batch-import/list-videos", json=share).json
    assert (listing["total_count"], listing["total_size"]) == (2, 2 * len(MEDIA))
    assert [(each["name"], each["size"], each["is_video"]) for each in listing["videos"]] == [
        ("intro \u00e4.m4a", len(MEDIA), True),
        ("talk.m4a", len(MEDIA), True),
    ]
    selection = {**share, "selected_videos": [listing["videos"][0], "nothing.mp4"]}
    selected_batch = user.post("/batch-import/import-videos", json=selection).json
    assert (selected_batch["total_count"], selected_batch["success_count"], selected_batch["failed_count"]) == (2, 1, 1)
    assert (selected_batch["imported_videos"][0]["name"], selected_batch["failed_videos"][0]["name"]) == ("intro \u00e4.m4a", "nothing.mp4")
    assert user.post("/batch-import/import-videos", json={**share, "selected_videos": ["nothing.mp4"]}).status_code == 404
    assert user.post(f"/api/v1/batches/{selected_batch['batch_id']}/cancel").status_code == 200

    submission = user.post("/batch-import/submit", json=share).json
    assert (submission["success"], submission["total_videos"], submission["total_size"]) == (True, 2, 2 * len(MEDIA))
    status = user.get(f"/batch-import/status/{submission['job_id']}").json
    assert (status["status"], status["total_videos"], status["processed_videos"]) == ("processing", 2, 0)
    assert [(each["status"], each["progress_percent"], each["error_message"]) for each in status["videos"]] == [("queued", 0, None)] * 2
    site.media = b"no recording"
    wait_until(user, submission["job_id"], lambda batch: advance() == 1)
    wait_until(user, submission["job_id"], lambda batch: batch["items"][0]["state"] == "failed")  # only the first one has begun
    site.media = MEDIA
    wait_until(user, submission["job_id"], lambda batch: batch["items"][1]["state"] in ("converting", "completed"), advance)
    status = user.get(f"/batch-import/status/{submission['job_id']}").json
    assert (status["status"], status["processed_videos"], status["failed_videos"]) == ("processing", 1, 1)
    assert [(each["status"], each["progress_percent"]) for each in status["videos"]][1] == ("completed", 100)
    assert status["videos"][0]["error_message"]
    jobs = user.get("/batch-import/jobs?limit=20").json["jobs"]
    assert [job["job_id"] for job in jobs] == [submission["job_id"], selected_batch["batch_id"]]
    assert set(jobs[0]) >= {"share_url", "status", "total_videos", "processed_videos", "failed_videos", "created_at"}
    user.delete(f"/api/v1/batches/{submission['job_id']}")


def test_one_user_can_not_read_many_lists_at_once(user: User, stranger: User, site: LinkServer) -> None:
    share = {"share_url": f"{site.url}/feed"}
    with listings.listing_slot(user.id), listings.listing_slot(user.id):
        response = user.post("/batch-import/list-videos", json=share)
        assert (response.status_code, response.json["code"]) == (429, "too_many_listings")
        assert stranger.post("/batch-import/list-videos", json=share).status_code == 200
    assert user.post("/batch-import/list-videos", json=share).status_code == 200


def test_a_list_that_arrives_too_slowly_is_the_fault_of_its_site(user: User, site: LinkServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listings, "_TIMEOUT_S", 0.2)
    site.is_slow = True
    response = user.post("/batch-import/submit", json={"share_url": f"{site.url}/feed"})
    assert (response.status_code, response.json["code"]) == (422, "link_too_slow")
