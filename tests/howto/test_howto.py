"""The how-to pages that add something work when their steps are performed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.howto.page import PROJECT, Page, ProjectCopy

pytestmark = [
    pytest.mark.slow("runs linters, tests and commands in a copy of the project"),
    pytest.mark.timeout(600),
]
PAGES = [Page.read(path) for path in sorted((PROJECT / "docs" / "howto").glob("add-*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_page_changes_files_and_runs_tests(page: Page) -> None:
    assert any(block.path for block in page.blocks)
    assert any(command.startswith(".venv/bin/pytest ") for command in page.commands)


def test_the_steps_of_all_pages_work_in_one_project(tmp_path: Path) -> None:
    output = ProjectCopy.make(tmp_path).perform(PAGES)
    assert len(re.findall(r"^\d+ passed", output, re.MULTILINE)) == 2, output
