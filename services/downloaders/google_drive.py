"""Files of Google Drive: large ones are preceded by a page with a form that confirms the download without a virus scan."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit

import errors
from lib.process import Report
from services.downloaders import partial_file
from services.downloaders.port import Download, DownloadRequest

HOSTS = ("drive.google.com", "docs.google.com", "drive.usercontent.google.com")
_FILE_ID = re.compile(r"/(?:file|document|presentation)/(?:u/\d+/)?d/([\w-]{10,})|[?&]id=([\w-]{10,})")
_FOLDER = re.compile(r"/drive/(?:u/\d+/)?folders/")
_QUOTA = re.compile("quota exceeded|too many users have viewed", re.IGNORECASE)
SIGN_IN_HOST = "accounts.google.com"


class GoogleDriveDownloader:
    """Takes links to files of Google Drive that are shared with everybody who has the link."""

    def fetch(self, request: DownloadRequest, report: Report) -> Download | None:
        parts = urlsplit(request.url)
        if parts.hostname not in HOSTS:
            return None
        if _FOLDER.search(parts.path):
            raise errors.LinkIsCollection("It is a folder of Google Drive.")
        match = _FILE_ID.search(request.url)
        if match is None:
            raise errors.LinkUnusable("It is not the link of a file in Google Drive.")
        file_id = match[1] or match[2]
        url = f"{request.drive_url.rstrip('/')}/download?{urlencode({'id': file_id, 'export': 'download'})}"
        file, filename = self._download(request, url, f"drive:{file_id}", report)
        return Download((file,), filename, request.url, source_id=f"drive {file_id}")

    def _download(self, request: DownloadRequest, url: str, identity: str, report: Report) -> tuple[str, str]:
        try:
            return partial_file.download(request, url, report, identity=identity)
        except partial_file.NotAFile as page:
            confirmed_url = _confirmation_url(page)
        try:
            return partial_file.download(request, confirmed_url, report, identity=identity)
        except partial_file.NotAFile as page:
            raise _error_of(page) from None


class _FormReader(HTMLParser):
    """Reads the form with the id `download-form`: its action and its hidden fields."""

    def __init__(self) -> None:
        super().__init__()
        self.action, self.fields = "", dict[str, str]()
        self._is_inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and values.get("id") == "download-form":
            self.action, self._is_inside = values.get("action", ""), True
        elif tag == "input" and self._is_inside and values.get("type") == "hidden":
            self.fields[values.get("name", "")] = values.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_inside = False


def _confirmation_url(page: partial_file.NotAFile) -> str:
    """Return the URL that the form of the page leads to. Raises LinkUnusable or ProviderBusy if there is none."""
    reader = _FormReader()
    reader.feed(page.page)
    if not reader.action:
        raise _error_of(page)
    return f"{urljoin(page.url, reader.action)}?{urlencode(reader.fields)}"


def _error_of(page: partial_file.NotAFile) -> errors.LecternError:
    if _QUOTA.search(page.page):
        return errors.ProviderBusy("Google Drive: too many downloads of this file; it is available again within a day.")
    if urlsplit(page.url).hostname == SIGN_IN_HOST:
        return errors.LinkPrivate("Google Drive asks to sign in.")
    return errors.LinkUnusable("Google Drive sent a page instead of the file.")
