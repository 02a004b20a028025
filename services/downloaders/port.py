"""The port of the downloaders: what they get, what they return, and the protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from lib.address_guard import AddressPolicy
from lib.process import Report

_MAX_TEXT_LENGTH = 5000  # of a title or a file name


@dataclass(frozen=True)
class LinkOptions:
    """Settings of downloads. `unseal` decrypts the password of a share; it returns None for one that another server has encrypted."""

    allowed_hosts: tuple[str, ...] = ()
    max_duration_s: float = 12 * 3600
    max_height: int = 1080
    min_bytes_per_s: int = 0
    js_runtime: str = ""
    cookies_file: str = ""
    drive_url: str = "https://drive.usercontent.google.com"
    drive_pages_url: str = "https://drive.google.com"
    unseal: Callable[[str], str | None] = lambda token: None

    @property
    def fingerprint(self) -> str:
        """The same for all options: a finished download stays valid."""
        return ""


@dataclass(frozen=True)
class DownloadRequest:
    """A link to download, with limits and options. `language` selects the subtitles; "": that of the recording.

    `max_items` bounds the list of a collection. `cookies` is the text of a Netscape file, which replaces `cookies_file`.
    """

    url: str
    folder: str = ""
    max_bytes: int = 0
    max_duration_s: float = 12 * 3600
    max_height: int = 1080
    audio_only: bool = False
    password: str = ""
    language: str = ""
    allowed_hosts: tuple[str, ...] = ()
    js_runtime: str = ""
    cookies_file: str = ""
    cookies: str = field(default="", repr=False)
    drive_url: str = ""
    drive_pages_url: str = ""
    max_items: int = 0

    @property
    def policy(self) -> AddressPolicy:
        return AddressPolicy(allowed_hosts=self.allowed_hosts)

    def path(self, name: str) -> Path:
        """Return the path of a file in the download's folder."""
        return Path(self.folder) / name


@dataclass(frozen=True)
class Chapter:
    start_s: float
    title: str


@dataclass(frozen=True)
class Download:
    """A finished download. `files` are names in its folder: one file, or the video and the audio of one recording.

    `filename` is the name that the server gives; `title` is "" unless the site states one. `subtitles` names a file with subtitles that a
    person made, `poster` one with a JPEG; both may be "". `page_url` is the address for people, `source_id` the site's own identifier of
    the recording, or "".
    """

    files: tuple[str, ...]
    filename: str
    page_url: str
    title: str = ""
    subtitles: str = ""
    poster: str = ""
    description: str = ""
    chapters: tuple[Chapter, ...] = ()
    source_id: str = ""


@dataclass(frozen=True)
class LinkItem:
    """A recording of a collection. `title` is stated by the site; a file has a `filename` instead.

    `source_id` identifies the recording where several links lead to it, or is "".
    """

    url: str
    title: str = ""
    filename: str = ""
    source_id: str = ""
    duration_s: float | None = None
    size_bytes: int | None = None


@dataclass(frozen=True)
class Collection:
    """The recordings of a playlist, feed or folder, in its order. `is_truncated`: there are more than the request allows."""

    title: str
    items: tuple[LinkItem, ...]
    is_truncated: bool = False


class Downloader(Protocol):
    """Downloads what one kind of link leads to. It runs in a child process whose connections are restricted."""

    def fetch(self, request: DownloadRequest, report: Report) -> Download | None:
        """Download into the folder, continuing a partial download there; report bytes. None: the link is of another kind.

        Raises LinkUnusable, TooLarge, TooLong and TransientError.
        """


class Lister(Protocol):
    """Lists what one kind of link leads to. It runs like a downloader."""

    def list_items(self, request: DownloadRequest) -> Collection | None:
        """Return the recordings of a collection, at most `max_items`. None: the link is of another kind.

        Raises LinkUnusable and TransientError.
        """


def limit_collection(title: str, items: Iterable[LinkItem], max_items: int) -> Collection:
    """Return a collection of the first items, each once. Long texts are cut: an entity of a feed expands to megabytes."""
    distinct: dict[str, LinkItem] = {}
    for item in items:
        item = replace(item, title=item.title[:_MAX_TEXT_LENGTH], filename=item.filename[:_MAX_TEXT_LENGTH])
        distinct.setdefault(item.source_id or item.url, item)
        if len(distinct) > max_items:
            break
    return Collection(title[:_MAX_TEXT_LENGTH], tuple(distinct.values())[:max_items], len(distinct) > max_items)
