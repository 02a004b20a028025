"""Streams zip archives: only one block of a file is in memory at a time."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence

import errors

Blocks = Callable[[], Iterator[bytes]]


def stream_zip(texts: Mapping[str, str], files: Sequence[tuple[str, Blocks]]) -> Iterator[bytes]:
    """Yield the bytes of an archive with these texts and files (name and reader). `missing.json` lists files that do not exist.

    Texts are compressed; files are not, because media and documents are compressed already.
    """
    buffer, missing = _Buffer(), []
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in texts.items():
            archive.writestr(name, text, zipfile.ZIP_DEFLATED)
            yield buffer.take()
        for name, read in files:
            try:
                blocks = read()
                first = next(blocks, b"")
            except errors.NotFound:
                missing.append(name)
                continue
            with archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as entry:
                entry.write(first)
                yield buffer.take()
                for block in blocks:
                    entry.write(block)
                    yield buffer.take()
            yield buffer.take()
        if missing:
            archive.writestr("missing.json", json.dumps(missing, ensure_ascii=False, indent=1))
    yield buffer.take()


class _Buffer(io.RawIOBase):
    """Takes what zipfile writes. It is not seekable, so zipfile writes data descriptors (APPNOTE 4.4.4, bit 3)."""

    def __init__(self) -> None:
        self._content = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._content += data
        return len(data)

    def take(self) -> bytes:
        content = bytes(self._content)
        self._content.clear()
        return content
