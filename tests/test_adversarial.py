"""A short form of the adversarial bench: malformed input is refused with a code and a hint, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from bench.adversarial import bombs, broken_http, chunks, damaged, make, mislabeled, names, subtitles
from bench.adversarial.canary import Canary
from bench.adversarial.case import Case, Sender
from bench.adversarial.checks import response_problems_of
from config import Settings
from tests.applications import serve_app
from tests.conftest import User, list_files, list_stored_keys

_CASE_NAMES = {
    "damaged": ("cut-0.01-mp4", "cut-0.5-mp4", "noise", "empty", "one-byte", "mkv-head-mp4-body", "zeros"),
    "incomplete": ("subtitles-only",),
    "mislabeled": ("pdf", "zip-with-a-bomb", "png", "html", "riff-and-nothing"),
    "playlists": ("m3u8-file", "m3u8-http-as-mp4", "ffconcat-file", "sdp-http", "dash-http", "concat-path"),
    "bombs": ("3000-streams", "mp4-head-says-20000x20000", "mp4-claims-500-hours"),
    "subtitles": ("binary", "blank-lines-5-MB", "hours-of-5000-digits", "one-line-of-1-MB", "after-the-end", "wrong-extension"),
    "fields": ("language-unknown", "title-with-nul", "title-of-400-kB", "formats-commas"),
    "chunks": (
        "malformed-index-huge",
        "file-id-nul",
        "file-id-surrogate",
        "missing-20000",
        "of-another-user",
        "assembled-with-a-smaller-total",
    ),
    "http": (
        "no-boundary",
        "5000-fields",
        "json-deeply-nested",
        "json-surrogate",
        "json-nul",
        "id-nul",
        "id-not-utf-8",
        "cookies",
        "methods",
    ),
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The chunks of the cases are small and many."""
    return settings.model_copy(update={"min_chunk_bytes": 1, "user_concurrent_uploads": 100, "user_chunked_uploads": 1000})


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Canary]:
    with Canary(tmp_path_factory.mktemp("canary")) as canary:
        yield canary


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory, canary: Canary) -> list[Case]:
    folder = tmp_path_factory.mktemp("adversarial")
    base = make.create_base_recording(folder)
    all_cases = [
        *broken_http.cases(base),
        *chunks.cases(base),
        *names.cases(base),
        *mislabeled.cases(folder, base, canary),
        *subtitles.cases(folder, base, seed=1),
        *damaged.cases(folder, base, seed=1),
        *bombs.false_headers(base),
    ]
    selection = [case for case in all_cases if case.name in _CASE_NAMES.get(case.group, ())]
    assert len(selection) == sum(map(len, _CASE_NAMES.values()))
    return selection


@pytest.fixture
def sender(app: Flask, user: User, stranger: User) -> Iterator[Sender]:
    with serve_app(app) as url:
        yield Sender(url, user.tokens["access_token"], stranger.tokens["access_token"])


def test_adversarial_input_is_refused_cleanly(
    app: Flask, settings: Settings, user: User, sender: Sender, cases: list[Case], canary: Canary
) -> None:
    problems, recordings = [], []
    for case in cases:
        for response in case.act(sender):
            problems += response_problems_of(case, response)
            recordings += [response.recording] if response.recording else []
    assert problems == []
    assert canary.calls == []
    for recording in recordings:
        assert user.delete(f"/videos/{recording}").status_code == 200
    assert user.get("/list").json["total"] == 0
    assert list_files(settings.data_dir / "incoming") == []
    assert list_stored_keys(app) == []
