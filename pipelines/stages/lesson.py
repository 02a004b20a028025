"""The stages that make the video of a lesson: voice, pictures, video, checks."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path, PurePosixPath
from typing import Any

import errors
from domain import LectureNotes, MediaInfo
from lib.process import run_task
from lib.serialization import from_plain, read_json, replacing, to_plain, write_json
from pipelines.stage import StageInput
from services.lessons.errors import ImageMissing
from services.lessons.lesson_jobs import archive_file
from services.lessons.options import LessonOptions
from services.lessons.rendering import check, lesson, video, voice, voice_over
from services.lessons.rendering.pictures import SizedPicture
from services.lessons.rendering.video import RenderedScript, ScenePicture
from services.lessons.rendering.voice import SpokenScript
from services.lessons.script import LessonScript
from services.media.probe import probe
from services.speech_synthesis import VoiceOptions

SOUNDS, VIDEOS, PICTURES = "lesson_sounds", "lesson_scenes", "lesson_pictures"
SPOKEN_FILE, RENDERED_FILE, PICTURES_FILE = "spoken.json", "rendered.json", "pictures.json"
VOICE_OVER_FILE = "voice_over.json"
SCRIPT_FILE, MEDIA_FILE, REPORT_FILE = "lesson_script.json", "lesson_media.json", "lesson_report.json"


def speak(stage_input: StageInput) -> None:
    """Speak the narrations; sounds of unchanged scenes are in the folder already."""
    work = stage_input.work
    spoken = voice.speak_script(
        _script(stage_input),
        _options(stage_input),
        stage_input.engines.get(VoiceOptions),
        work.path(SOUNDS),
        report=stage_input.report,
        check=stage_input.check,
    )
    write_json(work.path(SPOKEN_FILE), spoken)


def prepare_pictures(stage_input: StageInput) -> None:
    """Unpack the slides of recordings that scenes show, in a size that fits."""
    work, script = stage_input.work, _script(stage_input)
    folder = work.path(PICTURES)
    folder.mkdir(exist_ok=True)
    pictures: dict[str, SizedPicture] = {}
    for scene in script.scenes:
        source = getattr(scene.content, "source", None)
        if source is None:
            continue
        if not source.recording_id:
            raise ImageMissing(f"Scene {scene.id!r}: uploaded pictures can't be shown yet; use a slide of a recording.")
        raw = _extract_slide(work.path(archive_file(source.recording_id)), source.slide, folder, scene.id)
        payload = {"source": str(raw), "target": str(folder / f"{scene.id}.png")}
        pictures[scene.id] = from_plain(
            SizedPicture, run_task("services.lessons.rendering.pictures:prepare", payload, check=stage_input.check)
        )
        raw.unlink()
    with replacing(work.path(PICTURES_FILE)) as part:
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
    """Render a video without sound for each scene; those of unchanged scenes are in the folder already."""
    work = stage_input.work
    pictures = from_plain(dict[str, SizedPicture], _json(work.path(PICTURES_FILE).read_bytes()))
    rendered = video.render_script(
        _script(stage_input),
        read_json(SpokenScript, work.path(SPOKEN_FILE)),
        _options(stage_input),
        work.path(VIDEOS),
        pictures={name: ScenePicture(work.path(PICTURES) / each.file, each.width, each.height) for name, each in pictures.items()},
        report=stage_input.report,
        check=stage_input.check,
    )
    write_json(work.path(RENDERED_FILE), rendered)


def join(stage_input: StageInput) -> None:
    """Join the scenes, their sound, chapters and captions."""
    work = stage_input.work
    rendered = read_json(RenderedScript, work.path(RENDERED_FILE))
    lesson.assemble_lesson(
        _script(stage_input),
        rendered,
        work.path(VIDEOS),
        work.path(SOUNDS),
        work.root,
        created_on=str(stage_input.options.get("created_on", "")),
        report=stage_input.report,
        check=stage_input.check,
    )


def verify(stage_input: StageInput) -> None:
    """Check the video; see `services/lessons/rendering/check.py`."""
    work = stage_input.work
    rendered = read_json(RenderedScript, work.path(RENDERED_FILE))
    report = check.check_lesson(
        _script(stage_input), rendered, _options(stage_input), work.path(VIDEOS), work.root, check=stage_input.check
    )
    media: MediaInfo = probe(work.path(lesson.VIDEO), check=stage_input.check)
    write_json(work.path(MEDIA_FILE), media)
    write_json(work.path(REPORT_FILE), report)
    with replacing(work.path(SCRIPT_FILE)) as part:
        part.write_text(_script(stage_input).model_dump_json())


def join_voice_over(stage_input: StageInput) -> None:
    """Join the narrations to one sound with captions, and probe it."""
    work = stage_input.work
    made = voice_over.join(
        _script(stage_input),
        read_json(SpokenScript, work.path(SPOKEN_FILE)),
        work.path(SOUNDS),
        work.root,
        created_on=str(stage_input.options.get("created_on", "")),
        report=stage_input.report,
        check=stage_input.check,
    )
    write_json(work.path(MEDIA_FILE), probe(work.path(voice_over.SOUND), check=stage_input.check))
    write_json(work.path(VOICE_OVER_FILE), made)
    with replacing(work.path(SCRIPT_FILE)) as part:
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
