"""A script becomes a video, and the video a recording in the library."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from flask import Flask

from database import transaction
from lib.process import Limits, run_program
from lib.programs import find_program, require_program
from lib.serialization import read_json, write_json
from models import Job, Recording, Script, ScriptVersion
from pipelines.engines import Engines
from pipelines.lesson import STAGES
from pipelines.runner import StageError, run_pipeline
from pipelines.stage import Workspace
from services.jobs import queue
from services.lessons import lesson_jobs
from services.lessons.errors import LessonCheckFailed, TextTooLong
from services.lessons.options import LessonOptions
from services.lessons.rendering.check import check_lesson
from services.lessons.rendering.video import RenderedScript
from services.lessons.script import LessonScript
from services.lessons.themes import THEMES
from services.media.frames import FrameRequest, extract_frames
from services.media.probe import probe
from services.speech_synthesis import VoiceOptions
from tests.conftest import User
from tests.waiting import wait_for

_SCENES: list[dict[str, Any]] = [
    {"id": "one", "chapter": "Start", "narration": "This is a title.", "content": {"kind": "title", "heading": "Leaves"}},
    {"id": "two", "chapter": "End", "narration": "Light and water.", "content": {"kind": "bullets", "items": ["Light", "Water"]}},
]
_OPTIONS: dict[str, Any] = {"silent": True, "height": 720, "frame_rate": 24}


_CLIP: dict[str, Any] = {"kind": "clip", "recording_id": "film", "start_s": 0, "end_s": 2}


class _Control:
    def check(self) -> None:
        """Never cancel."""

    def progress(self, *_: object) -> None:
        """Ignore progress."""


def _script(scenes: list[dict[str, Any]] = _SCENES) -> dict[str, Any]:
    return LessonScript.model_validate({"title": "Leaves", "scenes": scenes}).model_dump(mode="json")


def _run(folder: Path, scenes: list[dict[str, Any]] = _SCENES) -> Mapping[str, Any]:
    folder.mkdir(exist_ok=True)
    options = {"script": _script(scenes), "lesson": LessonOptions(**_OPTIONS).model_dump(mode="json"), "created_on": "2026-11-29"}
    engines = Engines(2, (VoiceOptions(folder=folder),))
    run_pipeline(STAGES, Workspace(folder), options, engines, _Control(), ["lesson.mp4", "lesson.vtt", "lesson_report.json"])
    return options


@pytest.fixture(scope="module")
def rendered_lesson(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Mapping[str, Any]]:
    folder = tmp_path_factory.mktemp("lesson") / "work"
    return folder, _run(folder)


def test_the_video_has_picture_sound_captions_and_a_poster(rendered_lesson: tuple[Path, Mapping[str, Any]]) -> None:
    folder, _ = rendered_lesson
    media = probe(folder / "lesson.mp4")
    assert media.video is not None
    assert media.audio is not None
    assert (media.video.codec, media.video.width, media.video.height, media.audio.codec) == ("h264", 1280, 720, "aac")
    assert (folder / "lesson.mp4").read_bytes().find(b"moov") < (folder / "lesson.mp4").read_bytes().find(b"mdat")
    assert "This is a title." in (folder / "lesson.vtt").read_text()
    assert (folder / "poster.jpg").read_bytes().startswith(b"\xff\xd8")
    plan = read_json(RenderedScript, folder / "rendered.json")
    assert json.loads((folder / "lesson_report.json").read_text())["max_drift_s"] < 1 / 24
    assert abs(media.duration_s - plan.duration_s) < 0.1


def test_only_a_changed_scene_is_rendered_again(rendered_lesson: tuple[Path, Mapping[str, Any]]) -> None:
    folder, _ = rendered_lesson
    before = read_json(RenderedScript, folder / "rendered.json")
    times = {each.video: (folder / "lesson_scenes" / each.video).stat().st_mtime_ns for each in before.scenes}
    scenes = [_SCENES[0], {**_SCENES[1], "narration": "Water and light, in this order."}]
    _run(folder, scenes)
    after = read_json(RenderedScript, folder / "rendered.json")
    assert after.scenes[0].video == before.scenes[0].video
    assert (folder / "lesson_scenes" / after.scenes[0].video).stat().st_mtime_ns == times[after.scenes[0].video]
    assert after.scenes[1].video != before.scenes[1].video


def test_the_check_names_the_scene(rendered_lesson: tuple[Path, Mapping[str, Any]]) -> None:
    folder, _ = rendered_lesson
    plan = read_json(RenderedScript, folder / "rendered.json")
    script = LessonScript.model_validate(_script())
    first = dataclasses.replace(plan.scenes[0], frames=plan.scenes[0].frames - 3)
    second = dataclasses.replace(plan.scenes[1], frames=plan.scenes[1].frames + 3)
    wrong = dataclasses.replace(plan, scenes=(first, second))
    with pytest.raises(LessonCheckFailed, match="'one': picture and sound differ"):
        check_lesson(script, wrong, LessonOptions(**_OPTIONS), folder / "lesson_scenes", folder)
    late = dataclasses.replace(plan.scenes[0].captions[0], start_ms=10**6, end_ms=10**6 + 1)
    wrong = dataclasses.replace(plan, scenes=(dataclasses.replace(plan.scenes[0], captions=(late,)), plan.scenes[1]))
    write_json(folder / "wrong.json", wrong)
    with pytest.raises(LessonCheckFailed, match="'two': its captions overlap"):
        check_lesson(script, read_json(RenderedScript, folder / "wrong.json"), LessonOptions(**_OPTIONS), folder / "lesson_scenes", folder)


def test_a_scene_that_fails_its_check_is_drawn_anew_once(
    rendered_lesson: tuple[Path, Mapping[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = rendered_lesson
    _run(folder)
    plan = read_json(RenderedScript, folder / "rendered.json")
    video = folder / "lesson_scenes" / plan.scenes[0].video
    video.write_bytes(b"damaged")
    mtime_ns = (folder / "lesson_scenes" / plan.scenes[1].video).stat().st_mtime_ns
    (folder / ".check.done").unlink()
    _run(folder)
    assert probe(video).duration_s > 1
    assert (folder / "lesson_scenes" / plan.scenes[1].video).stat().st_mtime_ns == mtime_ns
    monkeypatch.setattr("services.lessons.rendering.check.run_task", lambda *_, **__: {"empty": [1]})
    (folder / ".check.done").unlink()
    with pytest.raises(StageError) as failure:
        _run(folder)
    assert isinstance(failure.value.error, LessonCheckFailed) and "Scene 'two': its picture is empty" in str(failure.value.error)


def _make_recording(folder: Path, name: str, seconds: int = 6) -> None:
    """A film whose left half is red and whose right half is green, with a tone."""
    picture = "color=red:s=320x240:r=25[a];color=lime:s=320x240:r=25[b];[a][b]hstack"
    sources = ["-f", "lavfi", "-t", str(seconds), "-i", picture, "-f", "lavfi", "-t", str(seconds), "-i", "sine=440"]
    command = [
        require_program("ffmpeg"),
        "-v",
        "error",
        "-y",
        *sources,
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-f",
        "mp4",
        folder / name,
    ]
    run_program(command, limits=Limits(timeout_s=60))


@pytest.mark.skipif(find_program("espeak-ng") is None, reason="espeak-ng is not installed")
def test_clips_own_narrations_uploaded_pictures_and_a_logo(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    _make_recording(folder, "recording-film")
    leaf = np.zeros((90, 160, 4), np.uint8)
    leaf[20:70, 40:120] = (0, 160, 0, 255)
    for name in ("picture-leaf", "picture-logo"):
        (folder / name).write_bytes(cv2.imencode(".png", leaf)[1].tobytes())
    words = [["This", 0.2, 0.5], [" film.", 0.6, 1.4]]
    plain = [{"text": text, "start_s": start_s, "end_s": end_s, "confidence": 1.0} for text, start_s, end_s in words]
    scenes = [
        {"id": "leaf", "narration": "A leaf.", "content": {"kind": "image", "source": {"image_id": "leaf"}, "caption": "Green"}},
        {"id": "film", "narration": "Look at this.", "content": {"kind": "clip", "recording_id": "film", "start_s": 1, "end_s": 3.5}},
        {"id": "over", "narration": "It is red.", "content": {**_CLIP, "sound": "narration"}},
        {"id": "said", "narration_id": "film", "content": {"kind": "bullets", "heading": "Said", "items": ["This film"]}},
    ]
    script = _script(scenes)
    lesson = {**_OPTIONS, "silent": False, "logo_image_id": "logo", "transitions": "fade"}
    options = {
        "script": script,
        "lesson": LessonOptions(**lesson).model_dump(mode="json"),
        "words": {"film:clip": plain, "said": plain},
        "created_on": "2026-11-29",
    }
    engines = Engines(2, (VoiceOptions(folder=folder, engine="espeak-ng"),))
    run_pipeline(STAGES, Workspace(folder), options, engines, _Control(), ["lesson.mp4", "lesson.vtt", "lesson_report.json"])
    plan = read_json(RenderedScript, folder / "rendered.json")
    film, narrated_scene = plan.scenes[1], plan.scenes[3]
    assert film.frames == film.clip_frame + round(2.5 * 24)
    assert narrated_scene.frames >= 6 * 24 and [word.text for word in narrated_scene.words] == ["This", " film."]
    captions = (folder / "lesson.vtt").read_text()
    assert "Look at this." in captions and captions.count("This film.") == 2
    media = probe(folder / "lesson.mp4")
    assert abs(media.duration_s - plan.duration_s) < 0.1
    running = tmp_path / "running.png"
    extract_frames(folder / "lesson.mp4", media, [FrameRequest((film.first_frame + film.clip_frame + 20) / 24, running)])
    picture = cv2.imread(str(running))
    assert picture[360, 400].argmax() == 2 and picture[360, 900].argmax() == 1  # red, then green
    first = tmp_path / "first.png"
    extract_frames(folder / "lesson.mp4", media, [FrameRequest(1.0, first)])
    first_picture = cv2.imread(str(first))
    assert tuple(first_picture[60, 1200]) != tuple(first_picture[700, 640])  # the logo at the top


@pytest.mark.parametrize("theme", ["paper", "ocean", "night"])
def test_a_clip_stands_on_the_background_of_the_theme(theme: str, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    _make_recording(folder, "recording-film")
    lesson = {**_OPTIONS, "aspect": "9:16", "theme": theme, "progress_bar": False}
    options = {
        "script": _script([{"id": "film", "content": _CLIP}]),
        "lesson": LessonOptions(**lesson).model_dump(mode="json"),
        "words": {"film:clip": []},
        "created_on": "2026-11-29",
    }
    run_pipeline(STAGES, Workspace(folder), options, Engines(2, (VoiceOptions(folder=folder),)), _Control(), ["lesson.mp4"])
    picture = tmp_path / "picture.png"
    extract_frames(folder / "lesson.mp4", probe(folder / "lesson.mp4"), [FrameRequest(1.0, picture)])
    assert cv2.imread(str(picture)).shape[:2] == (1280, 720)
    colour = THEMES[theme].background
    expected = [int(colour[at : at + 2], 16) for at in (5, 3, 1)]
    assert np.abs(cv2.imread(str(picture))[60, 360].astype(int) - expected).max() <= 4


def test_a_crowded_scene_fails_with_its_name(tmp_path: Path) -> None:
    crowded_scene = {"id": "crowded", "content": {"kind": "bullets", "items": ["photosynthesis " * 30] * 12}}
    with pytest.raises(StageError) as failure:
        _run(tmp_path / "work", [_SCENES[0], crowded_scene])
    assert isinstance(failure.value.error, TextTooLong)
    assert "crowded" in str(failure.value.error)


def _submit(app: Flask, user: User, options: Mapping[str, Any]) -> str:
    with app.app_context(), transaction() as session:
        script = Script(id="5a0f6c0e-0000-4000-8000-000000000001", user_id=user.id, title="Leaves", version=1)
        session.add(script)
        session.flush()
        version = ScriptVersion(script_id=script.id, number=1, script=_script(), author="user")
        session.add(version)
        session.flush()
        job = queue.submit(user_id=user.id, pipeline=lesson_jobs.PIPELINE, options={"script_version_id": version.id, **options}, media_s=5)
        return job.id


def test_a_lesson_becomes_a_recording(app: Flask, user: User) -> None:
    job_id = _submit(app, user, _OPTIONS)

    def read_when_ended() -> Any:
        job = user.get(f"/api/v1/jobs/{job_id}").json
        return job if job["state"] in ("succeeded", "failed") else None

    job = wait_for(read_when_ended)
    assert job["state"] == "succeeded", job
    with app.app_context(), transaction() as session:
        recording = session.get_one(Recording, lesson_jobs.recording_id_of(job_id))
        assert [chapter["title"] for chapter in recording.chapters] == ["Start", "End"]
        assert session.get_one(Job, job_id).recording_id == recording.id
        conversion = session.query(Job).filter_by(recording_id=recording.id, pipeline="lecture_notes").one()
        assert conversion.options["ignore"] == "0,711,1280,9"
        recording_id, key, conversion_id = recording.id, recording.storage_key, conversion.id
    assert not key.startswith("jobs/")
    kept_recording = user.get(f"/api/v1/recordings/{recording_id}").json
    assert kept_recording["title"] == "Leaves"
    status = wait_for(
        lambda: (job_state := user.get(f"/api/v1/jobs/{conversion_id}").json)["state"] in ("succeeded", "failed") and job_state
    )
    assert status["state"] == "succeeded", status
    assert "slides" not in status["metrics"].get("stages", {}) and "ocr" not in status["metrics"].get("stages", {})
    slides = user.get(f"/api/v1/recordings/{recording_id}/slides").json["slides"]
    assert [(slide["title"], "Light" in slide["text"]) for slide in slides] == [("Leaves", False), ("", True)]
    assert slides[0]["visits"][0]["start_s"] == 0 and slides[0]["visits"][0]["end_s"] == slides[1]["visits"][0]["start_s"]


def test_a_script_of_others_is_not_rendered(app: Flask, user: User, stranger: User) -> None:
    _submit(app, user, {**_OPTIONS, "aspect": "1:1"})
    with app.app_context(), transaction() as session:
        version_id = session.query(ScriptVersion.id).scalar()
        options = {"script_version_id": version_id, **_OPTIONS}
        job_id = queue.submit(user_id=stranger.id, pipeline=lesson_jobs.PIPELINE, options=options, media_s=5).id
        for own in session.query(Job).filter_by(user_id=user.id):
            queue.request_cancel(own.id)
    job = wait_for(lambda: (answer := stranger.get(f"/api/v1/jobs/{job_id}").json)["state"] == "failed" and answer)
    assert job["error"]["code"] == "not_found"
