"""Downloads: fetch the recording that a link leads to, in a child process that connects to public addresses, and to LINK_ALLOWED_HOSTS."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import errors
from config.keys import signing_key
from lib.address_guard import with_ascii_host
from lib.encryption import decrypt
from lib.process import CancellationCheck, Limits, Report, ignore_progress, never_cancelled, run_task
from lib.serialization import from_plain, to_plain
from services.downloaders.minimum_rate import MinimumRate
from services.downloaders.port import Chapter, Collection, Download, DownloadRequest, LinkItem, LinkOptions

if TYPE_CHECKING:
    from config import Settings

__all__ = ["Chapter", "Collection", "Download", "LinkItem", "LinkOptions", "fetch", "from_settings", "list_items"]

_STALL_S = 300
_HEADROOM_BYTES = 64 * 2**20


def from_settings(settings: Settings) -> LinkOptions:
    """Return the configured options of downloads."""
    return LinkOptions(
        allowed_hosts=settings.link_allowed_hosts,
        max_duration_s=settings.max_duration_s,
        max_height=settings.link_max_height,
        min_bytes_per_s=settings.link_min_bytes_per_s,
        js_runtime=str(settings.link_js_runtime or ""),
        cookies_file=str(settings.link_cookies_file or ""),
        drive_url=settings.link_drive_url,
        drive_pages_url=settings.link_drive_pages_url,
        unseal=lambda token: decrypt(token, signing_key(settings)),
    )


def fetch(
    url: str,
    folder: Path,
    options: LinkOptions,
    *,
    max_bytes: int,
    audio_only: bool = False,
    sealed_password: str = "",
    sealed_cookies: str = "",
    language: str = "",
    report: Report = ignore_progress,
    check: CancellationCheck = never_cancelled,
) -> Download:
    """Download the recording at `url` into a folder; a repeated call continues a partial download.

    `report` receives the bytes downloaded and, if known, the size.

    Raises UrlRefused, LinkUnusable, TooLarge, TooLong and TransientError.
    """
    folder.mkdir(exist_ok=True)
    request = dataclasses.replace(
        _request(url, options, sealed_password, sealed_cookies),
        folder=str(folder.absolute()),
        max_bytes=max_bytes,
        audio_only=audio_only,
        language=language,
    )
    limits = Limits(stall_s=_STALL_S, memory_bytes=2 * 2**30, file_bytes=max_bytes + _HEADROOM_BYTES)
    payload = to_plain(request)
    rate = MinimumRate(options.min_bytes_per_s)

    def measure(done: float, total: float) -> None:
        rate.report(int(done))
        report(done, total)

    def check_rate() -> None:
        check()
        rate.check()

    task = "services.downloaders.child_task:fetch"
    return from_plain(Download, run_task(task, payload, report=measure, check=check_rate, limits=limits))


def list_items(
    url: str,
    options: LinkOptions,
    *,
    max_items: int,
    timeout_s: float,
    sealed_password: str = "",
    sealed_cookies: str = "",
    check: CancellationCheck = never_cancelled,
) -> Collection:
    """Return the recordings of a playlist, feed or folder; a link to one recording gives that one.

    Raises UrlRefused, LinkUnusable, TransientError, TimedOut and ProgramFailed.
    """
    payload = to_plain(dataclasses.replace(_request(url, options, sealed_password, sealed_cookies), max_items=max_items))
    limits = Limits(timeout_s=timeout_s, memory_bytes=2 * 2**30)
    return from_plain(Collection, run_task("services.downloaders.child_task:list_items", payload, check=check, limits=limits))


def _request(url: str, options: LinkOptions, sealed_password: str, sealed_cookies: str) -> DownloadRequest:
    return DownloadRequest(
        url=with_ascii_host(url),
        max_duration_s=options.max_duration_s,
        max_height=options.max_height,
        password=_unseal(sealed_password, options),
        allowed_hosts=options.allowed_hosts,
        js_runtime=options.js_runtime,
        cookies_file=options.cookies_file,
        cookies=_unseal(sealed_cookies, options),
        drive_url=options.drive_url,
        drive_pages_url=options.drive_pages_url,
    )


def _unseal(sealed_password: str, options: LinkOptions) -> str:
    if not sealed_password:
        return ""
    text = options.unseal(sealed_password)
    if text is None:
        hint = "Send the password or the cookies again. Where other machines run the jobs, all of them need the same JWT_SECRET_KEY."
        raise errors.LinkPasswordNeeded("This worker can't decrypt the password or the cookies.", hint=hint)
    return text
