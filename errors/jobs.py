"""Errors of stages, the programs and services that they call, and the end of jobs."""

from __future__ import annotations

from errors.base import LecternError, TransientError


class StageFailed(LecternError):
    """A step of the conversion failed."""

    code = "stage_failed"
    hint = "Retry the job; if it fails again, the operator can find the program's output in the job's log."


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


class InputChanged(LecternError):
    """A file that the job needs was replaced or removed after the job was claimed."""

    code = "input_changed"
    status = 409
    hint = "Release the job; the next claim names the present files."
    retryable = True


class LeaseLost(LecternError):
    """Another worker has taken over this job."""

    code = "lease_lost"
    status = 409
