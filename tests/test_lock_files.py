"""Each installed package has one locked version and a hash. `make lock` must run after a pinned version has changed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config import PROJECT

SOURCES = sorted(PROJECT.glob("requirements*.in"))
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)


def read_pins(path: Path) -> dict[str, str]:
    """Return the versions by normalized package name (PEP 503)."""
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in _PIN.findall(path.read_text())}


def test_all_requirement_files_are_checked() -> None:
    assert len(SOURCES) == 5


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_lock_file_has_the_pinned_versions(source: Path) -> None:
    pins = read_pins(source.with_suffix(".txt"))
    assert {name: version for name, version in read_pins(source).items() if pins.get(name) != version} == {}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_every_locked_package_has_a_hash(source: Path) -> None:
    entries = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"^#.*\n", "", source.with_suffix(".txt").read_text(), flags=re.MULTILINE))
    assert [entry for entry in entries if not re.match(r"[^\n]+==[^\n]+\\\n +--hash=sha256:[0-9a-f]{64}", entry)] == []


def test_packages_that_two_lock_files_share_have_one_version() -> None:
    versions: dict[str, set[str]] = {}
    for source in SOURCES:
        for name, version in read_pins(source.with_suffix(".txt")).items():
            versions.setdefault(name, set()).add(version)
    assert {name: locked_versions for name, locked_versions in versions.items() if len(locked_versions) > 1} == {}


def test_installation_requires_hashes() -> None:
    for name in ("scripts/setup.sh", "Dockerfile"):
        commands = re.findall(r"pip install [^&\n]*", (PROJECT / name).read_text())
        assert commands
        assert [command for command in commands if "--require-hashes" not in command] == [], name
