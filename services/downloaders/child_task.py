"""The task of the child process in which downloads run: its connections are restricted before anything is opened."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import errors
from lib import http_client
from lib.address_guard import restrict_this_process
from lib.process import Report
from lib.serialization import from_plain, to_plain
from services.downloaders.direct import DirectDownloader
from services.downloaders.drive_folders import DriveFolderLister
from services.downloaders.feeds import FeedLister
from services.downloaders.google_drive import GoogleDriveDownloader
from services.downloaders.media_sites import MediaSiteDownloader
from services.downloaders.nextcloud import NextcloudDownloader, NextcloudFolderLister
from services.downloaders.port import Downloader, DownloadRequest, Lister

Adapter = TypeVar("Adapter")
Result = TypeVar("Result")

DOWNLOADERS: tuple[Downloader, ...] = (GoogleDriveDownloader(), NextcloudDownloader(), DirectDownloader(), MediaSiteDownloader())
"""In the order in which they are asked; the last one takes every link."""


LISTERS: tuple[Lister, ...] = (DriveFolderLister(), NextcloudFolderLister(), FeedLister(), MediaSiteDownloader())


def fetch(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Download a link. Payload: a DownloadRequest; returns a Download."""
    request = from_plain(DownloadRequest, payload)
    with _restrict(request):
        return to_plain(_first(DOWNLOADERS, lambda downloader: downloader.fetch(request, report)))  # type: ignore[no-any-return]


def list_items(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """List the recordings of a link. Payload: a DownloadRequest; returns a Collection."""
    request = from_plain(DownloadRequest, payload)
    with _restrict(request):
        return to_plain(_first(LISTERS, lambda lister: lister.list_items(request)))  # type: ignore[no-any-return]


def _first(adapters: Sequence[Adapter], call: Callable[[Adapter], Result | None]) -> Result:
    """Return the result of the first adapter that knows the link."""
    for adapter in adapters:
        result = call(adapter)
        if result is not None:
            return result
    raise errors.NoMediaFound


@contextlib.contextmanager
def _restrict(request: DownloadRequest) -> Iterator[None]:
    """Restrict this process to the request's addresses; raise what the guard has refused, which libraries report as something else."""
    guard = restrict_this_process(request.policy, (request.js_runtime,) if request.js_runtime else ())
    try:
        yield
    except http_client.NoAnswer as error:
        raise errors.ProviderDown(f"{error.message} {error.detail}") from error
    except Exception as error:
        if guard.refusal is not None and not isinstance(error, errors.TooLarge | errors.TooLong):
            raise guard.refusal from error  # yt-dlp reports it as a failed connection
        raise
