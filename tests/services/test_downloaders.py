"""Downloads from local servers: direct links, pages with a player, Google Drive and Nextcloud."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

import errors
from services import downloaders
from services.downloaders import Download, LinkOptions
from services.downloaders.media_sites import choose_formats
from services.downloaders.minimum_rate import MinimumRate
from services.downloaders.port import DownloadRequest
from services.downloaders.site_errors import as_lectern_error
from tests.link_server import DRIVE_ID, MEDIA, PASSWORD, SRT, TOKEN, VTT, LinkServer, link_server


@pytest.fixture(scope="module")
def running_site() -> Iterator[LinkServer]:
    with link_server() as server:
        yield server


@pytest.fixture
def site(running_site: LinkServer) -> LinkServer:
    running_site.reset()
    return running_site


def fetch(site: LinkServer, url: str, folder: Path, *, max_bytes: int = 2**24, **options: Any) -> Download:
    link_options = LinkOptions(allowed_hosts=(site.host,), drive_url=site.url, unseal=lambda token: token)
    return downloaders.fetch(url, folder, link_options, max_bytes=max_bytes, **options)


def content(download: Download, folder: Path) -> bytes:
    (name,) = download.files
    return (folder / name).read_bytes()


def test_a_direct_link_is_downloaded_with_progress(site: LinkServer, tmp_path: Path) -> None:
    reports: list[tuple[float, float]] = []
    url = f"{site.url}/redirect?to=/files/My%2520talk.m4a"
    download = fetch(site, url, tmp_path, report=lambda done, total: reports.append((done, total)))
    assert content(download, tmp_path) == MEDIA
    assert (download.filename, download.page_url) == ("My talk.m4a", url)
    assert reports[-1] == (len(MEDIA), len(MEDIA))


def test_an_interrupted_download_goes_on_where_it_stopped(site: LinkServer, tmp_path: Path) -> None:
    site.cut_after = 20_000
    assert content(fetch(site, f"{site.url}/files/a.m4a", tmp_path), tmp_path) == MEDIA
    (_, first), (_, second) = site.requests
    assert "range" not in first
    assert (second["range"], second["if-range"]) == ("bytes=20000-", '"v1"')
    assert fetch(site, f"{site.url}/files/a.m4a", tmp_path).files == ("file",)  # a finished one is not sent again
    assert site.requests[-1][1]["range"] == f"bytes={len(MEDIA)}-"


def test_a_changed_file_is_downloaded_from_its_beginning(site: LinkServer, tmp_path: Path) -> None:
    fetch(site, f"{site.url}/files/a.m4a", tmp_path)
    site.etag, site.media = '"v2"', bytes(reversed(MEDIA))
    assert content(fetch(site, f"{site.url}/files/a.m4a", tmp_path), tmp_path) == site.media
    site.etag, site.media = '"v3"', MEDIA[:1000]
    assert content(fetch(site, f"{site.url}/files/b.m4a", tmp_path), tmp_path) == MEDIA[:1000]


def test_a_player_on_a_page_is_found_with_its_title_and_subtitles(site: LinkServer, tmp_path: Path) -> None:
    download = fetch(site, f"{site.url}/player", tmp_path)
    assert content(download, tmp_path) == MEDIA
    assert (download.title, download.page_url) == ("Gradient descent", f"{site.url}/player")
    assert (tmp_path / download.subtitles).read_bytes() == VTT
    (tmp_path / "srt").mkdir()
    assert (tmp_path / "srt" / fetch(site, f"{site.url}/srt-player", tmp_path / "srt").subtitles).read_bytes() == SRT


_LENGTH, _HALF = len(MEDIA), len(MEDIA) // 2
_HLS = f"""#EXTM3U
#EXT-X-TARGETDURATION:5
#EXT-X-MAP:URI="/segments/0-100.m4s"
#EXTINF:5,
/segments/100-{_HALF}.m4s
#EXTINF:5,
{{url}}/segments/{_HALF}-{_LENGTH}.m4s
#EXT-X-ENDLIST
"""
_DASH_PERIOD = """<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT10S"><Period>
<AdaptationSet mimeType="audio/mp4"><Representation id="1" bandwidth="1000" codecs="mp4a.40.2">{segments}</Representation></AdaptationSet>
</Period></MPD>"""
_DASH = _DASH_PERIOD.replace(
    "{segments}",
    f"""<SegmentList duration="5"><Initialization sourceURL="{{url}}/segments/0-100.m4s"/>
<SegmentURL media="{{url}}/segments/100-{_HALF}.m4s"/><SegmentURL media="{{url}}/segments/{_HALF}-{_LENGTH}.m4s"/></SegmentList>""",
)


@pytest.mark.parametrize(("kind", "manifest"), [("application/vnd.apple.mpegurl", _HLS), ("application/dash+xml", _DASH)])
def test_a_stream_is_joined_from_its_segments(site: LinkServer, tmp_path: Path, kind: str, manifest: str) -> None:
    url = f"{site.url}/content/stream?{urlencode({'type': kind, 'text': manifest.replace('{url}', site.url)})}"
    assert content(fetch(site, url, tmp_path), tmp_path) == MEDIA


@pytest.mark.parametrize("path", ["/files/a.m4a", "/player"])
def test_a_host_may_be_allowed_by_its_name(site: LinkServer, tmp_path: Path, path: str) -> None:
    options = LinkOptions(allowed_hosts=(f"localhost:{site.port}",), unseal=lambda token: token)
    download = downloaders.fetch(f"http://localhost:{site.port}{path}", tmp_path, options, max_bytes=2**24)
    assert content(download, tmp_path) == MEDIA
    other = LinkOptions(allowed_hosts=(f"localhost:{site.port + 1}",), unseal=lambda token: token)
    with pytest.raises(errors.UrlRefused):
        downloaders.fetch(f"http://localhost:{site.port}{path}", tmp_path / "other", other, max_bytes=2**24)


def test_a_file_of_google_drive_is_confirmed(site: LinkServer, tmp_path: Path) -> None:
    download = fetch(site, f"https://drive.google.com/file/d/{DRIVE_ID}/view?usp=sharing", tmp_path)
    assert (content(download, tmp_path), download.filename) == (MEDIA, "Lecture \u00e4.m4a")
    assert [path.partition("?")[2].count("&") for path, _ in site.requests] == [1, 3]
    with pytest.raises(errors.LinkNotFound):
        fetch(site, "https://drive.google.com/open?id=0000000000000", tmp_path)
    with pytest.raises(errors.LinkIsCollection):
        fetch(site, "https://drive.google.com/drive/folders/1AbCdEfGhIjKl", tmp_path)


@pytest.mark.parametrize(("version", "password"), [("new", ""), ("old", ""), ("locked", PASSWORD)])
def test_a_share_of_nextcloud_is_downloaded(site: LinkServer, tmp_path: Path, version: str, password: str) -> None:
    download = fetch(site, f"{site.url}/{version}/index.php/s/{TOKEN}", tmp_path, sealed_password=password)
    assert (content(download, tmp_path), download.filename) == (MEDIA, "shared.m4a")
    assert not any("cookie" in headers for _, headers in site.requests)
    assert len(site.requests) == (2 if version == "old" else 1)  # credentials go with the first request
    if version == "locked":
        with pytest.raises(errors.LinkPasswordNeeded):
            fetch(site, f"{site.url}/locked/s/{TOKEN}", tmp_path / "b", sealed_password="wrong")


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/status/404", errors.LinkNotFound),
        ("/status/403", errors.LinkPrivate),
        ("/status/429", errors.ProviderBusy),
        ("/status/503", errors.ProviderDown),
        (f"/plain/s/{TOKEN}", errors.NoMediaFound),
        ("/two-players", errors.LinkIsCollection),
        ("/redirect?to=http://169.254.169.254/latest/meta-data/", errors.UrlRefused),
        ("/redirect?to=file:///etc/passwd", errors.UrlRefused),
        ("/redirect?to=http://localhost:{port}/files/a.m4a", errors.UrlRefused),
        ("/stream.m3u8?text=%23EXTM3U%0A%23EXTINF:5,%0Afile:///etc/passwd%0A%23EXT-X-ENDLIST", errors.LecternError),
        ("/stream.m3u8?text=%23EXTM3U%0A%23EXTINF:5,%0Ahttp://localhost:{port}/files/a.m4a%0A%23EXT-X-ENDLIST", errors.UrlRefused),
    ],
)
def test_a_link_that_cannot_be_used_says_why(site: LinkServer, tmp_path: Path, path: str, error: type[errors.LecternError]) -> None:
    with pytest.raises(error) as excinfo:
        fetch(site, site.url + path.format(port=site.port), tmp_path)
    assert type(excinfo.value) is not errors.ProgramFailed
    assert not any(name.startswith("/files/") for name, _ in site.requests)
    assert not any(b"root:" in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


def test_a_large_file_is_refused_before_and_during_the_download(site: LinkServer, tmp_path: Path) -> None:
    for path in ("/files/a.m4a", "/player"):
        with pytest.raises(errors.TooLarge):
            fetch(site, site.url + path, tmp_path / path[1:4], max_bytes=10_000)
        assert sum(file.stat().st_size for file in (tmp_path / path[1:4]).iterdir()) < len(MEDIA)


def test_a_download_is_cancelled_within_two_seconds(site: LinkServer, tmp_path: Path) -> None:
    site.is_slow = True
    is_cancelled = threading.Event()

    def check() -> None:
        if is_cancelled.is_set():
            raise errors.Cancelled

    threading.Timer(0.5, is_cancelled.set).start()
    start_s = time.monotonic()
    with pytest.raises(errors.Cancelled):
        fetch(site, f"{site.url}/files/a.m4a", tmp_path, check=check)
    assert time.monotonic() - start_s < 2.5
    site.is_slow = False
    assert content(fetch(site, f"{site.url}/files/a.m4a", tmp_path), tmp_path) == MEDIA
    assert int(site.requests[-1][1]["range"].removeprefix("bytes=").removesuffix("-")) > 0


def test_a_server_that_sends_too_slowly_is_given_up(site: LinkServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.downloaders.minimum_rate._WINDOW_S", 0.5)
    site.is_slow = True
    options = LinkOptions(allowed_hosts=(site.host,), min_bytes_per_s=50_000)
    with pytest.raises(errors.LinkTooSlow):
        downloaders.fetch(f"{site.url}/files/a.m4a", tmp_path, options, max_bytes=2**24)


def test_the_minimum_rate_is_measured_again_and_again() -> None:
    clock = iter((0.0, 100.0, 300.0, 400.0, 601.0))
    rate = MinimumRate(10, now=lambda: next(clock))
    rate.check()
    rate.report(3000)
    rate.check()
    rate.report(100)  # begun again: nothing is new
    rate.check()
    with pytest.raises(errors.LinkTooSlow):
        rate.check()


def test_the_best_format_within_the_limits_is_chosen() -> None:
    def a_format(name: str, height: int | None, video: str = "h264", audio: str = "aac", protocol: str = "https") -> dict[str, Any]:
        codecs = {"vcodec": video, "acodec": audio}
        return {"format_id": name, "url": "https://a.example/", "protocol": protocol, "height": height, **codecs}

    formats = [
        a_format("audio-low", None, video="none"),
        a_format("audio", None, video="none"),
        a_format("both-360", 360),
        a_format("video-720", 720, audio="none"),
        a_format("video-1080", 1080, audio="none"),
        a_format("rtmp-1080", 1080, protocol="rtmp"),
        a_format("video-2160", 2160, audio="none"),
    ]

    def choose(**changes: Any) -> list[str]:
        request = DownloadRequest("https://a.example/", "/tmp", 1, **changes)
        return [each["format_id"] for each in choose_formats(formats, request)]

    assert choose() == ["video-1080", "audio"]
    assert choose(max_height=720) == ["video-720", "audio"]
    assert choose(max_height=400) == ["both-360"]
    assert choose(audio_only=True) == ["audio"]
    formats[:2] = []
    assert choose() == ["both-360"]  # without separate audio, a picture with sound
    formats[:] = [a_format("rtmp", 720, protocol="rtmp")]
    with pytest.raises(errors.NoMediaFound):
        choose()


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("[youtube] abc: Sign in to confirm you\u2019re not a bot. Use --cookies-from-browser or --cookies", errors.LinkBotCheck),
        ("[youtube] abc: Sign in to confirm your age. This video may be inappropriate for some users.", errors.LinkAgeRestricted),
        ("[youtube] abc: Private video. Sign in if you've been granted access to this video", errors.LinkPrivate),
        ("[youtube] abc: The uploader has not made this video available in your country", errors.LinkGeoBlocked),
        ("[youtube] abc: This live event will begin in 3 hours.", errors.LinkIsLive),
        ("[youtube] abc: Video unavailable. This video has been removed by the uploader", errors.LinkNotFound),
        ("[vimeo] 1: This video is protected by a password, use the --video-password option", errors.LinkPasswordNeeded),
        ("[generic] Unable to download webpage: HTTP Error 429: Too Many Requests", errors.ProviderBusy),
        ("[x] 1: This video is DRM protected", errors.LinkProtected),
        ("[x] 1: Something unknown", errors.LinkUnusable),
    ],
)
def test_messages_of_sites_become_errors_with_hints(message: str, error: type[errors.LecternError]) -> None:
    result = as_lectern_error(Exception(f"ERROR: {message}"))
    assert type(result) is error and result.hint and "--" not in result.detail.replace("--video-password", "")
