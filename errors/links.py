"""Errors of links that can't be downloaded."""

from __future__ import annotations

from errors.base import LecternError


class LinkUnusable(LecternError):
    """This link can't be downloaded."""

    code = "link_unusable"
    status = 422
    hint = "Check that the link plays in a private browser window; otherwise download the recording and upload it."


class NoMediaFound(LinkUnusable):
    """There is no video or audio at this link."""

    code = "no_media_found"
    hint = "Copy the link of the video itself, or download the recording and upload it."


class LinkTooSlow(LinkUnusable):
    """The server of this link sends too slowly."""

    code = "link_too_slow"
    hint = "Try again later, or download the recording and upload it; LINK_MIN_BYTES_PER_S is the lowest speed."


class LinkNotFound(LinkUnusable):
    """There is nothing at this link."""

    code = "link_not_found"
    hint = "Check the link: the recording may have been deleted or moved."


class LinkIsCollection(LinkUnusable):
    """This link leads to several recordings."""

    code = "link_is_collection"
    hint = "Send the link of one of them, or import all of them as a batch."


class LinkPrivate(LinkUnusable):
    """This recording is private."""

    code = "link_private"
    hint = "Share it with everybody who has the link, store your cookies of the site, or download it and upload the file."


class LinkPasswordNeeded(LinkPrivate):
    """This share needs a password, or the password is wrong."""

    code = "link_password"
    hint = "Send the password of the share with the link."


class LinkGeoBlocked(LinkUnusable):
    """This recording is not available in the server's country."""

    code = "link_geo_blocked"
    hint = "Download it where it is available, and upload the file."


class LinkAgeRestricted(LinkUnusable):
    """This recording is shown to signed-in adults only."""

    code = "link_age_restricted"
    hint = "Download it while you are signed in, and upload the file; or store your cookies of the site (PUT /api/v1/site-cookies)."


class LinkIsLive(LinkUnusable):
    """This is a live stream that has not ended."""

    code = "link_live"
    hint = "Send the link again when the recording of the stream is available."


class LinkProtected(LinkUnusable):
    """This recording has a copy protection."""

    code = "link_protected"
    hint = "Ask its owner for the file."


class LinkBotCheck(LinkUnusable):
    """The site asks for a proof that no robot is downloading."""

    code = "link_bot_check"
    hint = (
        "Try again later with your cookies of the site (PUT /api/v1/site-cookies). The operator can update yt-dlp and set LINK_JS_RUNTIME."
    )
