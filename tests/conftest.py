"""What every test may ask for: an app of its own, a user of it, and small real recordings."""

from __future__ import annotations

import functools
import gc
import io
import logging
import os
import shutil
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from argon2 import PasswordHasher
from botocore.loaders import JSONFileLoader
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from config import PROJECT, Settings
from pipelines.registry import PIPELINES
from scripts import backends as servers
from scripts.client import Client
from tests.cached_stages import cached

SAMPLES = PROJECT / "samples"
PASSWORD = "correct horse battery"


# Those that wait for servers of their own: begun first, so that no process sits over one of them at the end.
_LONGEST = (
    *("test_server", "services/test_celery", "test_starts", "routes/test_lectures", "web/test_page", "test_chaos", "routes/test_events"),
    *("routes/test_worker", "test_api_conformance", "test_convert_command", "routes/test_notices", "test_several_machines"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = {f"tests/{name}.py": number for number, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: order.get(item.nodeid.partition("::")[0], len(order)))


@pytest.fixture(scope="session", autouse=True)
def quick_starts() -> Iterator[None]:
    """Every test has an app, a store and users of its own: routes and S3's model are compiled once, passwords hashed lightly.

    Apps come and go whole, so that garbage is looked for less often (gc.set_threshold): a sixth of the tests' CPU.
    """
    gc.set_threshold(50_000, 20, 20)
    compiled: dict[tuple[object, ...], Callable[..., Any]] = {}
    compile_builder = Rule._compile_builder
    load_file = functools.cache(JSONFileLoader().load_file)

    def remembered(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
        key = (tuple(rule._trace), repr(rule.defaults), append_unknown)
        if key not in compiled:
            compiled[key] = compile_builder(rule, append_unknown)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", remembered)
        patch.setattr(JSONFileLoader, "load_file", lambda _, path: load_file(path))
        patch.setattr("services.accounts.passwords._hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield


@pytest.fixture(scope="session")
def models_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Model weights are unpacked once for all tests."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def stage_cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all processes that run tests."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "stages"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def cached_stages(stage_cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that are about what surrounds a conversion: each stage runs once for each input, and never after that."""
    for name, stages in PIPELINES.items():
        monkeypatch.setitem(PIPELINES, name, tuple(cached(stage, stage_cache_folder) for stage in stages))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with servers.postgres_server() as server:
        yield server.url


@pytest.fixture(scope="session")
def migrated_postgres(postgres: str) -> Iterator[str]:
    """A database at the newest migration, emptied before each test that asks for one of its own."""
    with servers.fresh_database(postgres) as url:
        bring_up(Settings(_env_file=None, database_url=url))
        yield url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("migrated"))
    bring_up(settings)
    return settings.data_dir / "lectern.db"


def bring_up(settings: Settings) -> None:
    from app import create_app
    from bootstrap import migrate
    from database import db

    app = create_app(settings)
    migrate(app, settings)
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def moto() -> Iterator[servers.S3Server]:
    with servers.moto_server() as server:
        yield server


@pytest.fixture(scope="session")
def rclone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.S3Server]:
    with servers.rclone_server(tmp_path_factory.mktemp("rclone")) as server:
        yield server


@pytest.fixture(params=["sqlite-local", "postgres-s3"])
def settings(request: pytest.FixtureRequest, tmp_path: Path, models_dir: Path) -> Iterator[Settings]:
    """Every test with an app runs twice. On S3, half of the tests meet one server and half the other."""
    here = {"_env_file": None, "data_dir": tmp_path / "data", "models_dir": models_dir, "rate_limits": False}
    if request.param == "sqlite-local":
        (tmp_path / "data").mkdir()
        shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "data")
        yield Settings(**here)
        return
    kind = ("moto", "rclone")[zlib.crc32(request.node.nodeid.encode()) % 2]
    store: servers.S3Server = request.getfixturevalue(kind)
    url = request.getfixturevalue("migrated_postgres")
    servers.empty_database(url)
    keys = {"aws_access_key_id": servers.KEY_ID, "aws_secret_access_key": servers.SECRET}
    yield Settings(**here, **keys, database_url=url, s3_endpoint_url=store.url, s3_bucket_name=store.make_bucket())


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    from app import create_app

    made = create_app(settings)
    made.test_client_class = BufferedClient
    services = made.extensions["lectern"]
    services.make_ready()
    yield made
    services.shut_down(wait_s=0)
    with made.app_context():
        from database import db

        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app_with(app: Flask, settings: Settings) -> Iterator[Callable[..., Flask]]:
    """Further apps over the same database and store, with other settings."""
    from app import create_app

    made: list[Flask] = []

    def make(**changes: Any) -> Flask:
        made.append(create_app(settings.model_copy(update=changes)))
        made[-1].test_client_class = BufferedClient
        return made[-1]

    yield make
    for each in made:
        each.extensions["lectern"].shut_down(wait_s=20)
        with each.app_context():
            from database import db

            db.session.remove()
            db.engine.dispose()


@pytest.fixture(autouse=True)
def no_unexpected_errors(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A logged ERROR fails the test, unless it is marked `@pytest.mark.expects_errors`."""
    yield
    if "expects_errors" in request.keywords:
        return
    logged = [record.getMessage() for when in ("setup", "call") for record in caplog.get_records(when) if record.levelno >= logging.ERROR]
    assert not logged


class BufferedClient(FlaskClient):
    """Reads answers to their end, so that files behind them are closed."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return super().open(*args, **{"buffered": True, **kwargs})


class User:
    """Somebody with an account, who speaks HTTP."""

    def __init__(self, app: Flask, email: str) -> None:
        self.http = app.test_client(use_cookies=False)
        self.email = email
        answer = self.http.post("/api/v1/auth/register", json={"email": email, "password": PASSWORD, "name": "Ada Lovelace"})
        assert answer.status_code == 201, answer.text
        self.id: str = answer.json["user"]["id"]
        self.tokens: dict[str, Any] = answer.json

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
        """What opens without a header of ours: on this server, or on the store's."""
        if url.startswith("http://localhost/"):
            answer = self.http.get(url, headers=headers)
            answer.content = answer.data  # as `requests` calls it
            return answer
        return requests.get(url, headers=headers, timeout=30)

    def upload(self, content: bytes | Path, name: str | None = None, *, formats: str | None = "txt", **fields: Any) -> TestResponse:
        """`formats`: one that is made quickly, where a test does not say more; None: as the server does by itself."""
        if isinstance(content, Path):
            content, name = content.read_bytes(), name or content.name
        form = {"file": (io.BytesIO(content), name or "recording.mp4"), **({"formats": formats} if formats else {}), **fields}
        return self.post("/upload", data=form, content_type="multipart/form-data")

    def wait(self, video_id: str, patience_s: float = 120) -> dict[str, Any]:
        until = time.monotonic() + patience_s
        while time.monotonic() < until:
            status: dict[str, Any] = self.get(f"/status/{video_id}").json
            if status["status"] in ("completed", "failed", "cancelled"):
                return status
            time.sleep(0.1)
        raise AssertionError(f"still {status['status']} after {patience_s} s: {status}")


@pytest.fixture
def user(app: Flask) -> User:
    return User(app, "ada@example.org")


@pytest.fixture
def stranger(app: Flask) -> User:
    return User(app, "mallory@example.org")


@pytest.fixture
def admin(app: Flask) -> User:
    from database import transaction
    from models import User as Row

    boss = User(app, "boss@example.org")
    with app.app_context(), transaction() as writing:
        writing.get_one(Row, boss.id).role = "super_admin"
    return boss


@pytest.fixture
def tiny() -> Path:
    """Fifteen seconds of video, two slides, some spoken sentences."""
    return SAMPLES / "tiny.mp4"


@pytest.fixture
def tiny_subtitles() -> bytes:
    return (SAMPLES / "tiny.srt").read_bytes()


def send_quick(client: Client, **fields: str) -> dict[str, Any]:
    """A recording whose conversion by a server takes hardly any time: sound with subtitles, made into text."""
    files = {"file": ("tiny.m4a", (SAMPLES / "tiny.m4a").read_bytes()), "subtitles": ("given.srt", (SAMPLES / "tiny.srt").read_bytes())}
    answer: dict[str, Any] = client.call("POST", "/upload", files=files, data={"formats": "txt", **fields})
    return answer


def kept_keys(app: Flask) -> list[str]:
    """Every key in the app's store."""
    services = app.extensions["lectern"]
    if services.settings.uses_s3:
        listed = servers.s3_client(services.settings.s3_endpoint_url).list_objects_v2(Bucket=services.settings.s3_bucket_name)
        return sorted(each["Key"] for each in listed.get("Contents", []))
    return files_below(services.settings.data_dir / "files")


def files_below(folder: Path) -> list[str]:
    """Names of all files below a folder, to see that nothing is left behind."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
