"""Pages with a player: YouTube and the other sites that yt-dlp knows, and pages that contain a link to a media file.

yt-dlp extracts the formats; its own HTTP, HLS and DASH downloaders fetch them. It never starts a program other than the configured
JavaScript runtime: no ffmpeg, no external downloader.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import errors
from lib import http_client
from lib.process import Report, ignore_progress
from services.downloaders import posters
from services.downloaders.port import Chapter, Collection, Download, DownloadRequest, LinkItem, limit_collection
from services.downloaders.site_errors import as_lectern_error

Info = Mapping[str, Any]
_PROTOCOLS = ("http", "https", "m3u8", "m3u8_native", "http_dash_segments")
_LIVE_STATUSES = ("is_live", "is_upcoming", "post_live")
_NO_PROGRAM = "/nonexistent"
_COLLECTIONS = ("playlist", "multi_video")
_LIST_EXTRACTORS = ("Tab", "Playlist")
_MAX_DEPTH = 2
_SUBTITLES = "subtitles"
_SUBTITLE_EXTENSIONS = ("vtt", "srt")  # the first may have the times of words
_PAGE_EXTRACTORS = ("Generic", "HTML5MediaEmbed")
_MAX_SUBTITLES_BYTES = 5 * 2**20
_MAX_CHAPTERS = 500
_MAX_DESCRIPTION_CHARS = 10_000


class MediaSiteDownloader:
    """Takes every link; raises NoMediaFound where yt-dlp finds nothing."""

    def fetch(self, request: DownloadRequest, report: Report) -> Download | None:
        progress = _Progress(request.max_bytes, report)
        with _youtube_dl(request, progress) as ydl:
            info = _extract(ydl, request.url)
            _check(info, request)
            formats = choose_formats(info.get("formats") or [info], request)
            progress.expect(formats)
            files = tuple(self._download(ydl, request, progress, info, each) for each in formats)
        title, url = _title(info), str(info.get("webpage_url") or request.url)
        return Download(
            files=files,
            filename=f"{title or info.get('id') or 'recording'}.{formats[0].get('ext') or 'mp4'}",
            page_url=url if url.startswith(("http://", "https://")) else request.url,
            title=title,
            subtitles=_fetch_subtitles(info, request),
            poster=posters.fetch(str(info.get("thumbnail") or ""), request),
            description=str(info.get("description") or "")[:_MAX_DESCRIPTION_CHARS],
            chapters=_chapters(info),
            source_id=_source_id(info),
        )

    def list_items(self, request: DownloadRequest) -> Collection | None:
        options = {"noplaylist": False, "extract_flat": True, "playlistend": request.max_items + 1}
        with _youtube_dl(request, _Progress(0, ignore_progress), **options) as ydl:
            info: Info | None = ydl.extract_info(request.url, download=False)
            if info is None:
                raise errors.NoMediaFound
            if info.get("_type") not in _COLLECTIONS:
                return Collection(_title(info), (_item(info, request.url),))
            items = (_item(entry, "") for entry in _entries(ydl, info, depth=0))
            collection = limit_collection(str(info.get("title") or ""), (item for item in items if item.url), request.max_items)
        if not collection.items:
            raise errors.NoMediaFound("The list is empty.")
        return collection

    def _download(self, ydl: Any, request: DownloadRequest, progress: _Progress, info: Info, format_info: Info) -> str:
        name = f"format-{''.join(c if c.isalnum() else '-' for c in str(format_info.get('format_id') or 0))[:40]}"
        path = request.path(name)
        if not path.exists():
            description = {name: value for name, value in info.items() if name != "requested_formats"}  # of several formats at once
            is_done, _ = ydl.dl(str(path), {**description, **format_info})
            if not is_done or not path.exists():
                raise errors.ProviderDown("The download ended early.")
        progress.finish(path.stat().st_size)
        return name


def _entries(ydl: Any, info: Info, depth: int) -> Iterator[Info]:
    """Yield the recordings of a list; those of the lists in it too, such as the tabs of a channel."""
    for entry in info.get("entries") or ():
        if not entry:
            continue
        is_list = entry.get("_type") in _COLLECTIONS
        if entry.get("_type") == "url" and str(entry.get("ie_key") or "").endswith(_LIST_EXTRACTORS):
            is_list, entry = True, ydl.extract_info(entry["url"], download=False, ie_key=entry["ie_key"]) if depth < _MAX_DEPTH else None
        if entry and is_list and depth < _MAX_DEPTH:
            yield from _entries(ydl, entry, depth + 1)
        elif entry and not is_list:
            yield entry


def _item(info: Info, url: str) -> LinkItem:
    """Return the recording that an entry of yt-dlp describes; its address is "" if it has none."""
    address = url or str(info.get("webpage_url") or info.get("url") or "")
    if info.get("extractor_key") in _PAGE_EXTRACTORS and not url:  # all players of a page share its address
        address = next((str(each["url"]) for each in reversed(info.get("formats") or [info]) if each.get("url")), "")
    return LinkItem(
        url=address if address.startswith(("http://", "https://")) else "",
        title=_title(info) if url else str(info.get("title") or ""),
        source_id=_source_id(info),
        duration_s=float(info["duration"]) if info.get("duration") else None,
    )


def _source_id(info: Info) -> str:
    """Return the site and its identifier of the recording; "" for pages that yt-dlp does not know."""
    site, identifier = info.get("extractor_key") or info.get("ie_key"), info.get("id")
    return f"{site} {identifier}".lower() if site and identifier and site not in _PAGE_EXTRACTORS else ""


class _Progress:
    """Adds up the bytes of one format after another, and stops the download above the limit."""

    def __init__(self, max_bytes: int, report: Report) -> None:
        self._max_bytes, self._report = max_bytes, report
        self._finished_bytes, self._expected_bytes = 0, 0

    def expect(self, formats: Sequence[Info]) -> None:
        self._expected_bytes = sum(int(each.get("filesize") or each.get("filesize_approx") or 0) for each in formats)
        exact = sum(int(each.get("filesize") or 0) for each in formats)
        if exact > self._max_bytes:
            raise errors.TooLarge(f"It has {exact} bytes, the limit is {self._max_bytes}.")

    def update(self, event: Info) -> None:
        """Take an event of yt-dlp's progress hook."""
        received_bytes = self._finished_bytes + int(event.get("downloaded_bytes") or 0)
        reported_bytes = self._finished_bytes + int(event.get("total_bytes") or 0)
        if max(received_bytes, reported_bytes) > self._max_bytes:
            raise errors.TooLarge(f"The limit is {self._max_bytes} bytes.")
        estimate = self._finished_bytes + int(event.get("total_bytes_estimate") or 0)
        self._report(received_bytes, max(received_bytes, reported_bytes, estimate, self._expected_bytes))

    def finish(self, size: int) -> None:
        self._finished_bytes += size
        if self._finished_bytes > self._max_bytes:
            raise errors.TooLarge(f"The limit is {self._max_bytes} bytes.")


class _Silent:
    """A logger for yt-dlp: its errors are raised, and the rest is of no use to a server."""

    def debug(self, message: str) -> None:
        pass

    warning = error = debug


@contextlib.contextmanager
def _youtube_dl(request: DownloadRequest, progress: _Progress, **changes: Any) -> Iterator[Any]:
    import yt_dlp
    from yt_dlp.globals import plugin_dirs
    from yt_dlp.postprocessor import FFmpegPostProcessor

    plugin_dirs.value = []  # no code from folders of the user
    FFmpegPostProcessor._ffmpeg_location.set(_NO_PROGRAM)  # its HLS downloader asks for ffmpeg's version without these options
    options = {
        "logger": _Silent(),
        "color": "never",
        "cachedir": False,
        "proxy": "",
        "noplaylist": True,
        "extract_flat": "in_playlist",
        "format": "all",
        "ignore_no_formats_error": True,
        "hls_prefer_native": True,
        "ffmpeg_location": _NO_PROGRAM,
        "fixup": "never",
        "enable_file_urls": False,
        "retries": 3,
        "fragment_retries": 3,
        "extractor_retries": 1,
        "skip_unavailable_fragments": False,
        "socket_timeout": 20,
        "max_filesize": None,  # it skips larger files without an error; _Progress counts
        "updatetime": False,
        "progress_hooks": [progress.update],
        "js_runtimes": {"deno": {"path": request.js_runtime}} if request.js_runtime else {},
        "cookiefile": io.StringIO(request.cookies) if request.cookies else request.cookies_file or None,
        **changes,
    }
    ydl = yt_dlp.YoutubeDL(options)
    try:
        yield ydl
    except yt_dlp.utils.YoutubeDLError as error:
        refusal = _cause_of_ours(error)
        raise (refusal or as_lectern_error(error)) from error
    finally:
        ydl.params["cookiefile"] = None  # the operator's file stays as it is
        ydl.close()


def _cause_of_ours(error: BaseException) -> errors.LecternError | None:
    """Return the error of Lectern that yt-dlp has wrapped."""
    cause = getattr(error, "exc_info", None)
    inner = (cause[1] if cause else None) or error.__cause__ or error.__context__
    if isinstance(inner, errors.LecternError):
        return inner
    return _cause_of_ours(inner) if inner is not None and inner is not error else None


def _extract(ydl: Any, url: str) -> Info:
    """Return yt-dlp's description of one recording. Raises LinkIsCollection for several."""
    info: Info | None = ydl.extract_info(url, download=False)
    if info is not None and info.get("_type") in _COLLECTIONS:
        entries = [entry for entry in info.get("entries") or () if entry]
        if len(entries) > 1:
            raise errors.LinkIsCollection(f"It is a list of {len(entries)}: {str(info.get('title') or 'no title')[:100]}.")
        if not entries:
            raise errors.NoMediaFound
        only = entries[0]
        info = ydl.extract_info(only.get("webpage_url") or only["url"], download=False) if only.get("_type") == "url" else only
    if info is None:
        raise errors.NoMediaFound
    return info


def _title(info: Info) -> str:
    """Return the title; that of a player on a page has a number appended by yt-dlp."""
    title = str(info.get("title") or "")
    return title.removesuffix(" (1)") if info.get("extractor_key") in _PAGE_EXTRACTORS else title


def _check(info: Info, request: DownloadRequest) -> None:
    if info.get("is_live") or info.get("live_status") in _LIVE_STATUSES:
        raise errors.LinkIsLive
    duration_s = float(info.get("duration") or 0)
    if duration_s > request.max_duration_s:
        raise errors.TooLong(f"It runs for {duration_s:.0f} s, the limit is {request.max_duration_s:.0f} s.")


def choose_formats(formats: Sequence[Info], request: DownloadRequest) -> list[Info]:
    """Return the format to download, or a video and an audio format where that gives the higher picture.

    `formats`: as yt-dlp sorts them, the best one last.
    """
    usable_formats = [each for each in formats if each.get("protocol") in _PROTOCOLS and each.get("url") and not each.get("has_drm")]
    if not usable_formats:
        raise errors.LinkProtected if any(each.get("has_drm") for each in formats) else errors.NoMediaFound
    audio = [each for each in usable_formats if each.get("vcodec") == "none" and each.get("acodec") != "none"]
    with_both = [each for each in usable_formats if each.get("vcodec") != "none" and each.get("acodec") != "none"]
    if request.audio_only and (audio or with_both):
        return [audio[-1]] if audio else [with_both[0]]
    pictures = [each for each in usable_formats if each.get("vcodec") != "none"]
    fitting = [each for each in pictures if _height(each) <= request.max_height] or pictures[:1]
    if not fitting:
        return [audio[-1]] if audio else [usable_formats[-1]]
    best = max(fitting, key=_height)  # of equal ones the first, so compare from the best
    best = next(each for each in reversed(fitting) if _height(each) == _height(best))
    complete = [each for each in fitting if each in with_both and _height(each) >= _height(best)]
    if complete or not audio:
        return [complete[-1] if complete else ([each for each in fitting if each in with_both] or [best])[-1]]
    return [best, audio[-1]]


def _height(each: Info) -> int:
    return int(each.get("height") or 0)


def _fetch_subtitles(info: Info, request: DownloadRequest) -> str:
    """Download the subtitles that a person made, in the language of the request or the recording. Return the file's name, or ""."""
    tracks = {name: files for name, files in (info.get("subtitles") or {}).items() if name != "live_chat"}
    languages = [request.language, str(info.get("language") or "")] if request.language else [str(info.get("language") or "")]
    matching = [name for code in languages if code for name in tracks if name.partition("-")[0] == code.partition("-")[0]]
    if not matching and len(tracks) == 1 and not request.language:
        matching = list(tracks)
    for name in matching:
        files = [each for each in tracks[name] if str(each.get("url", "")).startswith("http") and "m3u8" not in str(each.get("protocol"))]
        for extension in _SUBTITLE_EXTENSIONS:
            for file in files:
                if file.get("ext") == extension:
                    return _save_subtitles(str(file["url"]), request)
    return ""


def _save_subtitles(url: str, request: DownloadRequest) -> str:
    """Download subtitles; without them, the speech is recognised."""
    with contextlib.suppress(errors.TransientError, errors.UrlRefused), http_client.open_download(url, request.policy) as response:
        content = response.read(_MAX_SUBTITLES_BYTES + 1)
        if response.status == 200 and len(content) <= _MAX_SUBTITLES_BYTES:
            request.path(_SUBTITLES).write_bytes(content)
            return _SUBTITLES
    return ""


def _chapters(info: Info) -> tuple[Chapter, ...]:
    rows = info.get("chapters") or ()
    return tuple(Chapter(float(each.get("start_time") or 0), str(each.get("title") or "")[:500]) for each in rows[:_MAX_CHAPTERS])
