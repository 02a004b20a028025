"""Parts of files."""

from __future__ import annotations

import os
from pathlib import Path

from lib.part_of_file import PartOfFile


def test_a_part_ends_before_the_file_does(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(range(100)))
    part = PartOfFile(path, 10, 20)
    assert os.lseek(part.fileno(), 0, os.SEEK_CUR) == 10  # where sendfile(2) begins
    assert part.read(4) + part.read() + part.read(5) == bytes(range(10, 20))
    part.close()
    beyond = PartOfFile(path, 90, 200)
    assert beyond.read(1000) == bytes(range(90, 100)) and beyond.read(1000) == b""
    beyond.close()
