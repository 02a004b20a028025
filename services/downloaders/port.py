"""The port of the downloaders: what they get, what they return, and the protocol."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lib.address_guard import AddressPolicy
from lib.process import Report


@dataclass(frozen=True)
class LinkOptions:
    """Settings of downloads. `unseal` decrypts the password of a share; it returns None for one that another server has encrypted."""

    allowed_hosts: tuple[str, ...] = ()
    max_duration_s: float = 12 * 3600
    max_height: int = 1080
    js_runtime: str = ""
    cookies_file: str = ""
    drive_url: str = "https://drive.usercontent.google.com"
    unseal: Callable[[str], str | None] = lambda token: None

    @property
    def fingerprint(self) -> str:
        """The same for all options: a finished download stays valid."""
        return ""


@dataclass(frozen=True)
class DownloadRequest:
    """A link, its limits, and what is wanted from it. `language` selects the subtitles; "": that of the recording."""

    url: str
    folder: str
    max_bytes: int
    max_duration_s: float = 12 * 3600
    max_height: int = 1080
    audio_only: bool = False
    password: str = ""
    language: str = ""
    allowed_hosts: tuple[str, ...] = ()
    js_runtime: str = ""
    cookies_file: str = ""
    drive_url: str = ""

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
class Downloaded:
    """A finished download. `files` are names in its folder: one file, or the video and the audio of one recording.

    `filename` is the name that the server gives; `title` is "" unless the site states one. `subtitles` names a file with subtitles that a
    person made, or is "". `page_url` is the address for people.
    """

    files: tuple[str, ...]
    filename: str
    page_url: str
    title: str = ""
    subtitles: str = ""
    chapters: tuple[Chapter, ...] = ()


class Downloader(Protocol):
    """Downloads what one kind of link leads to. It runs in a child process whose connections are restricted."""

    def fetch(self, request: DownloadRequest, report: Report) -> Downloaded | None:
        """Download into the folder, continuing a partial download there; report bytes. None: the link is of another kind.

        Raises LinkUnusable, TooLarge, TooLong and TransientError.
        """
