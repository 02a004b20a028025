"""Errors of the script endpoints and jobs."""

from __future__ import annotations

import errors


class ScriptNotWritten(errors.Conflict):
    """This script is not written yet."""

    code = "script_not_written"
    hint = "Wait for its job, or read the error of the job if it has failed."


class ScriptChanged(errors.Conflict):
    """The script was changed in the meantime."""

    code = "script_changed"
    hint = "Read it again, repeat your change, and send the new version."

    def __init__(self, version: int) -> None:
        super().__init__(f"Its current version is {version}.")
        self.version = version


class ScriptBeingRendered(errors.Conflict):
    """A video of this script is being rendered."""

    code = "script_being_rendered"
    hint = "Wait until the job has ended, or cancel it."


class TooManyScripts(errors.Conflict):
    """You have reached the limit of scripts or versions."""

    code = "too_many_scripts"
    hint = "Delete scripts that you no longer need."


class UnknownScene(errors.NotFound):
    """The script has no such scene."""

    code = "unknown_scene"
    hint = "Read the script again: scenes keep their ids in all versions."


class ScriptWritingFailed(errors.LecternError):
    """The script could not be written."""

    code = "script_writing_failed"
    status = 502
    hint = "Try again later; the operator can find the language model's answers in the job's log."


class UnusableScript(errors.Conflict):
    """This script breaks a rule that was introduced after it was saved."""

    code = "unusable_script"
    hint = "Restore another version of it, or write a new script."
