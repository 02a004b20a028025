"""Folders of Google Drive, read from the page that other sites embed: it lists all files and needs no key of an API."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urlencode, urlsplit

import errors
from lib import http_client
from services.downloaders.google_drive import HOSTS, SIGN_IN_HOST
from services.downloaders.media_names import is_media_name
from services.downloaders.partial_file import USER_AGENT, raise_for_status
from services.downloaders.port import Collection, DownloadRequest, LinkItem, limit_collection

_FOLDER_ID = re.compile(r"/drive/(?:u/\d+/)?folders/([\w-]{10,})|/embeddedfolderview\?(?:.*&)?id=([\w-]{10,})")
_ENTRY_LINK = re.compile(r"/file/d/([\w-]{10,})|/folders/([\w-]{10,})")
_MAX_PAGE_BYTES = 8 * 2**20
_MAX_FOLDERS = 50


class DriveFolderLister:
    """Takes links to folders of Google Drive that are shared with everybody who has the link; reads their subfolders too."""

    def list_items(self, request: DownloadRequest) -> Collection | None:
        match = _FOLDER_ID.search(request.url)
        if urlsplit(request.url).hostname not in HOSTS or match is None:
            return None
        first = _read(request, match[1] or match[2])
        return limit_collection(first.title, _items(request, first), request.max_items)


class _FolderReader(HTMLParser):
    """Reads a folder's title, and the address and name of each entry."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self.entries: list[tuple[str, str]] = []
        self._address, self._field = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "a":
            self._address = values.get("href", "")
        self._field = "title" if tag == "title" else "name" if "flip-entry-title" in values.get("class", "").split() else ""

    def handle_endtag(self, tag: str) -> None:
        self._field = ""

    def handle_data(self, data: str) -> None:
        if self._field == "title":
            self.title += data
        elif self._field == "name" and self._address:
            self.entries.append((self._address, data))
            self._address = ""


def _read(request: DownloadRequest, folder_id: str) -> _FolderReader:
    url = f"{request.drive_pages_url.rstrip('/')}/embeddedfolderview?{urlencode({'id': folder_id})}"
    with http_client.open_download(url, request.policy, headers={"User-Agent": USER_AGENT}) as response:
        raise_for_status(response)
        if urlsplit(response.url).hostname == SIGN_IN_HOST:
            raise errors.LinkPrivate("Google Drive asks to sign in.")
        reader = _FolderReader()
        reader.feed(response.text(_MAX_PAGE_BYTES))
    return reader


def _items(request: DownloadRequest, first: _FolderReader) -> Iterator[LinkItem]:
    """Yield the recordings of a folder, then those of its subfolders."""
    folders_to_read, visited_ids = deque([first]), set[str]()
    while folders_to_read:
        for address, name in folders_to_read.popleft().entries:
            match = _ENTRY_LINK.search(address)
            if match is None:
                continue
            file_id, folder_id = match.groups()
            if file_id and is_media_name(name):
                url = f"https://drive.google.com/file/d/{file_id}/view"
                yield LinkItem(url, filename=name.strip(), source_id=f"drive {file_id}")
            elif folder_id and folder_id not in visited_ids and len(visited_ids) < _MAX_FOLDERS:
                visited_ids.add(folder_id)
                folders_to_read.append(_read(request, folder_id))
