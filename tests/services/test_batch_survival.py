"""A batch whose server or remote worker is killed during a download: all recordings arrive."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from scripts.client import Client
from scripts.program import Program
from scripts.server import Server
from tests.link_server import MEDIA, LinkServer, link_server
from tests.waiting import wait_for

pytestmark = pytest.mark.slow("starts servers and workers, and kills them")

KEY = "the key that workers have, long enough"


@pytest.fixture(scope="module")
def site() -> Iterator[LinkServer]:
    with link_server() as server:
        yield server


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as programs:
        yield programs


@pytest.mark.timeout(300)
@pytest.mark.parametrize("executor", ["threads", "remote"])
def test_a_batch_survives_a_kill(executor: str, stack: ExitStack, site: LinkServer, tmp_path: Path, migrated_sqlite: Path) -> None:
    shutil.copy(migrated_sqlite, tmp_path)
    variables = {"DATA_DIR": str(tmp_path), "LEASE_S": "5", "LINK_ALLOWED_HOSTS": site.host, "LINK_BATCH_PAUSE_S": "0"}
    if executor == "remote":
        variables |= {"JOB_EXECUTOR": "remote", "WORKER_API_KEY": KEY}
    server = stack.enter_context(Server(tmp_path, variables))
    program: Program = server
    if executor == "remote":
        command = ["-m", "flask", "--app", "app", "worker", server.url, "--name", "far", "--every", "0.2"]
        worker = {"DATA_DIR": str(tmp_path / "worker"), "WORKER_API_KEY": KEY, "LINK_ALLOWED_HOSTS": site.host}
        program = stack.enter_context(Program(command, worker, tmp_path / "worker.log"))
    client = Client(server.url)
    client.register()

    site.reset()
    site.is_slow = True
    body = {"url": f"{site.url}/course", "formats": ["txt"], "language": "en"}
    batch_id = client.call("POST", "/api/v1/batches", json=body)["id"]

    def batch() -> Any:
        return client.call("GET", f"/api/v1/batches/{batch_id}")

    wait_for(lambda: any(item["state"] == "downloading" and item["progress"] > 0 for item in batch()["items"]))
    program.kill()
    site.is_slow = False
    program.start()
    wait_for(lambda: batch()["state"] in ("completed", "failed"))
    final_batch = batch()
    assert final_batch["counts"] == {"completed": 2}, final_batch
    recordings = client.call("GET", "/api/v1/recordings")["recordings"]
    assert sorted((each["title"], each["size_bytes"]) for each in recordings) == [("First", len(MEDIA)), ("Second", len(MEDIA))]
