"""The how-to pages that add something work when their steps are performed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.howto.page import PROJECT, Page, ProjectCopy, apply_diff

pytestmark = [
    pytest.mark.slow("runs linters, tests and commands in a copy of the project"),
    pytest.mark.timeout(600),
]
PAGES = [Page.read(path) for path in sorted((PROJECT / "docs" / "howto").glob("add-*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_page_changes_files_and_runs_tests(page: Page) -> None:
    assert any(block.path for block in page.blocks)
    assert any(command.startswith(".venv/bin/pytest ") for command in page.commands)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_is_complete_without_the_others(page: Page) -> None:
    """Its changes fit the project as it is, and it imports no file of another page. The test below performs all pages in one copy."""
    for block in page.blocks:
        if block.language == "diff":
            assert apply_diff((PROJECT / block.path).read_text("utf-8"), block)
    others = {_module(block.path) for other in PAGES if other is not page for block in other.blocks if block.language == "python"}
    imports = {name for block in page.blocks if block.language == "python" for name in _imports(block.text)}
    assert imports and imports & others == set()


def _module(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def _imports(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_steps_of_all_pages_work_in_one_project(tmp_path: Path) -> None:
    output = ProjectCopy.make(tmp_path).perform(PAGES)
    assert len(re.findall(r"^\d+ passed", output, re.MULTILINE)) == 2, output
