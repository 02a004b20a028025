"""The port to YouTube: values and errors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import errors


class PublishingOff(errors.Conflict):
    """This server cannot publish on YouTube."""

    code = "publishing_off"
    hint = "The operator can set GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET and PUBLIC_URL."


class ChannelDisconnected(errors.LecternError):
    """The connection to this channel has ended."""

    code = "channel_disconnected"
    status = 409
    hint = (
        "Connect the channel again. If this happens after 7 days, the consent screen of the Google project is in testing:"
        " the operator should publish it."
    )


class SignInFailed(errors.BadRequest):
    """The sign-in at Google was not completed."""

    code = "youtube_sign_in_failed"
    hint = "Connect the channel again (GET /api/v1/youtube/oauth) in the same account, and allow the access."


class QuotaUsedUp(errors.LecternError):
    """The daily quota of YouTube is used up."""

    code = "youtube_quota_exceeded"
    status = 503
    hint = "Retry the job after midnight Pacific Time. Google allows about 100 uploads a day; captions cost 400 of 10,000 units each."


class ChannelLimitReached(errors.LecternError):
    """The channel may not upload more videos now, or not so long ones."""

    code = "youtube_channel_limit"
    status = 409
    hint = "Retry the job after a day; verify the channel at youtube.com/verify for videos of more than 15 minutes."


class YouTubeRefused(errors.ProviderRefused):
    """YouTube refuses the request."""

    code = "youtube_refused"
    hint = "Check title, description and tags; YouTube's answer is in the message."


class SessionGone(errors.LecternError):
    """The upload can't be resumed any more."""

    code = "youtube_session_gone"


@dataclass(frozen=True)
class Channel:
    id: str
    title: str


@dataclass(frozen=True)
class SignIn:
    """The address at which a user allows access, with the secrets that the callback needs."""

    url: str
    state: str
    verifier: str


@dataclass(frozen=True)
class VideoDetails:
    """The details of a video. `publish_at`: a private video becomes public then. `category_id`: 27 is education."""

    title: str
    description: str = ""
    tags: Sequence[str] = ()
    privacy: str = "private"
    publish_at: dt.datetime | None = None
    category_id: str = "27"
    language: str = ""
    made_for_kids: bool = False


@dataclass(frozen=True)
class UploadedVideo:
    """A video as YouTube reports it."""

    id: str
    privacy: str
