"""Errors of requests: malformed, refused, too large or too many."""

from __future__ import annotations

from errors.base import LecternError


class BadRequest(LecternError):
    """The request is malformed."""

    code = "bad_request"
    status = 400
    hint = "See /docs for the parameters of this endpoint."


class MalformedJson(BadRequest):
    """The JSON is malformed."""

    code = "malformed_json"
    hint = "Send one JSON object in UTF-8, without NUL and without lone surrogates."


class TruncatedBody(BadRequest):
    """The request body is incomplete or does not match its Content-Length."""

    code = "cut_short"
    hint = "Send it again; large recordings can be uploaded in chunks, so that an upload can be resumed."


class BodyTooSlow(BadRequest):
    """The request body arrives too slowly."""

    code = "too_slow"
    status = 408
    hint = "Check your connection; large recordings can be uploaded in chunks, so that an upload can be resumed."


class ValidationFailed(BadRequest):
    """Some fields are missing or invalid."""

    code = "validation_failed"
    status = 422


class UrlRefused(ValidationFailed):
    """This URL is not allowed."""

    hint = "Use a public http or https URL."


class UnknownLanguage(ValidationFailed):
    """Speech recognition does not support this language."""

    code = "unknown_language"
    hint = "Omit the language to have it detected, or upload subtitles with the recording."


class NoFile(BadRequest):
    """No file was sent."""

    code = "no_file"
    hint = "Send the recording as multipart/form-data, in a field named `file`."


class Unauthenticated(LecternError):
    """Authentication required."""

    code = "authentication_required"
    status = 401
    hint = "Log in and send the access token as `Authorization: Bearer TOKEN`."


class BadCredentials(Unauthenticated):
    """Wrong e-mail address, user name or password."""

    code = "bad_credentials"
    hint = "Check the spelling; passwords are case-sensitive."


class Forbidden(LecternError):
    """You don't have permission to do this."""

    code = "forbidden"
    status = 403
    hint = "Ask an administrator for permission."


class NotFound(LecternError):
    """It does not exist, or it is not yours."""

    code = "not_found"
    status = 404
    hint = "Check the id, and that you are signed in to the right account."

    def __init__(self, detail: str = "", *, hint: str = "") -> None:
        """`detail`: a sentence, or the name of what is missing, such as `recording`."""
        sentence = detail if not detail or detail.endswith(".") else f"There is no such {detail}."
        super().__init__(sentence, hint=hint)


class NotOffered(LecternError):
    """Lectern does not offer this."""

    code = "not_offered"
    status = 410


class Conflict(LecternError):
    """This conflicts with the current state."""

    code = "conflict"
    status = 409
    hint = "Check the current state and try again."


class AlreadyRegistered(Conflict):
    """This e-mail address or user name is taken."""

    code = "already_registered"
    hint = "Log in, or choose another."


class NotReady(Conflict):
    """This document is not ready yet."""

    code = "not_ready"
    status = 400
    hint = "Poll /status/{id} until the status is completed."


class TooLarge(LecternError):
    """The file is larger than this server accepts."""

    code = "too_large"
    status = 413
    hint = "Compress or split the recording, or ask the operator to raise MAX_UPLOAD_BYTES."


class BodyTooLarge(TooLarge):
    """The request body is larger than this endpoint accepts."""

    code = "body_too_large"
    hint = "Send large files as multipart/form-data, each in a separate field."


class QuotaExceeded(LecternError):
    """Your storage quota is used up."""

    code = "quota_exceeded"
    status = 413
    hint = "Delete recordings that you no longer need, or ask an administrator for a higher quota."


class TooManyRequests(LecternError):
    """Too many requests."""

    code = "too_many_requests"
    status = 429
    hint = "Wait as long as Retry-After says, then try again."

    def __init__(self, detail: str = "", *, wait_s: int) -> None:
        super().__init__(detail)
        self.retry_after_s = wait_s


class TooManyJobs(TooManyRequests):
    """You have reached the limit of queued and running jobs."""

    code = "too_many_jobs"
    hint = "Wait until a job has finished, cancel one, or ask an administrator for a higher limit."


class TooManyUploads(TooManyRequests):
    """You have reached the limit of uploads per day."""

    code = "too_many_uploads"
    hint = "Wait as long as Retry-After says, or ask an administrator for a higher limit."


class DiskFull(LecternError):
    """The server's disk is full."""

    code = "disk_full"
    status = 507
    hint = "The operator must free space in the data folder; your data is safe."
