"""Pages, playlists, feeds and shares that name addresses inside the network: a server there gets no request."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

import errors
from services import downloaders
from services.downloaders import Download, LinkOptions
from tests.link_server import TOKEN, LinkServer, link_server


class Victim:
    """A server that counts its requests."""

    def __init__(self) -> None:
        self.hits: list[str] = []
        hits = self.hits

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hits.append(f"{self.command} {self.path}")
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_HEAD = do_POST = do_PROPFIND = do_GET

            def log_message(self, *_: Any) -> None:
                """Stay silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def victim() -> Iterator[Victim]:
    victim = Victim()
    yield victim
    victim.stop()


@pytest.fixture(scope="module")
def site() -> Iterator[LinkServer]:
    with link_server() as server:
        yield server


def base(site: LinkServer) -> str:
    """The address of the site by its name, which alone is allowed."""
    return f"http://localhost:{site.port}"


def content_url(site: LinkServer, kind: str, text: str) -> str:
    return f"{base(site)}/content/file?{urlencode({'type': kind, 'text': text})}"


def redirect(site: LinkServer, target: str, status: int = 302) -> str:
    return f"{base(site)}/redirect?status={status}&to={quote(target, safe='')}"


def options(site: LinkServer) -> LinkOptions:
    return LinkOptions(allowed_hosts=(f"localhost:{site.port}",), drive_url=base(site), unseal=lambda token: token)


def fetch(site: LinkServer, url: str, folder: Path) -> Download:
    return downloaders.fetch(url, folder, options(site), max_bytes=2**24)


_HLS = "application/vnd.apple.mpegurl"
_SEGMENTS = "#EXTM3U\n#EXT-X-TARGETDURATION:5\n{key}#EXTINF:5,\n{segment}\n#EXT-X-ENDLIST\n"
_DASH = """<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT5S"><Period>
<AdaptationSet mimeType="audio/mp4">{segments}<Representation id="1" bandwidth="1000" codecs="mp4a.40.2">{base}</Representation>
</AdaptationSet></Period></MPD>"""
_TEMPLATE = '<SegmentTemplate media="{victim}/$Number$.m4s" initialization="{victim}/i" duration="5" timescale="1" startNumber="1"/>'
_LD_JSON = {"@context": "https://schema.org", "@type": "VideoObject", "name": "x"}


def ld_json(**fields: str) -> str:
    return f'<html><script type="application/ld+json">{json.dumps(_LD_JSON | fields)}</script></html>'


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("text/html", '<html><title>x</title><video src="{victim}/a.mp4"></video></html>'),
        ("text/html", '<html><title>x</title><video src="{redirect}"></video></html>'),
        ("text/html", '<html><meta http-equiv="refresh" content="0;url={victim}/a.mp4"><title>x</title></html>'),
        ("text/html", '<html><meta property="og:video" content="{victim}/a.mp4"><title>x</title></html>'),
        ("text/html", ld_json(contentUrl="{victim}/a.mp4")),
        (_HLS, _SEGMENTS.format(key="", segment="{victim}/s.ts")),
        (_HLS, _SEGMENTS.format(key='#EXT-X-KEY:METHOD=AES-128,URI="{victim}/key"\n', segment="{site}/files/a.m4a")),
        (_HLS, _SEGMENTS.format(key='#EXT-X-MAP:URI="{victim}/init"\n', segment="{site}/files/a.m4a")),
        (_HLS, '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000,CODECS="mp4a.40.2"\n{victim}/v.m3u8\n'),
        ("application/dash+xml", _DASH.format(segments="", base="<BaseURL>{victim}/d.mp4</BaseURL>")),
        ("application/dash+xml", _DASH.format(segments=_TEMPLATE, base="")),
        ("audio/x-mpegurl", "#EXTM3U\n{victim}/a.mp3\n"),
    ],
)
def test_media_inside_are_refused(site: LinkServer, victim: Victim, tmp_path: Path, kind: str, text: str) -> None:
    site.reset()
    replacements = {"victim": victim.url, "redirect": redirect(site, victim.url), "site": base(site)}
    for name, value in replacements.items():
        text = text.replace(f"{{{name}}}", value)
    with pytest.raises(errors.UrlRefused, match="private address"):
        fetch(site, content_url(site, kind, text), tmp_path)
    assert site.requests and victim.hits == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_inside_are_refused(site: LinkServer, victim: Victim, tmp_path: Path, status: int) -> None:
    for url in (redirect(site, victim.url, status), redirect(site, redirect(site, victim.url), status)):
        with pytest.raises(errors.UrlRefused, match="private address"):
            fetch(site, url, tmp_path)
    assert victim.hits == []


def test_options_that_are_hidden_in_a_link_do_not_count(site: LinkServer, victim: Victim, tmp_path: Path) -> None:
    hidden_options = {"url": victim.url, "to_generic": True, "http_headers": {"Host": "inside"}}
    page = content_url(site, "text/html", f'<html><title>x</title><video src="{victim.url}"></video></html>')
    with pytest.raises(errors.UrlRefused):
        fetch(site, f"{page}#__youtubedl_smuggle={quote(json.dumps(hidden_options))}", tmp_path)
    assert victim.hits == []


@pytest.mark.parametrize("address", ["{victim}/extra", "{redirect}"])
def test_a_recording_whose_extras_are_inside_comes_without_them(site: LinkServer, victim: Victim, tmp_path: Path, address: str) -> None:
    address = address.replace("{victim}", victim.url).replace("{redirect}", redirect(site, victim.url))
    media = f"{base(site)}/files/talk.m4a"
    track = f'<track kind="subtitles" srclang="en" label="English" src="{address}">'
    page = f'<html><title>x</title><video controls><source src="{media}" type="audio/mp4">{track}</video></html>'
    assert fetch(site, content_url(site, "text/html", page), tmp_path / "subtitles").subtitles == ""
    assert fetch(site, content_url(site, "text/html", ld_json(contentUrl=media, thumbnailUrl=address)), tmp_path / "poster").poster == ""
    assert victim.hits == []


def test_items_of_lists_inside_are_refused(site: LinkServer, victim: Victim, tmp_path: Path) -> None:
    enclosures = (f"{victim.url}/a.mp3", redirect(site, victim.url), "file:///etc/passwd", victim.url.replace("127.0.0.1", "2130706433"))
    items = "".join(f'<item><title>x</title><enclosure url="{quote(url, safe=":/?=%&")}" type="audio/mpeg"/></item>' for url in enclosures)
    entities = f'<!DOCTYPE rss [<!ENTITY % p SYSTEM "{victim.url}/dtd"> %p; <!ENTITY x SYSTEM "{victim.url}/x">]>'
    feed = f'<?xml version="1.0"?>{entities}<rss version="2.0"><channel><title>&x;</title>{items}</channel></rss>'.replace("&to", "&amp;to")
    listing = downloaders.list_items(content_url(site, "application/rss+xml", feed), options(site), max_items=10, timeout_s=60)
    assert len(listing.items) == 3
    for item in listing.items:
        with pytest.raises(errors.UrlRefused):
            fetch(site, item.url, tmp_path)
    assert victim.hits == []


def test_shares_inside_are_refused(site: LinkServer, victim: Victim, tmp_path: Path) -> None:
    url = f"{victim.url}/s/{TOKEN}"
    with pytest.raises(errors.UrlRefused):
        fetch(site, url, tmp_path)
    with pytest.raises(errors.UrlRefused):
        downloaders.list_items(url, options(site), max_items=10, timeout_s=60)
    assert victim.hits == []
