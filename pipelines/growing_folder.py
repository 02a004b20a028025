"""Folders whose files grow, in pieces: each archive has what was written since the one before, so that nothing is stored twice."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from pathlib import Path, PurePosixPath
from typing import IO

_NAMES = "names.json"  # the first member: all files that the folder had
_TAIL_BYTES = 4096  # by which a file that has grown is told from another one of its name
_FileState = tuple[int, bytes]  # size in bytes, and the last ones of them


class GrowingFolder:
    """A folder, and how much of its files the archives so far have."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._saved_states: dict[str, _FileState] = {}

    def pack(self, archive: Path) -> bool:
        """Write the new files into an archive; return False, without writing one, if there are none."""
        states = {path.relative_to(self._folder).as_posix(): _state(path) for path in sorted(self._folder.rglob("*")) if path.is_file()}
        if states == self._saved_states:
            return False
        with tarfile.open(archive, "w") as tar:
            names = json.dumps(list(states)).encode()
            _add(tar, _NAMES, io.BytesIO(names), len(names))
            for name, (size, _) in states.items():
                start, tail = self._saved_states.get(name, (0, b""))
                with (self._folder / name).open("rb") as file:
                    if start > size or _tail_at(file, start) != tail:
                        start = 0
                    if start == size > 0:
                        continue
                    file.seek(start)
                    _add(tar, f"{start}/{name}", file, size - start)
        self._saved_states = states
        return True


def unpack(archive: Path, folder: Path) -> None:
    """Apply an archive to the folder as the archives before it have left it. Raises TarError for one that does not fit."""
    with tarfile.open(archive) as tar:
        first = tar.next()
        content = tar.extractfile(first) if first is not None and first.name == _NAMES else None
        if content is None:
            raise tarfile.TarError("no list of names")
        names = set(json.load(content))
        while (member := tar.next()) is not None:
            start, _, name = member.name.partition("/")
            source = tar.extractfile(member)
            if source is None or name not in names or ".." in PurePosixPath(name).parts or not start.isdecimal():
                raise tarfile.TarError("unexpected members")
            _write(folder / name, int(start), source)
    for path in list(folder.rglob("*")):
        if path.is_file() and path.relative_to(folder).as_posix() not in names:
            path.unlink()


def _write(target: Path, start: int, source: IO[bytes]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if start == 0:
        target.unlink(missing_ok=True)
    elif not target.is_file() or target.stat().st_size < start:
        raise tarfile.TarError("an archive is missing")
    with target.open("r+b" if start else "wb") as file:
        file.seek(start)
        shutil.copyfileobj(source, file)


def _add(tar: tarfile.TarFile, name: str, content: IO[bytes], size: int) -> None:
    member = tarfile.TarInfo(name)
    member.size = size
    tar.addfile(member, content)


def _state(path: Path) -> _FileState:
    with path.open("rb") as file:
        size = file.seek(0, io.SEEK_END)
        return size, _tail_at(file, size)


def _tail_at(file: IO[bytes], end: int) -> bytes:
    start = max(0, end - _TAIL_BYTES)
    file.seek(start)
    return file.read(end - start)
