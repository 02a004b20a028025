"""Every how-to page that adds something works when its steps are performed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.howto.page import PROJECT, ProjectCopy, read_blocks

pytestmark = [
    pytest.mark.slow("runs linters, tests and commands in a copy of the project"),
    pytest.mark.timeout(600),
]
PAGES = sorted((PROJECT / "docs" / "howto").glob("add-*.md"))


@pytest.fixture(scope="module")
def shared_copy(tmp_path_factory: pytest.TempPathFactory) -> ProjectCopy:
    return ProjectCopy.make(tmp_path_factory.mktemp("project"))


@pytest.fixture
def project(shared_copy: ProjectCopy) -> Iterator[ProjectCopy]:
    yield shared_copy
    shared_copy.restore()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_steps_of_the_page_work(page: Path, project: ProjectCopy) -> None:
    assert read_blocks(page), "the page has no code blocks that name a file"
    output = project.perform(page)
    assert " passed" in output, output
