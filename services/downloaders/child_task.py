"""The task of the child process in which downloads run: its connections are restricted before anything is opened."""

from __future__ import annotations

from typing import Any

import errors
from lib import http_client
from lib.address_guard import restrict_this_process
from lib.process import Report
from lib.serialization import from_plain, to_plain
from services.downloaders.direct import DirectDownloader
from services.downloaders.google_drive import GoogleDriveDownloader
from services.downloaders.media_sites import MediaSiteDownloader
from services.downloaders.nextcloud import NextcloudDownloader
from services.downloaders.port import Downloaded, Downloader, DownloadRequest

DOWNLOADERS: tuple[Downloader, ...] = (GoogleDriveDownloader(), NextcloudDownloader(), DirectDownloader(), MediaSiteDownloader())
"""In the order in which they are asked; the last one takes every link."""


def fetch(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Download a link. Payload: a DownloadRequest; returns a Downloaded."""
    request = from_plain(DownloadRequest, payload)
    guard = restrict_this_process(request.policy, (request.js_runtime,) if request.js_runtime else ())
    try:
        result: dict[str, Any] = to_plain(_fetch(request, report))
    except http_client.NoAnswer as error:
        raise errors.ProviderDown(f"{error.message} {error.detail}") from error
    except Exception as error:
        if guard.refusal is not None and not isinstance(error, errors.TooLarge | errors.TooLong):
            raise guard.refusal from error  # yt-dlp reports it as a failed connection
        raise
    return result


def _fetch(request: DownloadRequest, report: Report) -> Downloaded:
    for downloader in DOWNLOADERS:
        downloaded = downloader.fetch(request, report)
        if downloaded is not None:
            return downloaded
    raise errors.NoMediaFound
