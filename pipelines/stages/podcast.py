"""The stages that make a video of a sound: a cover with its title, and its waves."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from domain import MediaInfo
from lib.serialization import read_json, write_json
from pipelines.stage import StageInput
from pipelines.stages import probe as probe_stages
from services.lessons.errors import LessonCheckFailed, NoSound
from services.lessons.options import LessonOptions, picture_size
from services.lessons.rendering import video
from services.lessons.script import Scene, Title
from services.lessons.themes import THEMES
from services.media import waveform
from services.media.assemble import extract_poster
from services.media.chapters import chapters_of
from services.media.probe import probe

COVER, VIDEO, POSTER, CAPTIONS = "cover.png", "podcast.mp4", "poster.jpg", "podcast.vtt"
MEDIA_FILE, FACTS_FILE = "podcast_media.json", "podcast_facts.json"
_CAPTIONS_INPUT = "captions.vtt"
_MAX_DRIFT_S = 1.0


def draw_cover(stage_input: StageInput) -> None:
    """Draw the title as a slide of the theme."""
    options = stage_input.options
    scene = Scene(id="cover", content=Title(heading=options["title"][:500], subtitle=options.get("subtitle", "")[:500]))
    with tempfile.TemporaryDirectory(prefix="cover-", dir=stage_input.work.root) as name:
        language = str(options["language"]).partition("-")[0]
        picture = video.preview(scene, language, _options(stage_input), Path(name), check=stage_input.check)
        shutil.move(picture, stage_input.work.path(COVER))


def show_sound(stage_input: StageInput) -> None:
    """Write the video, its poster and its captions, and check that all of the sound is there. Raises NoSound."""
    work, options = stage_input.work, stage_input.options
    media = read_json(MediaInfo, work.path("media.json"))
    if media.audio is None:
        raise NoSound
    lesson_options = _options(stage_input)
    chapters = chapters_of([(float(each["start_s"]), str(each["title"])) for each in options["chapters"]], media.duration_s)
    waveform.encode_waveform(
        probe_stages.recording_path(work),
        media.audio.index,
        work.path(COVER),
        picture_size(lesson_options.aspect, lesson_options.height),
        THEMES[lesson_options.theme].accent,
        chapters,
        options["title"],
        work.path(VIDEO),
        duration_s=media.duration_s,
        report=stage_input.report,
        check=stage_input.check,
    )
    video = probe(work.path(VIDEO), check=stage_input.check)
    if video.audio is None or abs(video.duration_s - media.duration_s) > max(_MAX_DRIFT_S, 0.01 * media.duration_s):
        raise LessonCheckFailed(f"The video runs for {video.duration_s:.1f} s, the sound for {media.duration_s:.1f} s.")
    extract_poster(work.path(VIDEO), min(1.0, media.duration_s / 2), work.path(POSTER), check=stage_input.check)
    captions = work.path(_CAPTIONS_INPUT)
    if options["has_captions"]:
        shutil.copyfile(captions, work.path(CAPTIONS))
    else:
        work.path(CAPTIONS).write_bytes(b"")
    write_json(work.path(MEDIA_FILE), video)
    facts = {"title": options["title"], "language": options["language"], "chapters": options["chapters"]}
    work.path(FACTS_FILE).write_text(json.dumps(facts))


def _options(stage_input: StageInput) -> LessonOptions:
    fields = {name: value for name, value in stage_input.options.items() if name in LessonOptions.model_fields}
    return LessonOptions.model_validate(fields)
