"""The stages that make the video of a lesson: voice, pictures, video, checks."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path, PurePosixPath
from typing import Any

import errors
from domain import LectureNotes, MediaInfo, Word
from lib.process import Limits, run_task
from lib.serialization import atomic_write, from_plain, read_json, to_plain, write_json
from pipelines.stage import InputsRejected, StageInput
from services.lessons.errors import ImageMissing, LessonCheckFailed
from services.lessons.materials import archive_file, picture_file, recording_file
from services.lessons.options import LessonOptions
from services.lessons.rendering import check, lesson, video, voice, voice_over
from services.lessons.rendering.pictures import SizedPicture
from services.lessons.rendering.video import RenderedScript, ScenePicture
from services.lessons.rendering.voice import RecordingPart, SpokenScript
from services.lessons.script import Clip, LessonScript
from services.media.probe import probe
from services.speech_synthesis import VoiceOptions

SOUNDS, VIDEOS, PICTURES = "lesson_sounds", "lesson_scenes", "lesson_pictures"
SPOKEN_FILE, RENDERED_FILE, PICTURES_FILE = "spoken.json", "rendered.json", "pictures.json"
VOICE_OVER_FILE = "voice_over.json"
SCRIPT_FILE, MEDIA_FILE, REPORT_FILE = "lesson_script.json", "lesson_media.json", "lesson_report.json"
_LOGO = "-logo"
_PICTURE_LIMITS = Limits(timeout_s=60, memory_bytes=2 * 2**30)


def speak(stage_input: StageInput) -> None:
    """Speak the narrations; sounds of unchanged scenes are in the folder already. Those of a rejected scene are made again."""
    work = stage_input.work
    if work.has(SPOKEN_FILE):
        for scene in read_json(SpokenScript, work.path(SPOKEN_FILE)).scenes:
            if scene.sound and stage_input.is_rejected(scene.scene_id):
                work.path(SOUNDS).joinpath(scene.sound).unlink(missing_ok=True)
    speech = voice.speak_script(
        _script(stage_input),
        _options(stage_input),
        stage_input.engines.get(VoiceOptions),
        work.path(SOUNDS),
        recordings=_own_narrations(stage_input),
        report=stage_input.report,
        check=stage_input.check,
    )
    write_json(work.path(SPOKEN_FILE), speech)


def _own_narrations(stage_input: StageInput) -> dict[str, RecordingPart]:
    return {
        scene.id: RecordingPart(stage_input.work.path(recording_file(scene.narration_id)), _words(stage_input, scene.id))
        for scene in _script(stage_input).scenes
        if scene.narration_id and not _options(stage_input).silent
    }


def _clips(stage_input: StageInput) -> dict[str, RecordingPart]:
    return {
        scene.id: RecordingPart(stage_input.work.path(recording_file(scene.content.recording_id)), _words(stage_input, f"{scene.id}:clip"))
        for scene in _script(stage_input).scenes
        if isinstance(scene.content, Clip)
    }


def _words(stage_input: StageInput, name: str) -> tuple[Word, ...]:
    return from_plain(tuple[Word, ...], stage_input.options.get("words", {}).get(name, []))


def prepare_pictures(stage_input: StageInput) -> None:
    """Bring the slides of recordings and the uploaded pictures that scenes show to a size that fits, and the logo."""
    work, script = stage_input.work, _script(stage_input)
    folder = work.path(PICTURES)
    folder.mkdir(exist_ok=True)
    pictures: dict[str, SizedPicture] = {}

    def prepare(source: Path, name: str, *, keeps_alpha: bool = False) -> SizedPicture:
        payload = {"source": str(source), "target": str(folder / f"{name}.png"), "keeps_alpha": keeps_alpha}
        return from_plain(
            SizedPicture,
            run_task("services.lessons.rendering.pictures:prepare", payload, check=stage_input.check, limits=_PICTURE_LIMITS),
        )

    for scene in script.scenes:
        source = getattr(scene.content, "source", None)
        if source is not None and source.recording_id:
            raw = _extract_slide(work.path(archive_file(source.recording_id)), source.slide, folder, scene.id)
            pictures[scene.id] = prepare(raw, scene.id)
            raw.unlink()
        elif source is not None:
            pictures[scene.id] = prepare(work.path(picture_file(source.image_id)), scene.id)
    logo_id = _options(stage_input).logo_image_id
    if logo_id:
        pictures[_LOGO] = prepare(work.path(picture_file(logo_id)), _LOGO, keeps_alpha=True)
    with atomic_write(work.path(PICTURES_FILE)) as part:
        part.write_text(json.dumps({scene_id: to_plain(each) for scene_id, each in pictures.items()}))


def _extract_slide(archive: Path, number: int, folder: Path, scene_id: str) -> Path:
    """Write the picture of a slide from the archive of a recording's notes."""
    with tarfile.open(archive) as tar:
        notes_member = tar.extractfile("notes.json")
        notes = from_plain(LectureNotes, _json(notes_member.read() if notes_member else b"{}"))
        slide = next((each for each in notes.slides if each.number == number), None)
        if slide is None:
            raise ImageMissing(f"Scene {scene_id!r}: the recording has {len(notes.slides)} slides.")
        try:
            content = tar.extractfile(f"images/{PurePosixPath(slide.image).name}")
        except KeyError:
            content = None
        if content is None:
            raise ImageMissing(f"Scene {scene_id!r}: slide {number} has no picture.")
        target = folder / f"{scene_id}.source"
        target.write_bytes(content.read())
    return target


def draw(stage_input: StageInput) -> None:
    """Render a video without sound for each scene; those of unchanged scenes are in the folder already, except for a rejected one."""
    work = stage_input.work
    pictures = from_plain(dict[str, SizedPicture], _json(work.path(PICTURES_FILE).read_bytes()))
    if work.has(RENDERED_FILE):
        for scene in read_json(RenderedScript, work.path(RENDERED_FILE)).scenes:
            if stage_input.is_rejected(scene.scene_id):
                work.path(VIDEOS).joinpath(scene.video).unlink(missing_ok=True)
    rendered_script = video.render_script(
        _script(stage_input),
        read_json(SpokenScript, work.path(SPOKEN_FILE)),
        _options(stage_input),
        work.path(VIDEOS),
        pictures={name: ScenePicture(work.path(PICTURES) / each.file, each.width, each.height) for name, each in pictures.items()},
        logo=work.path(PICTURES) / pictures[_LOGO].file if _LOGO in pictures else None,
        clips=_clips(stage_input),
        watermark=str(stage_input.options.get("watermark", "")),
        report=stage_input.report,
        check=stage_input.check,
    )
    write_json(work.path(RENDERED_FILE), rendered_script)


def join(stage_input: StageInput) -> None:
    """Join the scenes, their sound, chapters and captions."""
    work = stage_input.work
    rendered_script = read_json(RenderedScript, work.path(RENDERED_FILE))
    lesson.assemble_lesson(
        _script(stage_input),
        rendered_script,
        work.path(VIDEOS),
        work.path(SOUNDS),
        work.root,
        created_on=str(stage_input.options.get("created_on", "")),
        report=stage_input.report,
        check=stage_input.check,
    )


def verify(stage_input: StageInput) -> None:
    """Check the video (services/lessons/rendering/check.py). A scene with a fault is spoken and drawn again by its own stages, once."""
    work = stage_input.work
    rendered_script = read_json(RenderedScript, work.path(RENDERED_FILE))
    try:
        report = check.check_lesson(
            _script(stage_input), rendered_script, _options(stage_input), work.path(VIDEOS), work.root, check=stage_input.check
        )
    except LessonCheckFailed as error:
        raise InputsRejected(error, error.scene_id) from error
    media: MediaInfo = probe(work.path(lesson.VIDEO), check=stage_input.check)
    write_json(work.path(MEDIA_FILE), media)
    write_json(work.path(REPORT_FILE), report)
    with atomic_write(work.path(SCRIPT_FILE)) as part:
        part.write_text(_script(stage_input).model_dump_json())


def join_voice_over(stage_input: StageInput) -> None:
    """Join the narrations to one sound with captions, and probe it."""
    work = stage_input.work
    recording = voice_over.join(
        _script(stage_input),
        read_json(SpokenScript, work.path(SPOKEN_FILE)),
        work.path(SOUNDS),
        work.root,
        created_on=str(stage_input.options.get("created_on", "")),
        report=stage_input.report,
        check=stage_input.check,
    )
    write_json(work.path(MEDIA_FILE), probe(work.path(voice_over.SOUND), check=stage_input.check))
    write_json(work.path(VOICE_OVER_FILE), recording)
    with atomic_write(work.path(SCRIPT_FILE)) as part:
        part.write_text(_script(stage_input).model_dump_json())


def _script(stage_input: StageInput) -> LessonScript:
    return LessonScript.model_validate(stage_input.options["script"])


def _options(stage_input: StageInput) -> LessonOptions:
    return LessonOptions.model_validate(stage_input.options["lesson"])


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError as error:
        raise errors.StageFailed("The archive of the notes is damaged.") from error
