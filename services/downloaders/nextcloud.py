"""Public shares of Nextcloud, at the WebDAV address of version 29 and later, else at the older one."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ElementTree
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit, urlunsplit

import errors
from lib import http_client
from lib.process import Report
from lib.untrusted_xml import DoctypeForbidden, parse_xml
from services.downloaders import partial_file
from services.downloaders.media_names import is_media_name
from services.downloaders.port import Collection, Download, DownloadRequest, LinkItem, limit_collection

_SHARE = re.compile(r"(?P<base>.*?)(?:/index\.php)?/s/(?P<token>[A-Za-z0-9]{8,32})(?:/download(?:/[^/]*)?)?/?")
_MULTISTATUS = 207
_MAX_LIST_BYTES = 16 * 2**20
_MAX_FOLDERS = 50
_DAV = "{DAV:}"


@dataclass(frozen=True)
class _Share:
    """A share as its link names it. `inner` is the path in the share, of one file or of a folder."""

    origin: str
    base: str
    token: str
    password: str
    inner: tuple[str, ...] = ()

    @property
    def roots(self) -> tuple[tuple[str, str], ...]:
        """The WebDAV addresses of the share with their credentials, the newer one first."""
        newer = f"{self.origin}{self.base}/public.php/dav/files/{self.token}"
        older = f"{self.origin}{self.base}/public.php/webdav"
        return (newer, _basic("anonymous", self.password) if self.password else ""), (older, _basic(self.token, self.password))

    def url_below(self, root: str) -> str:
        return "/".join((root, *(quote(part) for part in self.inner)))

    def link_of(self, path: tuple[str, ...]) -> str:
        """Return the link of one file, as Nextcloud's own page has it."""
        query = urlencode({"path": "/" + "/".join(path[:-1]), "files": path[-1]})
        return f"{self.origin}{self.base}/s/{self.token}/download?{query}"


def _share_of(request: DownloadRequest) -> _Share | None:
    parts = urlsplit(request.url)
    match = _SHARE.fullmatch(parts.path)
    if match is None:
        return None
    query = parse_qs(parts.query)
    file = (query.get("files") or [""])[0]
    folder = (query.get("path") or query.get("dir") or [""])[0]
    inner = tuple(part for part in (*folder.split("/"), file) if part)
    if any(part in (".", "..") for part in inner) or "/" in file:
        raise errors.LinkUnusable("The link has an invalid path.")
    return _Share(urlunsplit((parts.scheme, parts.netloc, "", "", "")), match["base"], match["token"], request.password, inner)


class NextcloudDownloader:
    """Takes links of the form `/s/TOKEN` whose server has one of the two addresses for public shares."""

    def fetch(self, request: DownloadRequest, report: Report) -> Download | None:
        share = _share_of(request)
        if share is None:
            return None
        refusal: errors.LecternError | None = None
        for root, credentials in share.roots:
            url = share.url_below(root)
            try:
                file, filename = partial_file.download(request, url, report, identity=request.url, credentials=credentials, page_bytes=0)
            except (partial_file.NotAFile, errors.LinkNotFound):
                continue
            except errors.LinkPrivate:
                refusal = errors.LinkPasswordNeeded()
                continue
            except errors.ProviderDown as down:  # sabre/dav answers 501 to the GET of a folder
                refusal = errors.LinkIsCollection("It is a folder of Nextcloud.") if " 501" in down.detail else down
                continue
            except errors.LinkUnusable as other:
                refusal = other
                continue
            is_named = filename.rpartition("/")[2] not in (share.token, "webdav")
            return Download((file,), filename if is_named else share.token, request.url)
        if refusal is not None:
            raise refusal
        return None


class NextcloudFolderLister:
    """Takes the same links, and lists the recordings of a shared folder and its subfolders."""

    def list_items(self, request: DownloadRequest) -> Collection | None:
        share = _share_of(request)
        if share is None:
            return None
        refusal: errors.LecternError | None = None
        for root, credentials in share.roots:
            try:
                entries = _read_folder(request, share.url_below(root), credentials)
            except errors.LinkPrivate:
                refusal = errors.LinkPasswordNeeded()
                continue
            except errors.LinkUnusable:
                continue
            if not (entries and entries[0].is_folder):
                name = entries[0].name if entries else ""
                return Collection(name, (LinkItem(request.url, filename=name),))
            return limit_collection(entries[0].name, _items(request, share, root, credentials, entries), request.max_items)
        if refusal is not None:
            raise refusal
        return None


@dataclass(frozen=True)
class _Entry:
    """`path` is the path in the share."""

    path: tuple[str, ...]
    name: str
    is_folder: bool
    size_bytes: int | None


def _read_folder(request: DownloadRequest, url: str, credentials: str) -> list[_Entry]:
    """Return a folder itself and what is in it (RFC 4918, 9.1). Raises LinkUnusable where there is no WebDAV."""
    headers = {"Depth": "1", "User-Agent": partial_file.USER_AGENT}
    with http_client.open_download(url, request.policy, method="PROPFIND", headers=headers, credentials=credentials) as response:
        if response.status != _MULTISTATUS:
            partial_file.raise_for_status(response)
            raise errors.LinkUnusable("The server has no WebDAV at this address.")
        body = response.read(_MAX_LIST_BYTES + 1)
    if len(body) > _MAX_LIST_BYTES:
        raise errors.LinkUnusable(f"The list of the folder has more than {_MAX_LIST_BYTES // 2**20} MiB.")
    try:
        root = parse_xml(body)
    except DoctypeForbidden:
        raise errors.LinkUnusable("The list of the folder defines entities.") from None
    except ElementTree.ParseError as error:
        raise errors.LinkUnusable(f"The list of the folder is not valid XML: {error}.") from None
    prefix = unquote(urlsplit(url).path).rstrip("/")
    return [entry for each in root.iter(f"{_DAV}response") if (entry := _entry(each, prefix)) is not None]


def _entry(element: ElementTree.Element, prefix: str) -> _Entry | None:
    path = unquote(urlsplit(element.findtext(f"{_DAV}href") or "").path).rstrip("/")
    if path != prefix and not path.startswith(f"{prefix}/"):
        return None
    properties = next(element.iter(f"{_DAV}prop"), None)
    if properties is None:
        return None
    inner = tuple(part for part in path[len(prefix) :].split("/") if part)
    size = properties.findtext(f"{_DAV}getcontentlength") or ""
    return _Entry(
        path=inner,
        name=properties.findtext(f"{_DAV}displayname") or (inner or (path.rpartition("/")[2],))[-1],
        is_folder=properties.find(f"{_DAV}resourcetype/{_DAV}collection") is not None,
        size_bytes=int(size) if size.isascii() and size.isdigit() and len(size) < 16 else None,
    )


def _items(request: DownloadRequest, share: _Share, root: str, credentials: str, first: list[_Entry]) -> Iterator[LinkItem]:
    """Yield the recordings of a folder by name, then those of its subfolders."""
    folders_to_read, folders = deque([(share.inner, first)]), 1
    while folders_to_read:
        parent, entries = folders_to_read.popleft()
        for entry in sorted(entries[1:], key=lambda each: each.path):
            path = (*parent, *entry.path)
            if entry.is_folder and folders < _MAX_FOLDERS:
                folders += 1
                url = "/".join((root, *(quote(part) for part in path)))
                folders_to_read.append((path, _read_folder(request, url, credentials)))
            elif not entry.is_folder and is_media_name(path[-1]):
                yield LinkItem(share.link_of(path), filename=path[-1], size_bytes=entry.size_bytes)


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
