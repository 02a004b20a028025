"""The tree of errors: each class has a `code`, an HTTP `status`, a message and a hint.

The class docstring is the message that users read; `hint` says what to do next. `detail` describes one case.
"""

from __future__ import annotations

import inspect


class LecternError(Exception):
    """An internal error occurred in Lectern."""

    code = "internal_error"
    status = 500
    retryable = False
    retry_after_s: int | None = None
    hint = "Try again; if the error persists, send the request id to the operator."

    def __init__(self, detail: str = "", *, hint: str = "") -> None:
        self.detail = detail
        if hint:
            self.hint = hint
        super().__init__(f"{self.message} {detail}".strip())

    @property
    def message(self) -> str:
        return inspect.cleandoc(self.__class__.__doc__ or "").splitlines()[0]


class TransientError(LecternError):
    """A required service is temporarily unavailable."""

    code = "temporarily_unavailable"
    status = 503
    retryable = True
    retry_after_s = 10
    hint = "No data is lost; try again later."


class DatabaseBusy(TransientError):
    """All database connections are in use."""

    code = "database_busy"
    retry_after_s = 1
    hint = "Try again in a moment; if this happens often, the operator should raise DB_POOL_SIZE."


class IntakePaused(TransientError):
    """This server accepts no new recordings at the moment."""

    code = "intake_paused"
    retry_after_s = 300
    hint = "Recordings that are queued are still converted. An admin ends the pause with the setting transcribing_allowed."


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


class UnusableRecording(LecternError):
    """This recording can't be converted."""

    code = "unusable_recording"
    status = 422
    hint = "Check that the file plays on your computer; if so, convert it to MP4 and upload that."


class NotMedia(UnusableRecording):
    """This file is not a video or audio recording."""

    code = "not_media"
    status = 415
    hint = "Upload MP4, WebM, MKV, MOV, AVI, MP3, M4A, WAV, OGG or FLAC."


class UnknownCodec(UnusableRecording):
    """The video or audio codec of this recording is not supported."""

    code = "unknown_codec"
    status = 415
    hint = "Convert it to MP4 with H.264 and AAC, then upload that."


class EmptyFile(UnusableRecording):
    """The file is empty."""

    code = "empty_file"
    status = 400
    hint = "Check that the recording was saved completely."


class NoSlidesNoSpeech(UnusableRecording):
    """This recording contains neither slides nor speech."""

    code = "no_slides_no_speech"
    hint = "Check that you uploaded the right file and that its audio is not muted."


class NoSpeech(NoSlidesNoSpeech):
    """This recording contains no speech."""

    code = "no_speech"


class BadSubtitles(UnusableRecording):
    """The subtitles are invalid."""

    code = "bad_subtitles"
    hint = "Upload SRT or WebVTT text with at least one timed line."


class UnreadableText(UnusableRecording):
    """The text can't be read."""

    code = "unreadable_text"
    hint = "Send plain text, Markdown, or a Word document (.docx). Text with times is SRT or WebVTT: send it as `subtitles`."


class TextDoesNotFit(UnusableRecording):
    """The text is not what is said in the recording."""

    code = "text_does_not_fit"
    hint = "Send another text to POST /api/v1/transcripts/ID/own-text, or delete it there and convert the recording again without it."


class TooLong(UnusableRecording):
    """The recording is longer than this server accepts."""

    code = "too_long"
    hint = "Split the recording, or ask the operator to raise MAX_DURATION_S."


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


class StageFailed(LecternError):
    """A step of the conversion failed."""

    code = "stage_failed"
    hint = "Retry the job; if it fails again, the operator finds the program's output in the job's log."


class ProgramMissing(StageFailed):
    """A program required by this step is not installed."""

    code = "program_missing"
    status = 503


class ProgramFailed(StageFailed):
    """A program ended with an error."""

    code = "program_failed"


class OutOfMemory(ProgramFailed):
    """A step exceeded its memory limit."""

    code = "out_of_memory"
    hint = "Retry when the server is less busy, or give it more memory."


class WorkerLost(StageFailed):
    """The worker stopped unexpectedly in every attempt at this job."""

    code = "worker_lost"
    hint = "The usual causes are lack of memory or a restart of the machine: check its log, then retry the job."


class TimedOut(ProgramFailed):
    """A step exceeded its time limit."""

    code = "timed_out"
    retryable = True


class Stalled(TimedOut):
    """A step was stopped because it made no progress for a long time."""

    code = "stalled"


class ModelMissing(StageFailed):
    """A model required by this step is not installed."""

    code = "model_missing"
    status = 503
    hint = "Run `flask doctor`: it shows what to install or which setting to change."


class ProviderBusy(TransientError):
    """An external service has reached its rate limit."""

    code = "provider_busy"
    hint = "Lectern retries automatically; if this happens often, the operator should request a higher limit."

    def __init__(self, detail: str = "", *, hint: str = "", wait_s: int | None = None) -> None:
        super().__init__(detail, hint=hint)
        if wait_s is not None:
            self.retry_after_s = wait_s


class ProviderDown(TransientError):
    """An external service failed."""

    code = "provider_down"


class ProviderRefused(StageFailed):
    """An external service rejected the request."""

    code = "provider_refused"
    hint = "The operator should check the key and the settings of that service; its response is in the job's log."


class FontMissing(StageFailed):
    """No installed font supports some of the text."""

    code = "font_missing"


class Cancelled(LecternError):
    """The job was cancelled."""

    code = "cancelled"
    status = 409
    hint = "Retry the job at any time."


class LeaseLost(LecternError):
    """Another worker has taken over this job."""

    code = "lease_lost"
    status = 409
