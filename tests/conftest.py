"""Fixtures for all tests: applications, users, servers, and small real recordings."""

from __future__ import annotations

import collections
import dataclasses
import functools
import gc
import io
import logging
import os
import shutil
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from argon2 import PasswordHasher
from botocore.loaders import JSONFileLoader
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from config import PROJECT, Settings
from pipelines.registry import PIPELINES
from scripts import backends
from scripts.client import Client
from scripts.youtube_server import YouTubeServer
from scripts.youtube_server import serve as serve_youtube
from services.storage.s3 import S3Config
from services.storage.s3 import _client as build_s3_client
from tests.cached_stages import with_cache
from tests.preloaded import PreloadedProcess

if TYPE_CHECKING:  # importing the application takes seconds, and many tests do without one
    from tests.applications import SharedApps

gc.set_threshold(50_000, 20, 20)  # collecting garbage less often saves a sixth of the tests' CPU
SAMPLES = PROJECT / "samples"
PASSWORD = "correct horse battery"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run groups with many slow tests first, so that no process has a long one left at the end."""
    slow_tests = collections.Counter(process_group(item.nodeid) for item in items if "slow" in item.keywords)
    items.sort(key=lambda item: -slow_tests[process_group(item.nodeid)])


def pytest_collection_finish() -> None:
    gc.freeze()  # modules and collected tests live to the end


def process_group(nodeid: str) -> str:
    """Return the name of the tests that run in one process and share what their fixtures start: a file, or all browser tests."""
    path = nodeid.partition("::")[0]
    return "tests/web" if path.startswith("tests/web/") else path


class GroupScheduling(LoadScopeScheduling):
    """Hands whole groups to the processes. `--dist loadgroup` of xdist 3.8 ignores groups under pytest 9.2 (pytest-xdist issue 1386)."""

    def _split_scope(self, nodeid: str) -> str:
        return process_group(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> GroupScheduling:
    return GroupScheduling(config, log)


@pytest.fixture(scope="session", autouse=True)
def cheap_setup() -> Iterator[None]:
    """Cache work that every application repeats: compiling routes, loading S3's model, connecting to S3. Hash passwords cheaply."""
    builders: dict[tuple[object, ...], Callable[..., Any]] = {}
    compile_builder = Rule._compile_builder
    load_file = functools.cache(JSONFileLoader().load_file)

    def compile_once(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
        key = (tuple(rule._trace), repr(rule.defaults), append_unknown)
        if key not in builders:
            builders[key] = compile_builder(rule, append_unknown)
        return builders[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", compile_once)
        patch.setattr(JSONFileLoader, "load_file", lambda _, path: load_file(path))
        patch.setattr("services.accounts.passwords._hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        patch.setattr("services.accounts.passwords._zxcvbn", lambda: estimate_password_once)
        patch.setattr("services.storage.s3._client", share_s3_clients())
        yield


def estimate_password_once(password: str, user_inputs: list[str]) -> Mapping[str, Any]:
    """Return zxcvbn's estimate, which takes 10 ms of CPU; nearly all users of tests have the same password."""
    return _estimate_password(password, tuple(user_inputs))


@functools.cache
def _estimate_password(password: str, user_inputs: tuple[str, ...]) -> Mapping[str, Any]:
    from zxcvbn import zxcvbn

    return zxcvbn(password, user_inputs)  # type: ignore[no-any-return]


@pytest.fixture(scope="session", autouse=True)
def preloaded_programs() -> Iterator[None]:
    """Fork servers and workers from a process that has imported the application, which takes four seconds of CPU."""
    with PreloadedProcess() as process, pytest.MonkeyPatch.context() as patch:
        patch.setattr("scripts.program.start_python", process.start)
        yield


def share_s3_clients() -> Callable[[S3Config, str | None], Any]:
    """Return a substitute for `s3._client` that builds one client per server; building one takes 60 ms of CPU."""
    clients: dict[S3Config, Any] = {}

    def get_client(config: S3Config, endpoint_url: str | None) -> Any:
        key = dataclasses.replace(config, raw="", processed="", thumbnails="", public_url=endpoint_url)
        if key not in clients:
            clients[key] = build_s3_client(config, endpoint_url)
        return clients[key]

    return get_client


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this test run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def models_dir(run_folder: Path) -> Path:
    """Model weights are unpacked once per test run."""
    return run_folder / "models"


@pytest.fixture(scope="session")
def stage_cache_folder(run_folder: Path) -> Path:
    folder = run_folder / "stages"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def cached_stages(stage_cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each stage only once per input, for tests whose subject is not the conversion itself."""
    for name, pipeline in PIPELINES.items():
        stages = tuple(with_cache(stage, stage_cache_folder) for stage in pipeline.stages)
        monkeypatch.setitem(PIPELINES, name, dataclasses.replace(pipeline, stages=stages))


@pytest.fixture(scope="session")
def postgres(testrun_uid: str) -> Iterator[str]:
    """One server for all processes of this test run."""
    with backends.postgres_server(name=testrun_uid) as server:
        yield server.url


@pytest.fixture(scope="session")
def migrated_postgres(postgres: str) -> Iterator[str]:
    """A database at the newest migration; every process has its own."""
    from tests.applications import migrate_database

    with backends.fresh_database(postgres) as url:
        migrate_database(Settings(_env_file=None, database_url=url))
        yield url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.applications import migrate_database

    settings = Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("migrated"))
    migrate_database(settings)
    return settings.data_dir / "lectern.db"


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SQLite database of the shared application; each test begins with a new copy of the migrated one."""
    return tmp_path_factory.mktemp("database") / "lectern.db"


@pytest.fixture
def migrated_data_dir(tmp_path: Path, migrated_sqlite: Path) -> Path:
    """DATA_DIR of a server with an empty, migrated database: migrating takes a second of CPU."""
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copy(migrated_sqlite, folder)
    return folder


@pytest.fixture(scope="session")
def moto() -> Iterator[backends.S3Server]:
    with backends.moto_server() as server:
        yield server


@pytest.fixture
def google() -> Iterator[YouTubeServer]:
    """A local server that imitates Google's sign-in and YouTube."""
    server = YouTubeServer()
    with serve_youtube(server):
        yield server


@pytest.fixture(scope="session")
def rclone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[backends.S3Server]:
    with backends.rclone_server(tmp_path_factory.mktemp("rclone")) as server:
        yield server


@pytest.fixture(scope="session")
def build_settings(models_dir: Path) -> Callable[..., Settings]:
    """Validating settings takes 15 ms of CPU, so the same values are validated once."""
    return functools.cache(functools.partial(Settings, _env_file=None, models_dir=models_dir, rate_limits=False))


@pytest.fixture(params=["sqlite-local", "postgres-s3"])
def settings(request: pytest.FixtureRequest, tmp_path: Path, build_settings: Callable[..., Settings]) -> Settings:
    """Every test with an app runs twice. On S3, half of the tests use one server and half the other."""
    return settings_for(request.param, request, tmp_path, build_settings)


def settings_for(backend: str, request: pytest.FixtureRequest, tmp_path: Path, build_settings: Callable[..., Settings]) -> Settings:
    if backend == "sqlite-local":
        database = request.getfixturevalue("sqlite_file")
        backends.replace_sqlite(database, request.getfixturevalue("migrated_sqlite"))
        return build_settings(database_url=f"sqlite:///{database}").model_copy(update={"data_dir": tmp_path / "data"})
    kind = ("moto", "rclone")[zlib.crc32(request.node.nodeid.encode()) % 2]
    store: backends.S3Server = request.getfixturevalue(kind)
    url = request.getfixturevalue("migrated_postgres")
    backends.empty_database(url)
    keys = {"aws_access_key_id": backends.KEY_ID, "aws_secret_access_key": backends.SECRET}
    common = build_settings(**keys, database_url=url, s3_endpoint_url=store.url)
    return common.model_copy(update={"data_dir": tmp_path / "data", "s3_bucket_name": store.make_bucket()})


@pytest.fixture(scope="session")
def shared_apps() -> Iterator[SharedApps]:
    from tests.applications import SharedApps, probe_with_cache

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("services.library.uploads.probe", probe_with_cache())
        patch.setattr("services.search.indexing._REFRESH_BUDGET_S", 60.0)  # however busy the machine, tests find what they have stored
        yield SharedApps()


@pytest.fixture
def app(settings: Settings, shared_apps: SharedApps) -> Iterator[Flask]:
    """The application over an empty database and store. Tests may change its container, not the application itself."""
    from tests.applications import end_test

    app = shared_apps.get(settings)
    app.extensions["lectern"].make_ready()
    yield app
    end_test(app)


@pytest.fixture
def app_with(app: Flask, settings: Settings) -> Iterator[Callable[..., Flask]]:
    """Build further applications, which serve beside `app` over the same database and store with other settings.

    `runs_all_jobs`: `app` runs none any more, as it has not the settings that they need.
    """
    from tests.applications import build_app, close_app

    apps: list[Flask] = []

    def build(*, runs_all_jobs: bool = False, **changes: Any) -> Flask:
        if runs_all_jobs:
            app.extensions["lectern"].shut_down(wait_s=0)
        apps.append(build_app(settings.model_copy(update=changes)))
        return apps[-1]

    yield build
    for each in apps:
        close_app(each, wait_s=20)


@pytest.fixture(autouse=True)
def no_unexpected_errors(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A logged ERROR fails the test, unless it is marked `@pytest.mark.expects_errors`."""
    yield
    if "expects_errors" in request.keywords:
        return
    messages = [
        record.getMessage() for phase in ("setup", "call") for record in caplog.get_records(phase) if record.levelno >= logging.ERROR
    ]
    assert not messages


class User:
    """A registered user, with the requests that one sends."""

    def __init__(self, app: Flask, email: str) -> None:
        self.http = app.test_client(use_cookies=False)
        self.email = email
        response = self.http.post("/api/v1/auth/register", json={"email": email, "password": PASSWORD, "name": "Ada Lovelace"})
        assert response.status_code == 201, response.text
        self.id: str = response.json["user"]["id"]
        self.tokens: dict[str, Any] = response.json

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens['access_token']}"}

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self.http.get(path, headers=self.headers, **kwargs)

    def post(self, path: str, **kwargs: Any) -> TestResponse:
        return self.http.post(path, headers=self.headers, **kwargs)

    def delete(self, path: str, **kwargs: Any) -> TestResponse:
        return self.http.delete(path, headers=self.headers, **kwargs)

    def open_link(self, url: str, **headers: str) -> Any:
        """Fetch a signed link, which needs no credentials: from the application, or from the S3 server."""
        if url.startswith("http://localhost/"):
            response = self.http.get(url, headers=headers)
            response.content = response.data  # the attribute's name in `requests`
            return response
        return requests.get(url, headers=headers, timeout=30)

    def upload(self, content: bytes | Path, name: str | None = None, *, formats: str | None = "txt", **fields: Any) -> TestResponse:
        """Upload a recording. The default format is made quickly; with `formats=None` the server chooses."""
        if isinstance(content, Path):
            content, name = content.read_bytes(), name or content.name
        form = {"file": (io.BytesIO(content), name or "recording.mp4"), **({"formats": formats} if formats else {}), **fields}
        return self.post("/upload", data=form, content_type="multipart/form-data")

    def wait(self, video_id: str, timeout_s: float = 120) -> dict[str, Any]:
        """Return the status of the recording's job once it is final."""
        deadline, pause_s = time.monotonic() + timeout_s, 0.05
        while time.monotonic() < deadline:
            status: dict[str, Any] = self.get(f"/status/{video_id}").json
            if status["status"] in ("completed", "failed", "cancelled"):
                return status
            time.sleep(pause_s)
            pause_s = min(pause_s * 1.5, 0.5)
        raise AssertionError(f"still {status['status']} after {timeout_s} s: {status}")


@pytest.fixture
def user(app: Flask) -> User:
    return User(app, "ada@example.org")


@pytest.fixture
def stranger(app: Flask) -> User:
    return User(app, "mallory@example.org")


@pytest.fixture
def admin(app: Flask) -> User:
    from database import transaction
    from models import User as UserRow

    admin = User(app, "boss@example.org")
    with app.app_context(), transaction() as session:
        session.get_one(UserRow, admin.id).role = "super_admin"
    return admin


@pytest.fixture
def tiny() -> Path:
    """Fifteen seconds of video, two slides, some spoken sentences."""
    return SAMPLES / "tiny.mp4"


@pytest.fixture
def tiny_subtitles() -> bytes:
    return (SAMPLES / "tiny.srt").read_bytes()


def upload_quick_recording(client: Client, **fields: str) -> dict[str, Any]:
    """Upload a recording that a server converts in a moment: audio with subtitles, made into text."""
    files = {"file": ("tiny.m4a", (SAMPLES / "tiny.m4a").read_bytes()), "subtitles": ("subtitles.srt", (SAMPLES / "tiny.srt").read_bytes())}
    response: dict[str, Any] = client.call("POST", "/upload", files=files, data={"formats": "txt", **fields})
    return response


def list_stored_keys(app: Flask) -> list[str]:
    """Return every key in the application's store."""
    settings = app.extensions["lectern"].settings
    if settings.uses_s3:
        page = backends.s3_client(settings.s3_endpoint_url).list_objects_v2(Bucket=settings.s3_bucket_name)
        return sorted(each["Key"] for each in page.get("Contents", []))
    return list_files(settings.data_dir / "files")


def list_files(folder: Path) -> list[str]:
    """Return the paths of all files below a folder, relative to it."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
