"""Reads the responses of YouTube, and translates the errors of Google's client."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

from google.auth.exceptions import GoogleAuthError
from googleapiclient.errors import Error, HttpError

import errors
from services.youtube.port import (
    Channel,
    ChannelDisconnected,
    ChannelLimitReached,
    QuotaUsedUp,
    SessionGone,
    UploadedVideo,
    YouTubeRefused,
)

_QUOTA_REASONS = ("quotaExceeded", "dailyLimitExceeded")
_LIMIT_REASONS = ("uploadLimitExceeded", "uploadRateLimitExceeded", "videoTooLong")
_BUSY_REASONS = ("rateLimitExceeded", "userRateLimitExceeded", "backendError")
_GONE_STATUSES = (404, 410)
_FORMAT_ERRORS = (ValueError, TypeError, LookupError, AttributeError)  # of the client, for a response that is not what YouTube documents


@contextlib.contextmanager
def translate_errors(*, of_upload: bool = False) -> Iterator[None]:
    """Raise the errors of Google's client as ours; with `of_upload`, SessionGone if YouTube does not know the URL."""
    try:
        yield
    except HttpError as error:
        raise SessionGone() if of_upload and error.resp.status in _GONE_STATUSES else _translate(error) from error
    except (Error, GoogleAuthError) as error:
        raise YouTubeRefused(str(error)[:300]) from error
    except _FORMAT_ERRORS as error:
        raise errors.ProviderDown(f"YouTube's response has another form than documented ({type(error).__name__}).") from error


def read_items(response: dict[str, Any]) -> list[dict[str, Any]]:
    return response.get("items") or []


def read_channel(item: dict[str, Any]) -> Channel:
    return Channel(str(item["id"])[:64], str(item["snippet"].get("title", ""))[:200])


def read_video(item: dict[str, Any]) -> UploadedVideo:
    return UploadedVideo(str(item["id"])[:64], str((item.get("status") or {}).get("privacyStatus", ""))[:16])


def _translate(error: HttpError) -> errors.LecternError:
    status = error.resp.status
    reason, message = _read_reason(error.content)
    if status == 401:
        return ChannelDisconnected(message)
    if reason in _QUOTA_REASONS:
        return QuotaUsedUp()
    if reason in _LIMIT_REASONS:
        return ChannelLimitReached(message)
    if reason == "youtubeSignupRequired":
        return ChannelDisconnected(message)
    if status == 429 or reason in _BUSY_REASONS:
        return errors.ProviderBusy(f"YouTube answered {status}. {message}")
    if status >= 500:
        return errors.ProviderDown(f"YouTube answered {status}. {message}")
    return YouTubeRefused(f"It answered {status} {reason}: {message}")


def _read_reason(content: bytes) -> tuple[str, str]:
    """Return the reason and the message of a refusal: https://developers.google.com/youtube/v3/docs/errors."""
    text = content.decode("utf-8", "replace").replace("\0", "")
    try:
        error = json.loads(text)["error"]
        return str((error.get("errors") or [{}])[0].get("reason", "")), str(error.get("message", ""))[:300]
    except _FORMAT_ERRORS:
        return "", text[:200]
