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
from tests.waiting import wait_for

_SENTENCE = "This is a sentence of ten words in teh lecture. "


@pytest.fixture(scope="module")
def site() -> Iterator[LinkServer]:
    with link_server() as server:
        yield server


@pytest.fixture
def settings(request: pytest.FixtureRequest, tmp_path: Path, build_settings: Callable[..., Settings], site: LinkServer) -> Settings:
    return settings_for("sqlite-local", request, tmp_path, build_settings).model_copy(update={"link_allowed_hosts": (site.host,)})


def sign_up(server: Server) -> EzraClient:
    """Return Ezra's client with a new account."""
    account, client = Client(server.url), EzraClient(server.url)
    account.register()
    client.http.headers["Authorization"] = account.http.headers["Authorization"]
    return client


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
    """The model answers the first part at once, and the others after the kill."""
    others = threading.Event()
    requests_made: list[str] = []

    def reply(text: str, number: int) -> Reply:
        requests_made.append(text)
        if number > 1:
            others.wait(60)
        return 200, {}, text.replace("teh", "the")

    cues = [f"00:00:0{at}.000 --> 00:00:0{at}.900\n{_SENTENCE * 30}The end of {at}.\n" for at in range(3)]
    site.reset()
    site.subtitles, site.is_slow = ("WEBVTT\n\n" + "\n".join(cues)).encode(), True
    with ChatServer(reply) as chat:
        settings = {"LANGUAGE_MODEL_BASE_URL": chat.url, "LANGUAGE_MODEL": "m", "LANGUAGE_MODEL_CONCURRENCY": "1", "LEASE_S": "5"}
        settings["LINK_ALLOWED_HOSTS"] = site.host
        server = Server(migrated_data_dir, settings)
        server.start()
        client = sign_up(server)
        recording_id = client.submit(f"{site.url}/player", "00:00:00", "00:00:03")
        client.wait(recording_id, 0.02, until=lambda status: status == "uploading")
        site.is_slow = False
        client.wait(recording_id, 0.02, until=lambda status: status == "proofreading")
        wait_for(lambda: len(requests_made) > 1)
        server.kill()
        others.set()
        with Server(migrated_data_dir, settings) as second:
            client.url = second.url
            assert client.wait(recording_id, 0.02) == "completed"
            text = client.call("GET", f"/download/txt/{recording_id}").text
            jobs = client.call("GET", f"/api/v1/jobs?recording_id={recording_id}").json()["jobs"]
            [job] = [each for each in jobs if each["pipeline"] == "lecture_notes"]
    assert client.statuses[-1] == "completed"
    assert {"uploading", "proofreading"} < set(client.statuses)  # the others may pass between two requests
    assert text.count("in the lecture") == 90 and "teh" not in text
    usage = job["metrics"]["proofreading"]
    assert (usage["chunks"], usage["failed"], job["attempt"]) == (usage["reused"] + usage["requests"], 0, 2)
    assert usage["reused"] >= 1 and sum(each == requests_made[0] for each in requests_made) == 1


@pytest.mark.slow("starts two servers and kills one")
def test_a_text_of_one_part_is_proofreading_while_the_model_works(migrated_data_dir: Path, site: LinkServer) -> None:
    """Also for a transcript that is proofread once more, and after a kill."""
    answers = threading.Event()
    requests_made: list[str] = []

    def reply(text: str, number: int) -> Reply:
        requests_made.append(text)
        answers.wait(60)
        return 200, {}, text.replace("teh", "the")

    site.reset()
    site.subtitles = f"WEBVTT\n\n00:00.000 --> 00:02.900\n{_SENTENCE * 3}\n".encode()
    with ChatServer(reply) as chat:
        settings = {"LANGUAGE_MODEL_BASE_URL": chat.url, "LANGUAGE_MODEL": "m", "LEASE_S": "5", "LINK_ALLOWED_HOSTS": site.host}
        server = Server(migrated_data_dir, settings)
        server.start()
        client = sign_up(server)
        recording_id = client.submit(f"{site.url}/player")
        client.wait(recording_id, 0.02, until=lambda status: status == "proofreading")
        wait_for(lambda: len(requests_made) == 1)
        server.kill()
        with Server(migrated_data_dir, settings) as second:
            client.url = second.url
            wait_for(lambda: len(requests_made) == 2)
            assert client.look(recording_id)["status"] == "proofreading"
            answers.set()
            assert client.wait(recording_id, 0.02) == "completed"
            answers.clear()
            client.call("POST", f"/api/v1/transcripts/{recording_id}/proofread", status=202, json={"engine": "model"})
            client.statuses.clear()
            wait_for(lambda: client.look(recording_id)["status"] == "proofreading")
            answers.set()
            assert client.wait(recording_id, 0.02) == "completed"
    assert client.statuses[-2:] == ["proofreading", "completed"]
