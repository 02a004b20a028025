"""Downloads: fetch the recording that a link leads to, in a child process that reaches public addresses only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import errors
from config.keys import signing_key
from lib.encryption import decrypt
from lib.process import CancellationCheck, Limits, Report, ignore_progress, never_cancelled, run_task
from lib.serialization import from_plain, to_plain
from services.downloaders.port import Chapter, Downloaded, DownloadRequest, LinkOptions

if TYPE_CHECKING:
    from config import Settings

__all__ = ["Chapter", "Downloaded", "LinkOptions", "fetch", "from_settings"]

_STALL_S = 300
_HEADROOM_BYTES = 64 * 2**20


def from_settings(settings: Settings) -> LinkOptions:
    """Return the configured options of downloads."""
    return LinkOptions(
        allowed_hosts=settings.link_allowed_hosts,
        max_duration_s=settings.max_duration_s,
        max_height=settings.link_max_height,
        js_runtime=str(settings.link_js_runtime or ""),
        cookies_file=str(settings.link_cookies_file or ""),
        drive_url=settings.link_drive_url,
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
    language: str = "",
    report: Report = ignore_progress,
    check: CancellationCheck = never_cancelled,
) -> Downloaded:
    """Download the recording at `url` into a folder; a repeated call continues a partial download. Report bytes.

    Raises UrlRefused, LinkUnusable, TooLarge, TooLong and TransientError.
    """
    folder.mkdir(exist_ok=True)
    request = DownloadRequest(
        url=url,
        folder=str(folder.absolute()),
        max_bytes=max_bytes,
        max_duration_s=options.max_duration_s,
        max_height=options.max_height,
        audio_only=audio_only,
        password=_unsealed(sealed_password, options),
        language=language,
        allowed_hosts=options.allowed_hosts,
        js_runtime=options.js_runtime,
        cookies_file=options.cookies_file,
        drive_url=options.drive_url,
    )
    limits = Limits(stall_s=_STALL_S, memory_bytes=2 * 2**30, file_bytes=max_bytes + _HEADROOM_BYTES)
    payload = to_plain(request)
    return from_plain(Downloaded, run_task("services.downloaders.child_task:fetch", payload, report=report, check=check, limits=limits))


def _unsealed(sealed_password: str, options: LinkOptions) -> str:
    if not sealed_password:
        return ""
    password = options.unseal(sealed_password)
    if password is None:
        hint = "Send the link and the password again. Where other machines run the jobs, all of them need the same JWT_SECRET_KEY."
        raise errors.LinkPasswordNeeded("This worker can't decrypt the password.", hint=hint)
    return password
