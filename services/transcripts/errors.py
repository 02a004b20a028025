"""Errors of transcripts."""

from __future__ import annotations

from collections.abc import Sequence

import errors


class NoTranscript(errors.NotFound):
    """This recording has no transcript."""

    code = "no_transcript"
    hint = "It is there once the recording has been converted; convert older recordings again."


class RevisionConflict(errors.Conflict):
    """The transcript was changed in the meantime."""

    code = "revision_conflict"
    hint = "Read it again, repeat your change, and send the new revision."

    def __init__(self, revision: int, changed_segments: Sequence[int]) -> None:
        super().__init__(f"Its revision is {revision} now.")
        self.revision, self.changed_segments = revision, list(changed_segments)


class TooManyWords(errors.ValidationFailed):
    """The transcript gets too long."""

    code = "too_many_words"
