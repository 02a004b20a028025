"""The slides of a lesson as its script has them: collected when the video is made, and read when it is converted into documents."""

from __future__ import annotations

import json
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import cv2

import errors
from domain import DetectedSlide, MediaInfo, OcrWord, SlideTimeline, TimeRange
from lib.serialization import atomic_write, from_plain, read_json, write_json
from pipelines.stage import StageInput
from pipelines.stages.lesson import RENDERED_FILE, VIDEOS
from pipelines.stages.ocr import OcrPages
from services.lessons.rendering import lesson
from services.lessons.rendering.timeline import TAIL_S, TRANSITION_S
from services.lessons.rendering.video import RenderedScene, RenderedScript, slide_files_of
from services.lessons.script import LessonScript
from services.media.frames import FrameRequest, extract_frames
from services.media.probe import probe

ARCHIVE_FILE = "lesson_slides"
_TIMELINE, _PAGES, _IMAGES = "slides.json", "ocr.json", "images"
_FACTS = (_TIMELINE, _PAGES)


def collect(stage_input: StageInput) -> None:
    """Write an archive with a picture of each finished slide, and with their titles, times and words."""
    work = stage_input.work
    script = LessonScript.model_validate(stage_input.options["script"])
    rendered_script = read_json(RenderedScript, work.path(RENDERED_FILE))
    with tempfile.TemporaryDirectory(prefix="lectern-slides-", dir=work.root) as name:
        _collect(Path(name), script, rendered_script, stage_input)


def _collect(folder: Path, script: LessonScript, rendered_script: RenderedScript, stage_input: StageInput) -> None:
    work = stage_input.work
    (folder / _IMAGES).mkdir()
    slides, pages = [], []
    for number, scene in enumerate(rendered_script.scenes, 1):
        stage_input.report(number - 1, len(rendered_script.scenes))
        name = f"slide-{number:03}.png"
        width, height = _picture(work.path(VIDEOS) / scene.video, scene, rendered_script.frame_rate, folder / _IMAGES / name, stage_input)
        start_s = scene.first_frame / rendered_script.frame_rate
        end_s = (scene.first_frame + scene.frames) / rendered_script.frame_rate
        slides.append(DetectedSlide((TimeRange(start_s, end_s),), max(start_s, end_s - TAIL_S - TRANSITION_S), name, width, height))
        pages.append(from_plain(tuple[OcrWord, ...], json.loads(slide_files_of(work.path(VIDEOS) / scene.video)[1].read_bytes())))
    write_json(folder / _TIMELINE, SlideTimeline(tuple(slides)))
    titles = tuple(lesson.heading_of(scene) for scene in script.scenes)
    write_json(folder / _PAGES, OcrPages(tuple(pages), titles))
    with atomic_write(work.path(ARCHIVE_FILE)) as part, tarfile.open(part, "w", format=tarfile.USTAR_FORMAT) as tar:
        for path in (folder / _TIMELINE, folder / _PAGES, *sorted((folder / _IMAGES).iterdir())):
            tar.add(path, path.relative_to(folder).as_posix(), filter=_without_owner)


def _without_owner(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Leave out what differs between two runs."""
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    return member


def _picture(video: Path, scene: RenderedScene, frame_rate: int, target: Path, stage_input: StageInput) -> tuple[int, int]:
    """Write the picture of a slide, of a clip its middle, and return its size."""
    picture_file, _ = slide_files_of(video)
    if picture_file.stat().st_size:
        target.write_bytes(picture_file.read_bytes())
    else:
        request = FrameRequest(scene.frames / frame_rate / 2, target)
        extract_frames(video, probe(video, check=stage_input.check), [request], check=stage_input.check)
    picture = cv2.imread(str(target))
    if picture is None:
        raise errors.StageFailed(f"Scene {scene.scene_id!r} has no picture.")
    return picture.shape[1], picture.shape[0]


def unpack(stage_input: StageInput) -> None:
    """Write the slides, their pictures and their words as the stages of a recording do. Raises StageFailed for another archive."""
    work = stage_input.work
    images = work.path(_IMAGES)
    images.mkdir(exist_ok=True)
    try:
        with tarfile.open(work.path(ARCHIVE_FILE)) as tar:
            for member in tar.getmembers():
                path = PurePosixPath(member.name)
                if not member.isfile() or not (member.name in _FACTS or path.parent.as_posix() == _IMAGES):
                    raise errors.StageFailed(f"Unexpected member {member.name} of the archive.")
                tar.extract(member, work.root, filter="data")
        timeline, pages = read_json(SlideTimeline, work.path(_TIMELINE)), read_json(OcrPages, work.path(_PAGES))
    except (tarfile.TarError, ValueError, OSError) as error:
        raise errors.StageFailed("The archive of the lesson's slides is damaged.") from error
    if not len(timeline.slides) == len(pages.pages) == len(pages.titles):
        raise errors.StageFailed("The archive of the lesson's slides is incomplete.")
    duration_s = read_json(MediaInfo, work.path("media.json")).duration_s
    if any(slide.visits[-1].end_s > duration_s + 1 for slide in timeline.slides):
        raise errors.StageFailed("The lesson's slides are those of a longer recording.")


def is_known(options: Mapping[str, Any]) -> bool:
    """Whether the recording is a lesson whose slides are known."""
    return bool(options.get("has_lesson_slides"))
