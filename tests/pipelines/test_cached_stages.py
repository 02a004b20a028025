"""The cache of stages that tests share: it must not answer for a server of another test."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines.engines import Engines
from pipelines.stage import Stage, StageInput, Workspace
from tests.cached_stages import with_cache


@dataclass(frozen=True)
class Service:
    url: str

    @property
    def fingerprint(self) -> str:
        return self.url


@pytest.mark.parametrize(
    ("service_url", "link", "runs"),
    [
        ("https://api.example.org", "https://example.org/a", 1),
        ("http://127.0.0.1:8000", "https://example.org/a", 2),
        ("https://api.example.org", "http://localhost:8000/a", 2),
    ],
)
def test_stages_that_ask_a_local_server_always_run(tmp_path: Path, service_url: str, link: str, runs: int) -> None:
    calls = []

    def ask(stage_input: StageInput) -> None:
        calls.append(stage_input.work.root.name)
        stage_input.work.path("reply.txt").write_text("reply")

    (tmp_path / "cache").mkdir()
    stage = with_cache(Stage("ask", ask, makes=("reply.txt",), uses=("link",), engine=Service), tmp_path / "cache")
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        engines = Engines(1, (Service(service_url),))
        stage.run(StageInput(Workspace(tmp_path / name), {"link": link}, engines, lambda done, total: None, lambda: None))
        assert (tmp_path / name / "reply.txt").read_text() == "reply"
    assert len(calls) == runs
