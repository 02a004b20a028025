"""The root of the tree: each class has a `code`, an HTTP `status`, a message and a hint.

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
