"""Errors of slide edits."""

from __future__ import annotations

import errors


class SlidesChanged(errors.Conflict):
    """The slides were changed in the meantime."""

    code = "slides_changed"
    hint = "Read them again, repeat your change, and send the new revision."

    def __init__(self, revision: int) -> None:
        super().__init__(f"Their revision is {revision} now.")
        self.revision = revision


class NothingToUndo(errors.Conflict):
    """There is no change of the slides to undo."""

    code = "no_slide_change_to_undo"


class NothingToRedo(errors.Conflict):
    """There is no undone change of the slides to redo."""

    code = "no_slide_change_to_redo"
    hint = "A new change deletes those that were undone before it."


class TooManySlideEdits(errors.Conflict):
    """The slides of this recording have been changed too often."""

    code = "too_many_slide_edits"
    hint = "Undo some changes."
