"""Material that a script uses besides its text: slides and clips of recordings, uploaded pictures, and recorded voices."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import errors
from database import session
from domain import Word
from lib.serialization import to_plain
from models import Recording, TranscriptSegment
from services.files import files
from services.jobs.job_kind import JobInput
from services.lessons.errors import ImageMissing, RecordingMissing
from services.lessons.options import LessonOptions
from services.lessons.script import Clip, LessonScript, Scene
from services.library import hidden_formats
from services.projects import access
from services.transcripts import segments

_TOLERANCE_S = 0.5
STARTED_BY = "started_by"  # the option that names the member who has started a job of another user's project


@dataclass
class Materials:
    """The stored objects that the stages read, and by the id of a scene the words that its recording says, with times from its start."""

    inputs: dict[str, JobInput] = field(default_factory=dict)
    words: dict[str, list[object]] = field(default_factory=dict)


def archive_file(recording_id: str) -> str:
    """Return the name in the workspace of a recording's archived notes, which hold the pictures of its slides."""
    return f"notes-{recording_id}.tar"


def picture_file(file_id: str) -> str:
    """Return the name in the workspace of an uploaded picture."""
    return f"picture-{file_id}"


def recording_file(recording_id: str) -> str:
    """Return the name in the workspace of a recording."""
    return f"recording-{recording_id}"


def materials_of(script: LessonScript, options: LessonOptions, reader_ids: Collection[str], *, has_pictures: bool = True) -> Materials:
    """Find what a script uses that each of these users may open. Raises ImageMissing and RecordingMissing, which name the scene."""
    materials = Materials()
    for scene in script.scenes:
        if scene.narration_id and not options.silent:
            recording = _recording(scene, scene.narration_id, reader_ids)
            materials.inputs[recording_file(recording.id)] = _file(recording)
            materials.words[scene.id] = list(_words(recording.id, 0.0, recording.duration_s))
        if has_pictures:
            _add_pictures(materials, scene, reader_ids)
    if has_pictures and options.logo_image_id:
        materials.inputs[picture_file(options.logo_image_id)] = _picture(options.logo_image_id, reader_ids, "The logo")
    return materials


def check_new(before: LessonScript | None, after: LessonScript, author_id: str) -> None:
    """Check that the author of a change may open what the change adds: other recordings and pictures, and other parts of a recording.

    The user who renders the video later may have more rights than the author. Raises ImageMissing and RecordingMissing with the scene.
    """
    old_uses = {use for scene in before.scenes for use in _uses(scene)} if before is not None else set()
    for scene in after.scenes:
        for use in _uses(scene) - old_uses:
            if use[0] == "picture":
                _picture(str(use[1]), {author_id}, f"Scene {scene.id!r}")
            else:
                _readable(scene, str(use[1]), {author_id})


def _uses(scene: Scene) -> set[tuple[object, ...]]:
    """Return what a scene takes from stored objects: a kind, an id, and the part."""
    content, uses = scene.content, set[tuple[object, ...]]()
    source = getattr(content, "source", None)
    if scene.narration_id:
        uses.add(("narration", scene.narration_id))
    if isinstance(content, Clip):
        uses.add(("clip", content.recording_id, content.start_s, content.end_s, content.sound))
    elif source is not None:
        uses.add(("picture", source.image_id) if source.image_id else ("slide", source.recording_id, source.slide))
    return uses


def _add_pictures(materials: Materials, scene: Scene, reader_ids: Collection[str]) -> None:
    content = scene.content
    source = getattr(content, "source", None)
    if isinstance(content, Clip):
        recording = _recording(scene, content.recording_id, reader_ids)
        if content.end_s > recording.duration_s + _TOLERANCE_S:
            raise RecordingMissing(f"Scene {scene.id!r}: the recording ends after {recording.duration_s:.1f} s.")
        materials.inputs[recording_file(recording.id)] = _file(recording)
        if content.sound == "own":
            materials.words[f"{scene.id}:clip"] = list(_words(recording.id, content.start_s, content.end_s))
    elif source is not None and source.image_id:
        materials.inputs[picture_file(source.image_id)] = _picture(source.image_id, reader_ids, f"Scene {scene.id!r}")
    elif source is not None:
        name = archive_file(source.recording_id)
        materials.inputs[name] = materials.inputs.get(name) or _archive(scene, source.recording_id, reader_ids)


def _picture(file_id: str, reader_ids: Collection[str], place: str) -> JobInput:
    try:
        row = [files.get_linked(file_id, each) for each in reader_ids][-1]
    except errors.NotFound:
        if len(reader_ids) > 1:
            raise ImageMissing(
                f"{place} shows an uploaded picture that does not exist, or that not both of you may open: add it to the project."
            ) from None
        raise ImageMissing(f"{place} shows an uploaded picture that does not exist or is not open to you.") from None
    if row.kind != "image":
        raise ImageMissing(f"{place} shows {row.filename}, which is not a picture.")
    return JobInput(picture_file(row.id), row.storage_key, row.filename, row.content_type, row.size_bytes, row.sha256)


def _archive(scene: Scene, recording_id: str, reader_ids: Collection[str]) -> JobInput:
    row = hidden_formats.shown_notes(session(), _recording(scene, recording_id, reader_ids).id)
    if row is None:
        raise ImageMissing(f"Scene {scene.id!r} shows a slide of a recording that was not converted.")
    name = archive_file(recording_id)
    return JobInput(name, row.storage_key, name, row.content_type, row.size_bytes, row.sha256)


def _recording(scene: Scene, recording_id: str, reader_ids: Collection[str]) -> Recording:
    row = _readable(scene, recording_id, reader_ids)
    if not row.storage_key:
        raise RecordingMissing(f"Scene {scene.id!r} uses a recording that is still being downloaded.")
    return row


def _readable(scene: Scene, recording_id: str, reader_ids: Collection[str]) -> Recording:
    row = session().get(Recording, recording_id)
    if row is None or row.deleted_at is not None or not all(row.user_id == each or access.may_watch(each, row) for each in reader_ids):
        if len(reader_ids) > 1:
            raise RecordingMissing(
                f"Scene {scene.id!r} uses a recording that does not exist, or that not both of you may open: add it to the project."
            )
        raise RecordingMissing(f"Scene {scene.id!r} uses a recording that does not exist or is not open to you.")
    return row


def _file(recording: Recording) -> JobInput:
    name = recording_file(recording.id)
    return JobInput(name, recording.storage_key, recording.filename, size_bytes=recording.size_bytes, sha256=recording.sha256)


def _words(recording_id: str, start_s: float, end_s: float) -> Iterator[object]:
    """Yield the words of the transcript that are said between two times, as plain values."""
    inside = (TranscriptSegment.end_s > start_s, TranscriptSegment.start_s < end_s)
    for segment in segments.read(session(), recording_id, *inside):
        for word in segment.words:
            if word.start_s >= start_s and word.end_s <= end_s + _TOLERANCE_S:
                yield to_plain(Word(word.text, round(word.start_s - start_s, 3), round(min(word.end_s, end_s) - start_s, 3)))
