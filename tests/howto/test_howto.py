"""Every how-to page that adds something works when its steps are performed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.howto.page import PROJECT, ProjectCopy, read_blocks

PAGES = sorted((PROJECT / "docs" / "howto").glob("add-*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_steps_of_the_page_work(page: Path, tmp_path: Path) -> None:
    assert read_blocks(page), "the page has no code blocks that name a file"
    output = ProjectCopy.make(tmp_path).perform(page)
    assert " passed" in output, output
