"""Ezra's documented curl calls and the call sequence of its client; its statuses in order although the server is killed."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from config import PROJECT, Settings
from scripts.client import Client
from scripts.ezra_client import EzraClient, run
from scripts.server import Server
from tests.applications import serve_app
from tests.conftest import PASSWORD, User, settings_for
from tests.link_server import LinkServer, link_server
from tests.proofreading.chat_server import ChatServer, Reply

_SENTENCE = "This is a sentence of ten words in teh lecture. "


@pytest.fixture(scope="module")
def site() -> Iterator[LinkServer]:
    with link_server() as server:
        yield server


@pytest.fixture
def settings(request: pytest.FixtureRequest, tmp_path: Path, build_settings: Callable[..., Settings], site: LinkServer) -> Settings:
    return settings_for("sqlite-local", request, tmp_path, build_settings).model_copy(update={"link_allowed_hosts": (site.host,)})


@pytest.mark.usefixtures("cached_stages")
def test_the_clients_calls_and_the_documented_ones(app: Flask, admin: User, site: LinkServer) -> None:
    with serve_app(app) as url:
        client = run(url, admin.email, PASSWORD, f"{site.url}/player", start_time="00:00:00", end_time="00:00:04", every_s=0.1)
        assert client.statuses[-1] == "completed" and client.calls > 20
        curl = [str(PROJECT / "scripts/ezra_curl.sh"), url, admin.email, PASSWORD, f"{site.url}/player"]
        result = subprocess.run(curl, capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "calls, all as documented" in result.stdout


@pytest.mark.slow("starts two servers and kills one")
def test_statuses_come_in_order_and_no_call_is_paid_twice_although_the_server_is_killed(migrated_data_dir: Path, site: LinkServer) -> None:
    """The model answers the first part when the test has seen that it waits, and the others after the kill."""
    first, others = threading.Event(), threading.Event()
    requests_made: list[str] = []

    def reply(text: str, number: int) -> Reply:
        requests_made.append(text)
        (first if number == 1 else others).wait(60)
        return 200, {}, text.replace("teh", "the")

    cues = [f"00:00:0{at}.000 --> 00:00:0{at}.900\n{_SENTENCE * 30}The end of {at}.\n" for at in range(3)]
    site.reset()
    site.subtitles, site.is_slow = ("WEBVTT\n\n" + "\n".join(cues)).encode(), True
    with ChatServer(reply) as chat:
        settings = {"LANGUAGE_MODEL_BASE_URL": chat.url, "LANGUAGE_MODEL": "m", "LANGUAGE_MODEL_CONCURRENCY": "1", "LEASE_S": "5"}
        settings["LINK_ALLOWED_HOSTS"] = site.host
        server = Server(migrated_data_dir, settings)
        server.start()
        account = Client(server.url)
        account.register()
        client = EzraClient(server.url)
        client.http.headers["Authorization"] = account.http.headers["Authorization"]
        recording_id = client.submit(f"{site.url}/player", "00:00:00", "00:00:03")
        client.wait(recording_id, 0.02, until=lambda status: status == "uploading")
        site.is_slow = False
        client.wait(recording_id, 0.02, until=lambda status: status == "waiting_for_proofreading")
        first.set()
        client.wait(recording_id, 0.02, until=lambda status: status == "proofreading")
        server.kill()
        others.set()
        with Server(migrated_data_dir, settings) as second:
            client.url = second.url
            assert client.wait(recording_id, 0.02) == "completed"
            text = client.call("GET", f"/download/txt/{recording_id}").text
            jobs = client.call("GET", f"/api/v1/jobs?recording_id={recording_id}").json()["jobs"]
            [job] = [each for each in jobs if each["pipeline"] == "lecture_notes"]
    assert client.statuses[-1] == "completed"
    assert {"uploading", "waiting_for_proofreading", "proofreading"} < set(client.statuses)  # the others may pass between two requests
    assert text.count("in the lecture") == 90 and "teh" not in text
    usage = job["metrics"]["proofreading"]
    assert (usage["chunks"], usage["failed"], job["attempt"]) == (usage["reused"] + usage["requests"], 0, 2)
    assert usage["reused"] >= 1 and sum(each == requests_made[0] for each in requests_made) == 1
