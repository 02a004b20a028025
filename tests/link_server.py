"""A server that imitates sites with recordings: files, pages with players, feeds, a catalogue of Mediasite, Drive, Nextcloud."""

from __future__ import annotations

import base64
import contextlib
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import cv2
import numpy as np

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
MEDIA = (SAMPLES / "tiny.m4a").read_bytes()
VIDEO = (SAMPLES / "tiny.mp4").read_bytes()
SRT = (SAMPLES / "tiny.srt").read_bytes()
VTT = ("WEBVTT\n\n" + re.sub(r"(\d),(\d{3})", r"\1.\2", (SAMPLES / "tiny.srt").read_text())).encode()
POSTER = cv2.imencode(".png", np.full((360, 640, 3), 90, np.uint8))[1].tobytes()
DRIVE_ID = "1AbCdEfGhIjKlMnOpQrSt"
TOKEN = "aB3dE6gH9kLmN2p"
PASSWORD = "open sesame"
FOLDER_ID, SUBFOLDER_ID = "1FoLdErFoLdErFoLdEr", "1SuBfOlDeRsUbFoLdEr"
CATALOG_ID, LECTURE_IDS = f"{1:032x}21", (f"{2:032x}1d", f"{3:032x}1d")
"""A catalogue of Mediasite, which yt-dlp knows on any host, and its lectures."""

FOLDER_TOKEN = "fOlD3rT0kEn99"
FOLDER = {"": ["Week 1", "intro \u00e4.m4a", "notes.txt"], "Week 1": ["talk.m4a"]}
"""The share FOLDER_TOKEN of Nextcloud: names in each folder."""

_PLAYER = """<html><head><title>{title}</title></head><body><video controls>{sources}
<track kind="subtitles" srclang="en" label="English" src="/subtitles.{subtitles}"></video></body></html>"""
_CHAPTERS = """<html><head><title>x</title><script type="application/ld+json">{"@context": "https://schema.org", "@type": "VideoObject",
"name": "Trees", "description": "Two\\nlines", "thumbnailUrl": "URL/poster.png", "contentUrl": "URL/files/t.m4a",
"hasPart": [{"@type": "Clip", "name": "Welcome", "startOffset": 0, "endOffset": 8}, {"@type": "Clip", "name": "Roots & leaves",
"startOffset": 8, "endOffset": 16}]}</script></head><body>A lecture</body></html>"""
_CONFIRM = """<html><body><p>Google Drive can't scan this file for viruses.</p>
<form id="download-form" action="{action}" method="get"><input type="hidden" name="id" value="{id}"><input type="hidden" name="export"
value="download"><input type="hidden" name="confirm" value="t"><input type="hidden" name="uuid" value="7-8"></form></body></html>"""
_RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel>
<title>Lectures on the air</title>
<item><title>One</title><guid isPermaLink="false">ep-1</guid><itunes:duration>1:02:03</itunes:duration>
<enclosure url="{url}/files/one.m4a?token=1" length="74109" type="audio/mp4"/></item>
<item><title>No file</title><link>{url}/player</link></item>
<item><title>Two &amp; more</title><guid isPermaLink="false">ep-2</guid><itunes:duration>90</itunes:duration>
<enclosure url="/files/two 2.m4a" type=""/></item>
<item><title>One again</title><guid isPermaLink="false">ep-1</guid><enclosure url="{url}/files/one.m4a?token=2" type="audio/mp4"/></item>
</channel></rss>"""
_COURSE = """<rss version="2.0"><channel><title>A course with subtitles</title>
<item><title>First</title><enclosure url="{url}/player?n=1" type="audio/mp4"/></item>
<item><title>Second</title><enclosure url="{url}/player?n=2" type="audio/mp4"/></item></channel></rss>"""
_ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Talks</title><id>x</id>
<entry><title>First</title><id>urn:1</id><link rel="enclosure" type="audio/mp4" href="{url}/files/first.m4a"/></entry></feed>"""
_DRIVE_ENTRY = """<div class="flip-entry" id="entry-{id}"><div class="flip-entry-info"><a target="_blank"
href="https://drive.google.com/{path}"><div class="flip-entry-visual"></div><div class="flip-entry-title">{name}</div></a></div></div>"""
_DAV_ENTRY = """<d:response><d:href>{href}</d:href><d:propstat><d:prop><d:resourcetype>{kind}</d:resourcetype>{size}</d:prop>
<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"""


class LinkServer:
    """`requests` lists method, path and selected headers. `cut_after`: bytes after which the next download breaks off, once."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.cut_after: int | None = None
        self.etag = '"v1"'
        self.is_slow = False
        self.media = MEDIA
        self.subtitles = VTT
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                with contextlib.suppress(ConnectionError):
                    server.answer(self)

            def do_HEAD(self) -> None:
                self.do_GET()

            def do_PROPFIND(self) -> None:
                self.do_GET()

            def do_POST(self) -> None:
                self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.do_GET()

            def log_message(self, *_: Any) -> None:
                """Stay silent."""

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, *_: Any) -> None:
                """Clients may close their connections at any time."""

        self._http = Quiet(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.port = self._http.server_port
        self.host = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.host}"
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def reset(self) -> None:
        self.requests.clear()
        self.cut_after, self.etag, self.is_slow, self.media, self.subtitles = None, '"v1"', False, MEDIA, VTT

    def answer(self, handler: Any) -> None:
        path, query = urlsplit(handler.path).path, parse_qs(urlsplit(handler.path).query)
        routes: tuple[tuple[str, Callable[..., None]], ...] = (
            (r"/files/.*\.m4a", self._file),
            (r"/video\.mp4", lambda handler: self._send(handler, 200, VIDEO, "video/mp4")),
            (r"/subtitles\.vtt", lambda handler: self._send(handler, 200, self.subtitles, "text/vtt")),
            (r"/subtitles\.srt", lambda handler: self._send(handler, 200, SRT, "text/plain")),
            (r"/player", lambda handler: self._player(handler, "vtt")),
            (r"/srt-player", lambda handler: self._player(handler, "srt")),
            (r"/chapters", lambda handler: self._page(handler, _CHAPTERS.replace("URL", self.url))),
            (r"/poster\.png", lambda handler: self._send(handler, 200, POSTER, "image/png")),
            (r"/two-players", self._two_players),
            (r"/Mediasite/(Catalog/Full|Play)/\w+", lambda handler: self._page(handler, "<html><body>Mediasite</body></html>")),
            (r"/Mediasite/Catalog/Data/GetPresentationsForFolder", self._catalog),
            (r"/Mediasite/PlayerService/PlayerService\.svc/json/GetPlayerOptions", self._presentation),
            (r"/status/\d+", lambda handler: self._send(handler, int(path.rpartition("/")[2]), b"no", "text/plain")),
            (r"/redirect", lambda handler: self._redirect(handler, query["to"][0], int(query.get("status", ["302"])[0]))),
            (r"/segments/\d+-\d+\.m4s", lambda handler: self._segment(handler, path)),
            (r"/content/.*", lambda handler: self._send(handler, 200, query["text"][0].encode(), query["type"][0])),
            (r"/stream\.m3u8", lambda handler: self._send(handler, 200, query["text"][0].encode(), "application/vnd.apple.mpegurl")),
            (r"/feed", lambda handler: self._send(handler, 200, _RSS.format(url=self.url).encode(), "application/rss+xml")),
            (r"/course", lambda handler: self._send(handler, 200, _COURSE.format(url=self.url).encode(), "text/xml")),
            (r"/atom", lambda handler: self._send(handler, 200, _ATOM.format(url=self.url).encode(), "text/xml")),
            (r"/embeddedfolderview", lambda handler: self._drive_folder(handler, query["id"][0])),
            (r"/download", lambda handler: self._drive(handler, query)),
            (r"(/old|/new|/locked)/public\.php/.*", lambda handler: self._nextcloud(handler, path)),
            (r"/(old|new|locked|plain)/s/.*", lambda handler: self._page(handler, "<html><body>Nextcloud</body></html>")),
        )
        for pattern, answer in routes:
            if re.fullmatch(pattern, path):
                answer(handler)
                return
        self._send(handler, 404, b"not found", "text/plain")

    def _file(self, handler: Any, name: str = "") -> None:
        """Send the file, or the requested rest of it if the client has the current version."""
        body, headers = self.media, {"ETag": self.etag, "Accept-Ranges": "bytes"}
        if name:
            headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
        start = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        status = 200
        if start and handler.headers.get("If-Range", self.etag) == self.etag:
            offset = int(start[1])
            status = 206 if offset < len(body) else 416
            end = f"{offset}-{len(body) - 1}/" if status == 206 else "*/"
            headers["Content-Range"] = f"bytes {end}{len(body)}"
            body = body[offset:]
        self._send(handler, status, body, "audio/mp4", headers)

    def _send(self, handler: Any, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
        handler.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(headers or {})}.items():
            handler.send_header(name, value)
        handler.end_headers()
        if handler.command == "HEAD":
            return
        cut, self.cut_after = self.cut_after, None
        if cut is not None:
            handler.wfile.write(body[:cut])
            handler.close_connection = True
            return
        while self.is_slow and body:
            handler.wfile.write(body[:100])
            body = body[100:]
            time.sleep(0.05)
        handler.wfile.write(body)

    def _segment(self, handler: Any, path: str) -> None:
        """Send a part of the media: `/segments/10-20.m4s` is bytes 10 to 19."""
        start, _, end = path.rpartition("/")[2].removesuffix(".m4s").partition("-")
        self._send(handler, 200, self.media[int(start) : int(end)], "audio/mp4")

    def _page(self, handler: Any, text: str) -> None:
        self._send(handler, 200, text.encode(), "text/html; charset=utf-8")

    def _player(self, handler: Any, subtitles: str) -> None:
        self._page(handler, _PLAYER.format(title="Gradient descent", sources=_source("/files/talk.m4a"), subtitles=subtitles))

    def _two_players(self, handler: Any) -> None:
        players = "".join(f"<video>{_source(f'/files/{name}.m4a')}</video>" for name in ("one", "two"))
        self._page(handler, f"<html><head><title>A course</title></head><body>{players}</body></html>")

    def _catalog(self, handler: Any) -> None:
        assert json.loads(handler.body)["CatalogId"] == CATALOG_ID
        rows = {"PresentationDetailsList": [{"Id": each} for each in LECTURE_IDS], "CurrentFolder": {"Name": "Lectures of the term"}}
        self._send(handler, 200, json.dumps(rows).encode(), "application/json")

    def _presentation(self, handler: Any) -> None:
        number = LECTURE_IDS.index(json.loads(handler.body)["getPlayerOptionsRequest"]["ResourceId"]) + 1
        video = {"Location": f"{self.url}/files/lecture-{number}.m4a", "MediaType": "MP4", "MimeType": "audio/mp4"}
        presentation = {"Title": f"Lecture {number}", "Duration": 6000, "Streams": [{"StreamType": 0, "VideoUrls": [video]}]}
        self._send(handler, 200, json.dumps({"d": {"Presentation": presentation}}).encode(), "application/json")

    def _redirect(self, handler: Any, target: str, status: int) -> None:
        self._send(handler, status, b"", "text/plain", {"Location": target})

    def _drive(self, handler: Any, query: dict[str, list[str]]) -> None:
        file_id = query.get("id", [""])[0]
        if file_id != DRIVE_ID:
            self._send(handler, 404, b"", "text/html")
        elif query.get("confirm") == ["t"] and query.get("uuid"):
            self._file(handler, "Lecture%20%C3%A4.m4a")
        else:
            self._page(handler, _CONFIRM.format(action=f"{self.url}/download", id=file_id))

    def _drive_folder(self, handler: Any, folder_id: str) -> None:
        if folder_id == FOLDER_ID:
            rows = [(f"file/d/{DRIVE_ID}/view?usp=drive_web", "Lecture \u00e4.m4a"), ("file/d/1NoVideoNoVideo/view", "readme.pdf")]
            rows.append((f"drive/folders/{SUBFOLDER_ID}", "More"))
        elif folder_id == SUBFOLDER_ID:
            rows = [("file/d/1AnOtHerFiLe/view", "Second &amp; last.mp4"), (f"drive/folders/{FOLDER_ID}", "Back")]
        else:
            self._send(handler, 404, b"", "text/html")
            return
        entries = "".join(_DRIVE_ENTRY.format(id=path.split("/")[2], path=path, name=name) for path, name in rows)
        self._page(handler, f"<html><head><title>Course</title></head><body>{entries}</body></html>")

    def _nextcloud_folder(self, handler: Any, path: str) -> None:
        """Answer for the share FOLDER_TOKEN: PROPFIND lists a folder, GET sends a file."""
        root = next(each for each in (f"/public.php/dav/files/{FOLDER_TOKEN}", "/public.php/webdav") if each in path)
        inner = unquote(path.partition(root)[2]).strip("/")
        folder, _, name = inner.rpartition("/")
        if handler.command == "PROPFIND" and inner in FOLDER:
            base = path.rstrip("/")
            rows = [(base + "/", "<d:collection/>", "")]
            for each in FOLDER[inner]:
                is_folder = each in FOLDER
                size = "" if is_folder else f"<d:getcontentlength>{len(self.media)}</d:getcontentlength>"
                rows.append((f"{base}/{quote(each)}" + ("/" if is_folder else ""), "<d:collection/>" if is_folder else "", size))
            self._multistatus(handler, rows)
        elif handler.command == "GET" and name in FOLDER.get(folder, ()) and name not in FOLDER:
            self._file(handler, quote(name))
        else:
            self._send(handler, 501 if inner in FOLDER else 404, b"", "application/xml")

    def _multistatus(self, handler: Any, rows: list[tuple[str, str, str]]) -> None:
        entries = "".join(_DAV_ENTRY.format(href=href, kind=kind, size=size) for href, kind, size in rows)
        body = f'<?xml version="1.0"?><d:multistatus xmlns:d="DAV:">{entries}</d:multistatus>'
        self._send(handler, 207, body.encode(), "application/xml; charset=utf-8")

    def _nextcloud(self, handler: Any, path: str) -> None:
        version, is_newer = path.split("/")[1], path.partition("/public.php")[2].startswith("/dav/files/")
        if version == "old" and is_newer:
            self._send(handler, 404, b"", "application/xml")
            return
        if not is_newer and "/public.php/webdav" not in path:
            self._send(handler, 404, b"", "application/xml")
            return
        user, _, password = base64.b64decode(handler.headers.get("Authorization", "").removeprefix("Basic ")).decode().partition(":")
        if (not is_newer and user not in (TOKEN, FOLDER_TOKEN)) or (version == "locked" and password != PASSWORD):
            self._send(handler, 401, b"", "application/xml")
        elif FOLDER_TOKEN in (user, path.partition("/dav/files/")[2].partition("/")[0]):
            self._nextcloud_folder(handler, path)
        elif handler.command == "PROPFIND":
            self._multistatus(handler, [(path, "", f"<d:getcontentlength>{len(self.media)}</d:getcontentlength>")])
        else:
            self._file(handler, "shared.m4a")


def _source(path: str) -> str:
    return f'<source src="{path}" type="audio/mp4">'


@contextlib.contextmanager
def link_server() -> Iterator[LinkServer]:
    server = LinkServer()
    try:
        yield server
    finally:
        server.stop()
