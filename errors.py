"""The tree of errors: each class is one `code`, one HTTP `status`, and a sentence that says what to do.

The class docstring is the message a user reads; `hint` says what to try next. Details of one case go in `detail`.
"""

from __future__ import annotations

import inspect


class LecternError(Exception):
    """Something went wrong inside Lectern."""

    code = "internal_error"
    status = 500
    retryable = False
    retry_after_s: int | None = None
    hint = "Try again; if it happens again, send the request id to the operator."

    def __init__(self, detail: str = "", *, hint: str = "") -> None:
        self.detail = detail
        if hint:
            self.hint = hint
        super().__init__(f"{self.message} {detail}".strip())

    @property
    def message(self) -> str:
        return inspect.cleandoc(self.__class__.__doc__ or "").splitlines()[0]


class TransientError(LecternError):
    """A service that Lectern needs did not answer; it may do so again soon."""

    code = "temporarily_unavailable"
    status = 503
    retryable = True
    retry_after_s = 10
    hint = "Nothing is lost; Lectern tries again by itself."


# ---------------------------------------------------------------- requests


class BadRequest(LecternError):
    """The request can't be understood."""

    code = "bad_request"
    status = 400
    hint = "See /docs for what this address takes."


class MalformedJson(BadRequest):
    """The JSON can't be read."""

    code = "malformed_json"
    hint = "Send one JSON object as UTF-8 text, without NUL and without halves of surrogate pairs."


class CutShort(BadRequest):
    """The request broke off or was not sent as it was announced."""

    code = "cut_short"
    hint = "Send it again; large recordings can be sent in chunks, which need not begin again."


class ValidationFailed(BadRequest):
    """Some of what was sent is missing or not of the right form."""

    code = "validation_failed"
    status = 422


class UnknownLanguage(ValidationFailed):
    """Speech in this language is not known here."""

    code = "unknown_language"
    hint = "Leave the language out to have it detected, or send subtitles with the recording."


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
    """You may not do that."""

    code = "forbidden"
    status = 403
    hint = "Ask an administrator for the right to do it."


class NotFound(LecternError):
    """There is no such thing here, or it is not yours."""

    code = "not_found"
    status = 404
    hint = "Check the id; a deleted recording does not come back."


class Conflict(LecternError):
    """That can't be done in the present state."""

    code = "conflict"
    status = 409
    hint = "Look at the present state and try again."


class AlreadyRegistered(Conflict):
    """This e-mail address or user name is taken."""

    code = "already_registered"
    hint = "Log in, or choose another."


class NotReady(Conflict):
    """This document is not ready yet."""

    code = "not_ready"
    status = 400
    hint = "Ask /status/{id} until it says completed."


class TooLarge(LecternError):
    """The file is larger than this server takes."""

    code = "too_large"
    status = 413
    hint = "Compress or split the recording, or ask the operator to raise MAX_UPLOAD_BYTES."


class BodyTooLarge(TooLarge):
    """The request is larger than this address takes."""

    code = "body_too_large"
    hint = "Only files may be large: send them as multipart/form-data, in a field of their own."


class QuotaExceeded(LecternError):
    """Your storage quota is used up."""

    code = "quota_exceeded"
    status = 413
    hint = "Delete recordings that you no longer need, or ask an administrator for more room."


class TooManyRequests(LecternError):
    """Too many requests in too short a time."""

    code = "too_many_requests"
    status = 429
    hint = "Wait as long as Retry-After says, then try again."

    def __init__(self, detail: str = "", *, wait_s: int) -> None:
        super().__init__(detail)
        self.retry_after_s = wait_s


class TooManyJobs(TooManyRequests):
    """You have as many jobs waiting or running as you may have."""

    code = "too_many_jobs"
    hint = "Wait until some have ended, cancel some, or ask an administrator for more."


class TooManyUploads(TooManyRequests):
    """You have sent as many recordings within a day as you may."""

    code = "too_many_uploads"
    hint = "Wait as long as Retry-After says, or ask an administrator for more."


class DiskFull(LecternError):
    """The server has no room left on its disk."""

    code = "disk_full"
    status = 507
    hint = "The operator must free space in the data folder; nothing of yours is lost."


# ---------------------------------------------------------------- recordings


class UnusableRecording(LecternError):
    """This recording can't be turned into notes."""

    code = "unusable_recording"
    status = 422
    hint = "Play the file on your machine; if it plays, convert it to MP4 and upload that."


class NotMedia(UnusableRecording):
    """This file is no video or audio recording."""

    code = "not_media"
    status = 415
    hint = "Send MP4, WebM, MKV, MOV, AVI, MP3, M4A, WAV, OGG or FLAC."


class UnknownCodec(UnusableRecording):
    """The picture or the sound of this recording is in a format that is not known here."""

    code = "unknown_codec"
    status = 415
    hint = "Convert it to MP4 with H.264 and AAC, then upload that."


class EmptyFile(UnusableRecording):
    """The file is empty."""

    code = "empty_file"
    status = 400
    hint = "Check that the recording was saved completely."


class NoPictureNoSpeech(UnusableRecording):
    """There are neither slides nor speech in this recording."""

    code = "no_slides_no_speech"
    hint = "Check that the right file was sent and that its sound is not muted."


class NoSpeech(NoPictureNoSpeech):
    """Nobody speaks in this recording."""

    code = "no_speech"


class BadSubtitles(UnusableRecording):
    """The subtitles can't be read."""

    code = "bad_subtitles"
    hint = "Send SRT or WebVTT text with at least one timed line."


class TooLong(UnusableRecording):
    """The recording is longer than this server takes."""

    code = "too_long"
    hint = "Split the recording, or ask the operator to raise MAX_DURATION_S."


# ---------------------------------------------------------------- work


class StageFailed(LecternError):
    """A step of the conversion failed."""

    code = "stage_failed"
    hint = "Retry the job; if it fails again, the operator finds the program's own words in the job's log."


class ProgramMissing(StageFailed):
    """A program that this step needs is not installed."""

    code = "program_missing"
    status = 503


class ProgramFailed(StageFailed):
    """A program ended with an error."""

    code = "program_failed"


class OutOfMemory(ProgramFailed):
    """A step was ended because it needed more memory than it may have."""

    code = "out_of_memory"
    hint = "Retry when the machine is less busy, or give it more memory."


class WorkerLost(StageFailed):
    """The worker was lost each time it tried this job."""

    code = "worker_lost"
    hint = "Most often the machine ran out of memory or was switched off: look at its log, then retry the job."


class TimedOut(ProgramFailed):
    """A step took too long and was ended."""

    code = "timed_out"
    retryable = True


class Stalled(TimedOut):
    """A step made no progress for a long time and was ended."""

    code = "stalled"


class ModelMissing(StageFailed):
    """A model that this step needs is not installed."""

    code = "model_missing"
    status = 503
    hint = "Run `flask doctor`: it names what to install or which setting to change."


class ProviderBusy(TransientError):
    """A service of others asks for a pause: too much was asked of it."""

    code = "provider_busy"
    hint = "Lectern tries again by itself; if it happens often, the operator should ask that service for a higher limit."

    def __init__(self, detail: str = "", *, hint: str = "", wait_s: int | None = None) -> None:
        super().__init__(detail, hint=hint)
        if wait_s is not None:
            self.retry_after_s = wait_s


class ProviderDown(TransientError):
    """A service of others has an error of its own."""

    code = "provider_down"


class ProviderRefused(StageFailed):
    """A service of others takes no such request."""

    code = "provider_refused"
    hint = "The operator should look at the key and the settings of that service; the job's log has its answer."


class FontMissing(StageFailed):
    """No installed font can show some of the text."""

    code = "font_missing"


class Cancelled(LecternError):
    """The job was cancelled."""

    code = "cancelled"
    status = 409
    hint = "Start it again whenever you like."


class LeaseLost(LecternError):
    """Another worker has taken over this job."""

    code = "lease_lost"
    status = 409
