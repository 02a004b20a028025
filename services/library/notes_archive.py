"""The archive of a recording's notes: later jobs render documents from it, and the page shows its slides.

It is a tar file without compression: first an index of the slides with the byte ranges of their images, then the notes and the images.
One image can therefore be read with a range request, also from an object store.
"""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import errors
from domain import LectureNotes, Slide, TimeRange
from lib.serialization import from_plain, read_json, to_plain
from services.documents.ocr_lines import ocr_lines
from services.library.picture_hash import hash_of
from services.storage import Store

_INDEX, _NOTES, _IMAGES = "slides.json", "notes.json", "images"
_MAX_INDEX_BYTES = 32 * 2**20
_FIRST_READ_BYTES = 64 * 2**10  # holds most indexes


@dataclass(frozen=True)
class ArchivedBuild:
    """A build step of a slide: when it was complete, and the place of its image as in `ArchivedSlide`."""

    time_s: float
    offset: int
    size: int


@dataclass(frozen=True)
class ArchivedSlide:
    """A slide and the place of its image, `offset` and `size` in bytes after the index; `size` is 0 if there is no image.

    `text` is the recognised text, a line for each line of the image. `picture_hash`: see `services/library/picture_hash.py`; older archives
    have neither that nor `builds`.
    """

    number: int
    title: str
    text: str
    width: int
    height: int
    visits: tuple[TimeRange, ...]
    offset: int
    size: int
    picture_hash: str = ""
    builds: tuple[ArchivedBuild, ...] = ()


@dataclass(frozen=True)
class SlideIndex:
    """`source_offset_s` is the time in the recording at which the notes, and with them all times of visits, begin."""

    source_offset_s: float
    slides: tuple[ArchivedSlide, ...]

    def number_at(self, time_s: float) -> int:
        """Return the number of the slide on whose page the words of a time in the recording are; 0 if there are no slides.

        That is the slide shown then, else the one before, else the first one.
        """
        starts = sorted((visit.start_s, slide.number) for slide in self.slides for visit in slide.visits)
        begun = [number for start_s, number in starts if start_s <= time_s - self.source_offset_s]
        return begun[-1] if begun else starts[0][1] if starts else 0


def write(target: Path, folder: Path) -> None:
    """Write the notes and images of `folder` to the tar file `target`. The same content gives the same bytes."""
    files = [folder / _NOTES, *sorted(path for path in (folder / _IMAGES).iterdir() if path.is_file())]
    places: dict[str, tuple[int, int]] = {}
    at = 0
    for path in files:
        size = path.stat().st_size
        places[path.name] = (at + tarfile.BLOCKSIZE, size)
        at += tarfile.BLOCKSIZE + _round_up(size)
    notes = read_json(LectureNotes, folder / _NOTES)
    hashes = {path.name: hash_of(path) for path in files[1:]}
    index = SlideIndex(notes.source_offset_s, tuple(_archive(slide, places, hashes) for slide in notes.slides))
    with tarfile.open(target, "w", format=tarfile.USTAR_FORMAT) as tar:
        _add(tar, _INDEX, json.dumps(to_plain(index), ensure_ascii=False).encode())
        for path in files:
            _add(tar, path.relative_to(folder).as_posix(), path.read_bytes())


def unpack(archive: Path, folder: Path) -> None:
    """Write the notes and images into the folder. Raises StageFailed for other members."""
    images = folder / _IMAGES
    shutil.rmtree(images, ignore_errors=True)
    images.mkdir()
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            is_image = PurePosixPath(member.name).parent.as_posix() == _IMAGES and member.isfile()
            if member.name not in (_INDEX, _NOTES) and not is_image:
                raise errors.StageFailed(f"Unexpected member {member.name} of the archive.")
            if member.name != _INDEX:
                tar.extract(member, folder, filter="data")


def read_language(archive: Path) -> str:
    """Return the language of the notes in an archive."""
    with tarfile.open(archive) as tar:
        notes = tar.extractfile(_NOTES)
        return str(json.load(notes).get("language") or "") if notes else ""


def read_index(store: Store, key: str) -> tuple[SlideIndex, int]:
    """Return the index of a stored archive, and the place in the file from which its offsets count."""
    beginning = b"".join(store.read(key, 0, _FIRST_READ_BYTES))
    member = tarfile.TarInfo.frombuf(beginning[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
    if member.name != _INDEX or member.size > _MAX_INDEX_BYTES:
        raise errors.NotFound("This recording has no index of its slides.", hint="Convert it again.")
    end = tarfile.BLOCKSIZE + member.size
    content = beginning[tarfile.BLOCKSIZE : end]
    if end > len(beginning):
        content += b"".join(store.read(key, len(beginning), end))
    return from_plain(SlideIndex, json.loads(content)), tarfile.BLOCKSIZE + _round_up(member.size)


def _archive(slide: Slide, places: dict[str, tuple[int, int]], hashes: dict[str, str]) -> ArchivedSlide:
    offset, size = places.get(slide.image, (0, 0))
    text = "\n".join(" ".join(word.text for word in line) for line in ocr_lines(slide.ocr))
    visits = tuple(visit.time for visit in slide.visits)
    builds = tuple(ArchivedBuild(each.time_s, *places.get(each.image or "", (0, 0))) for each in slide.builds)
    picture_hash = hashes.get(slide.image, "")
    return ArchivedSlide(slide.number, slide.title, text, slide.width, slide.height, visits, offset, size, picture_hash, builds)


def _round_up(size: int) -> int:
    return -(-size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))
