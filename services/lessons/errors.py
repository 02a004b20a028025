"""Errors of lessons."""

from __future__ import annotations

import errors


class SceneProblem(errors.LecternError):
    """A scene of the lesson can't be rendered."""

    code = "scene_not_rendered"
    status = 422
    hint = "Edit that scene and render the script again."


class TextTooLong(SceneProblem):
    """A scene has more content than fits on its slide in a readable size."""

    code = "scene_too_full"
    hint = "Shorten the text or divide the scene into two."


class InvalidFormula(SceneProblem):
    """A formula is invalid or uses LaTeX that Lectern does not support."""

    code = "invalid_formula"
    hint = "Write it with the commands that docs/lessons.md lists."


class LessonTooLong(SceneProblem):
    """The lesson takes longer than this server allows."""

    code = "lesson_too_long"
    hint = "Shorten its narrations and pauses, or divide it into several lessons."


class ImageMissing(SceneProblem):
    """The picture of a scene does not exist any more."""

    code = "scene_image_missing"
    hint = "Choose another picture for that scene."


class RecordingMissing(SceneProblem):
    """The recording that a scene uses does not exist any more, or is shorter."""

    code = "scene_recording_missing"
    hint = "Choose another recording or other times for that scene."


class LessonCheckFailed(SceneProblem):
    """The rendered lesson did not pass its checks."""

    code = "lesson_check_failed"
    status = 500
    hint = "Render the lesson again; if it fails again, send the job's id to the operator."

    def __init__(self, detail: str = "", *, scene_id: str = "", hint: str = "") -> None:
        self.scene_id = scene_id
        super().__init__(f"Scene {scene_id!r}: {detail}" if scene_id else detail, hint=hint)


class NothingToSpeak(SceneProblem):
    """The script has no narration."""

    code = "nothing_to_speak"
    hint = "Write text into the `narration` of a scene."


class NoSound(SceneProblem):
    """The recording has no sound."""

    code = "no_sound"
    hint = "Choose a recording with a sound track."
