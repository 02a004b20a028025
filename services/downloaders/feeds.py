"""Podcast feeds: the enclosures of RSS and Atom."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin

import errors
from lib import http_client
from services.downloaders.media_names import is_media_name
from services.downloaders.partial_file import USER_AGENT, raise_for_status
from services.downloaders.port import Collection, DownloadRequest, LinkItem, limit_collection

_MAX_FEED_BYTES = 16 * 2**20
_SNIFFED_BYTES = 1024
_ROOTS = (b"<rss", b"<feed", b"<rdf:rdf")
_MAX_CLOCK_PARTS = 3
_SPACES = re.compile(r"\s")  # many feeds do not encode them


class FeedLister:
    """Takes links whose server answers with a feed."""

    def list_items(self, request: DownloadRequest) -> Collection | None:
        try:
            page = _fetch(request)
        except (errors.LinkPrivate, errors.ProviderBusy):  # a site that refuses programs may answer yt-dlp
            return None
        if page is None:
            return None
        import feedparser

        url, body, content_type = page
        headers = {"content-type": content_type, "content-location": url}
        feed = feedparser.parse(body, response_headers=headers, sanitize_html=False)
        return limit_collection(str(feed.feed.get("title") or ""), _items(feed.entries, url), request.max_items)


def _fetch(request: DownloadRequest) -> tuple[str, bytes, str] | None:
    """Return the address, the text and the content type of a feed; None if the link is something else."""
    with http_client.open_download(request.url, request.policy, headers={"User-Agent": USER_AGENT}) as response:
        raise_for_status(response)
        if response.headers.get("Content-Type", "").lower().startswith(("video/", "audio/", "image/")):
            return None
        body = bytearray()
        for block in response.blocks:
            body += block
            if len(body) >= _SNIFFED_BYTES and not _is_feed(body):
                return None
            if len(body) > _MAX_FEED_BYTES:
                raise errors.LinkUnusable(f"The feed has more than {_MAX_FEED_BYTES // 2**20} MiB.")
        return (response.url, bytes(body), response.headers.get("Content-Type", "")) if _is_feed(body) else None


def _is_feed(body: bytearray) -> bool:
    start = bytes(body[:_SNIFFED_BYTES]).lower().replace(b"\0", b"")  # UTF-16 too
    return any(root in start for root in _ROOTS) and b"<html" not in start


def _items(entries: list[Mapping[str, Any]], feed_url: str) -> Iterator[LinkItem]:
    for entry in entries:
        enclosure = next((each for each in entry.get("enclosures") or () if _is_media(each)), None)
        url = _SPACES.sub("%20", urljoin(feed_url, str(enclosure["href"]).strip())) if enclosure is not None else ""
        if enclosure is not None and url.startswith(("http://", "https://")):
            guid = str(entry.get("id") or "")
            yield LinkItem(
                url=url,
                title=str(entry.get("title") or ""),
                source_id=f"feed {guid}" if guid else "",
                duration_s=_seconds(str(entry.get("itunes_duration") or "")),
                size_bytes=_count(str(enclosure.get("length") or "")),
            )


def _is_media(enclosure: Mapping[str, Any]) -> bool:
    url, kind = str(enclosure.get("href") or ""), str(enclosure.get("type") or "")
    return bool(url) and (kind.startswith(("video/", "audio/")) or is_media_name(url.partition("?")[0]))


def _count(text: str) -> int | None:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
    return number or None


def _seconds(text: str) -> float | None:
    """Return the seconds of `h:m:s`, `m:s` or `s`."""
    parts = text.strip().split(":")
    if len(parts) > _MAX_CLOCK_PARTS or not all(part.isascii() and part.isdigit() and len(part) < 8 for part in parts):
        return None
    seconds = 0
    for part in parts:
        seconds = seconds * 60 + int(part)
    return float(seconds) or None
