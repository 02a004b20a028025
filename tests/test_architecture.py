"""Imports go down only, and some modules alone may touch Flask, child processes, AWS, HTTP and the environment."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

from config import PROJECT

RANKS = [
    ["domain", "config", "errors"],
    ["services.tools.clock", "services.tools.records", "services.tools.request_id", "services.tools.tracing"],
    ["database"],
    ["models", "migrations"],
    ["services.tools"],
    ["services.media"],
    [
        "services.storage",
        "services.slides",
        "services.ocr",
        "services.speech_to_text",
        "services.documents",
        "services.subtitles",
        "services.mail",
        "services.identity",
    ],
    ["services.jobs", "services.error_log"],
    ["services"],
    ["schemas", "pipelines"],
    ["bootstrap"],
    ["routes.services", "routes.caller", "routes"],
    ["admin_routes"],
    ["commands", "cli"],
    ["app"],
    ["wsgi", "gunicorn.conf"],
]
ADAPTERS = RANKS[6]
ONLY_IN = {
    "flask": [
        *("app.py", "cli.py", "commands/", "admin_routes.py", "routes/", "database.py", "bootstrap.py", "migrations/"),
        *("pipelines/run_job.py", "pipelines/pulse.py", "services/jobs/thread_executor.py", "services/jobs/janitor.py"),
    ],
    "subprocess": ["services/tools/process.py", "services/tools/child.py"],
    "boto3": ["services/storage/s3.py", "services/identity/cognito.py"],
    "requests": ["services/tools/http_client.py", "services/tools/peer.py"],
}
NOT_OURS = ("tests/", "bench/", "samples/", "scripts/")


def our_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.py"], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    return [Path(name) for name in listed.stdout.split() if not name.startswith(NOT_OURS)]


def imports_of(path: Path) -> set[str]:
    """Full names that a module imports, lazily imported ones included, typing-only ones not."""
    found = set()
    tree = ast.parse((PROJECT / path).read_text())
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def rank_of(name: str) -> int | None:
    """The rank with the longest matching prefix; None for other people's packages."""
    ranked = [
        (len(prefix), rank) for rank, names in enumerate(RANKS) for prefix in names if name == prefix or name.startswith(prefix + ".")
    ]
    return max(ranked)[1] if ranked else None


def module_name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", our_files(), ids=str)
def test_imports_look_down(path: Path) -> None:
    own = rank_of(module_name(path))
    assert own is not None, "a new module needs a rank"
    for name in imports_of(path):
        theirs = rank_of(name)
        assert theirs is None or theirs <= own, f"{path} may not import {name}"


@pytest.mark.parametrize("path", our_files(), ids=str)
def test_adapters_know_neither_each_other_nor_the_database(path: Path) -> None:
    own = next((each for each in ADAPTERS if module_name(path) == each or module_name(path).startswith(each + ".")), None)
    if own is None:
        return
    others = [each for each in [*ADAPTERS, "database", "models"] if each != own]
    for name in imports_of(path):
        assert not any(name == other or name.startswith(other + ".") for other in others), f"{path} may not import {name}"


@pytest.mark.parametrize("path", our_files(), ids=str)
def test_stages_are_pure(path: Path) -> None:
    if not str(path).startswith("pipelines/stages/"):
        return
    for name in imports_of(path):
        assert not name.startswith(("database", "models", "flask", "services.jobs", "structlog", "pipelines.runner")), f"{path}: {name}"


@pytest.mark.parametrize("path", our_files(), ids=str)
def test_some_packages_have_one_door(path: Path) -> None:
    for name in imports_of(path):
        allowed = ONLY_IN.get(name.partition(".")[0])
        assert allowed is None or any(str(path).startswith(place) for place in allowed), f"{path} may not import {name}"


@pytest.mark.parametrize("path", our_files(), ids=str)
def test_only_config_reads_the_environment(path: Path) -> None:
    if str(path) in ("config.py", "services/tools/process.py"):  # the latter passes PATH and the like on to children
        return
    text = (PROJECT / path).read_text()
    assert "os.environ" not in text and "getenv" not in text
