"""Render the pictures of a script: one MP4 without sound per scene. A scene that has not changed is not rendered again."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from domain import Caption, OcrWord, Word
from lib.process import CancellationCheck, Limits, Report, ignore_progress, never_cancelled, run_task
from lib.serialization import atomic_write, to_plain
from services.captions import build_captions
from services.lessons.errors import ImageMissing, InvalidFormula, RecordingMissing, SceneProblem
from services.lessons.options import LessonOptions, picture_size
from services.lessons.rendering import clip_scenes, slides
from services.lessons.rendering.slide_data import Picture, elements
from services.lessons.rendering.slides import State, is_right_to_left, render_captions, render_mark, render_states, template_data
from services.lessons.rendering.timeline import ScenePlan, plan_scene
from services.lessons.rendering.voice import RecordingPart, SpokenScene, SpokenScript, delete_others
from services.lessons.script import Clip, LessonScript, Scene
from services.lessons.themes import THEMES
from services.media import assemble

_VERSION = 4
_BAR_SHARE = 0.0075  # of the picture's shorter side
_LIMITS = Limits(timeout_s=900, memory_bytes=2 * 2**30)
_PREVIEW_LIMITS = Limits(timeout_s=15, memory_bytes=2 * 2**30, niceness=0)


@dataclass(frozen=True)
class ScenePicture:
    """The picture of a scene with an image: a file, and its size in pixels."""

    path: Path
    width: int
    height: int


@dataclass(frozen=True)
class RenderedScene:
    """A scene of the video. `video` is a file in the folder; times are frames of the whole lesson; captions are in its milliseconds.

    `clip_sound` begins with the frame `clip_frame` of the scene; `is_recorded`: its sound was recorded, so that it may have any pauses.
    """

    scene_id: str
    kind: str
    chapter: str
    video: str
    sound: str
    first_frame: int
    frames: int
    lead_frames: int
    words: tuple[Word, ...]
    captions: tuple[Caption, ...]
    clip_sound: str = ""
    clip_frame: int = 0
    is_recorded: bool = False


@dataclass(frozen=True)
class RenderedScript:
    scenes: tuple[RenderedScene, ...]
    frame_rate: int
    warnings: tuple[str, ...] = ()

    @property
    def frames(self) -> int:
        return sum(scene.frames for scene in self.scenes)

    @property
    def duration_s(self) -> float:
        return self.frames / self.frame_rate


@dataclass(frozen=True)
class _PreparedScene:
    """A scene with all that its video depends on."""

    scene: Scene
    data: Mapping[str, Any]
    plan: ScenePlan
    captions: tuple[Caption, ...]
    pictures: Mapping[str, Path]
    speech: SpokenScene
    words: tuple[Word, ...]
    frame_rate: int
    clip: RecordingPart | None = None

    @property
    def still_frames(self) -> int:
        """For how many frames a clip stands still before it runs; 0 for other scenes."""
        content = self.scene.content
        return clip_scenes.still_frames(content, self.speech, self.frame_rate) if isinstance(content, Clip) else 0


def render_script(
    script: LessonScript,
    spoken_script: SpokenScript,
    options: LessonOptions,
    folder: Path,
    *,
    pictures: Mapping[str, ScenePicture] | None = None,
    logo: Path | None = None,
    clips: Mapping[str, RecordingPart] | None = None,
    watermark: str = "",
    report: Report = ignore_progress,
    check: CancellationCheck = never_cancelled,
) -> RenderedScript:
    """Write the videos of all scenes to the folder. `pictures` and `clips`: by scene id. Raises a SceneProblem that names the scene.

    `watermark`: a text that is laid over all of them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    prepared_scenes = [
        _prepare_clip(script, number, speech, options, clips[scene.id])
        if clips and scene.id in clips
        else _prepare(script, number, scene, speech, options, (pictures or {}).get(scene.id), logo)
        for number, (scene, speech) in enumerate(zip(script.scenes, spoken_script.scenes, strict=True))
    ]
    names = [_name(prepared_scenes, number, options, script.language, watermark) for number in range(len(prepared_scenes))]
    sounds = [
        clip_scenes.sound(each.scene.content, each.clip, folder, check) if each.clip and isinstance(each.scene.content, Clip) else ""
        for each in prepared_scenes
    ]
    slide_files = [each for name in names for each in slide_files_of(folder / name)]
    delete_others(folder, [*names, *sounds, *(each.name for each in slide_files)])
    warnings: list[str] = list(spoken_script.warnings)
    total = sum(each.plan.frames for each in prepared_scenes)
    scenes: list[RenderedScene] = []
    at = 0
    with tempfile.TemporaryDirectory(prefix="lectern-mark-") as scratch:
        mark = render_mark(watermark, script.language, options, Path(scratch), check=check)
        for number, each in enumerate(prepared_scenes):
            report(at, total)
            if not all(path.is_file() for path in (folder / names[number], *slide_files_of(folder / names[number]))):
                warnings += _render_scene(prepared_scenes, number, options, script.language, folder, names[number], mark, check)
            scenes.append(_to_rendered_scene(each, names[number], sounds[number], at))
            at += each.plan.frames
    report(total, total)
    return RenderedScript(tuple(scenes), options.frame_rate, tuple(dict.fromkeys(warnings)))


def preview(
    scene: Scene,
    language: str,
    options: LessonOptions,
    folder: Path,
    *,
    picture: ScenePicture | None = None,
    logo: Path | None = None,
    check: CancellationCheck = never_cancelled,
) -> Path:
    """Write the picture of a scene with all its elements as PNG, and return its path."""
    files = {f"picture{picture.path.suffix}": picture.path} if picture else {}
    if logo is not None:
        files[f"logo{logo.suffix}"] = logo
    data = _data(scene, language, options, picture, logo)
    states = [State(len(elements(scene.content, language)))]
    return render_states(scene, states, data, options, folder, files, limits=_PREVIEW_LIMITS, check=check).pictures[0]


def _data(scene: Scene, language: str, options: LessonOptions, picture: ScenePicture | None, logo: Path | None) -> dict[str, Any]:
    if isinstance(scene.content, Clip):
        raise RecordingMissing(f"Scene {scene.id!r} is a clip of a recording that is not there.")
    if hasattr(scene.content, "source") and picture is None:
        raise ImageMissing(f"Scene {scene.id!r} has none.")
    template_picture = Picture(f"picture{picture.path.suffix}", picture.width, picture.height) if picture else None
    try:
        return template_data(scene, language, options, template_picture, f"logo{logo.suffix}" if logo else None)
    except InvalidFormula as error:
        raise InvalidFormula(f"Scene {scene.id!r} ({scene.content.kind}): {error.detail}") from None


def _prepare(
    script: LessonScript,
    number: int,
    scene: Scene,
    speech: SpokenScene,
    options: LessonOptions,
    picture: ScenePicture | None,
    logo: Path | None,
) -> _PreparedScene:
    data = _data(scene, script.language, options, picture, logo)
    files = {f"picture{picture.path.suffix}": picture.path} if picture else {}
    if logo is not None:
        files[f"logo{logo.suffix}"] = logo
    captions = build_captions(speech.words, script.language.partition("-")[0])
    plan = plan_scene(
        elements(scene.content, script.language),
        speech.words,
        speech.duration_s,
        options.frame_rate,
        is_last=number == len(script.scenes) - 1,
        has_transition=options.transitions != "none",
        starts_empty=_starts_empty(scene),
        captions=captions if options.burn_captions else (),
    )
    return _PreparedScene(scene, data, plan, captions, files, speech, speech.words, options.frame_rate)


def _prepare_clip(script: LessonScript, number: int, speech: SpokenScene, options: LessonOptions, part: RecordingPart) -> _PreparedScene:
    scene = script.scenes[number]
    assert isinstance(scene.content, Clip)
    plan = clip_scenes.plan(scene.content, speech, options.frame_rate, is_last=number == len(script.scenes) - 1)
    words = clip_scenes.words(scene.content, speech, part, options.frame_rate, plan.lead_frames)
    captions = build_captions(words, script.language.partition("-")[0])
    data = {"clip": clip_scenes.fingerprint(scene.content, part)}
    return _PreparedScene(scene, data, plan, captions, {}, speech, words, options.frame_rate, part)


def _starts_empty(scene: Scene) -> bool:
    """Return whether the slide shows nothing before its first element."""
    has_base = scene.content.kind in ("title", "quote", "definition", "code", "table", "chart", "image", "callouts", "quiz")
    return not has_base and not getattr(scene.content, "heading", "")


@cache
def _templates_hash() -> str:
    digest = hashlib.sha256()
    for path in sorted((Path(slides.__file__).parent / "templates").iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _name(prepared_scenes: Sequence[_PreparedScene], number: int, options: LessonOptions, language: str, watermark: str) -> str:
    """Return the file name of a scene's video: a hash of all that its pictures depend on, the next scene's first picture included."""
    each = prepared_scenes[number]
    next_scene = prepared_scenes[number + 1] if number + 1 < len(prepared_scenes) else None
    option_values = options.model_dump(include={"height", "aspect", "frame_rate", "theme", "transitions", "progress_bar", "burn_captions"})
    parts = [
        *(_VERSION, _templates_hash(), option_values, language, each.data, to_plain(each.plan), _hashes(each.pictures)),
        to_plain(each.captions) if options.burn_captions and not each.clip else None,
        each.still_frames,
        *([watermark] if watermark else []),
        (number, len(prepared_scenes)) if options.progress_bar else None,
        [next_scene.data, to_plain(next_scene.plan.states[:1]), _hashes(next_scene.pictures)] if next_scene else None,
    ]
    return f"{hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]}.mp4"


def _hashes(pictures: Mapping[str, Path]) -> dict[str, str]:
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in pictures.items()}


def _render_scene(
    prepared_scenes: Sequence[_PreparedScene],
    number: int,
    options: LessonOptions,
    language: str,
    folder: Path,
    name: str,
    mark: Path | None,
    check: CancellationCheck,
) -> tuple[str, ...]:
    """Render one scene; return warnings. `mark`: a picture that is laid over it."""
    each = prepared_scenes[number]
    next_scene = prepared_scenes[number + 1] if number + 1 < len(prepared_scenes) else None
    if each.clip is not None and isinstance(each.scene.content, Clip):
        bar = _bar(number, len(prepared_scenes), options, language)
        parts = (each.scene, each.scene.content, each.clip, each.plan, each.still_frames)
        clip_scenes.render(*parts, options, folder / name, bar=bar, mark=mark, check=check)
        _keep_slide(folder / name, ())
        return ()
    with tempfile.TemporaryDirectory(prefix="lectern-scene-", dir=folder) as scratch_name:
        scratch, next_scratch = Path(scratch_name), Path(scratch_name) / "next"
        next_scratch.mkdir()
        files = render_states(each.scene, each.plan.states, each.data, options, scratch, each.pictures, reads_words=True, check=check)
        next_picture = ""
        if next_scene is not None and options.transitions != "none":
            next_picture = str(_first_picture(next_scene, options, next_scratch, check))
        captions = render_captions(each.captions, each.data, options, scratch, check=check) if options.burn_captions else ()
        payload = {
            "folder": str(scratch),
            "states": [str(path) for path in files.pictures],
            "shots": [list(dataclasses.astuple(shot.picture)) for shot in each.plan.shots],
            "next": next_picture,
            "slides": options.transitions == "slide",
            "background": THEMES[options.theme].background,
            "captions": [str(path) for path in captions],
            "right_to_left": is_right_to_left(language),
        }
        mixed_files = run_task("services.lessons.rendering.frames_child:mix", payload, check=check, limits=_LIMITS)["files"]
        shots = [(Path(file), shot.frames) for file, shot in zip(mixed_files, each.plan.shots, strict=True)]
        size = picture_size(options.aspect, options.height)
        bar = _bar(number, len(prepared_scenes), options, language)
        try:
            assemble.encode_pictures(shots, size, options.frame_rate, folder / name, bar=bar, mark=mark, check=check)
        except SceneProblem as error:
            raise type(error)(f"Scene {each.scene.id!r}: {error.detail}") from error
        _keep_slide(folder / name, files.words, files.pictures[-1])
    return files.warnings


def slide_files_of(video: Path) -> tuple[Path, Path]:
    """Return the files beside the video of a scene: its finished slide without captions, empty for a clip, and the words on it."""
    return video.with_suffix(".slide.png"), video.with_suffix(".words.json")


def _keep_slide(video: Path, words: Sequence[OcrWord], picture: Path | None = None) -> None:
    slide_file, words_file = slide_files_of(video)
    if picture is not None:
        picture.replace(slide_file)
    else:
        slide_file.write_bytes(b"")
    with atomic_write(words_file) as part:
        part.write_text(json.dumps([to_plain(word) for word in words]))


def _first_picture(each: _PreparedScene, options: LessonOptions, folder: Path, check: CancellationCheck) -> Path:
    """Draw the picture that a scene begins with."""
    if each.clip is not None and isinstance(each.scene.content, Clip):
        target = folder / "first.png"
        clip_scenes.first_picture(each.scene.content, each.clip, options, target, check)
        return target
    return render_states(each.scene, [each.plan.states[0]], each.data, options, folder, each.pictures, check=check).pictures[0]


def _bar(number: int, count: int, options: LessonOptions, language: str) -> assemble.ProgressBar | None:
    if not options.progress_bar:
        return None
    height = max(4, round(options.height * _BAR_SHARE) // 2 * 2)
    return assemble.ProgressBar(number / count, (number + 1) / count, height, THEMES[options.theme].accent, is_right_to_left(language))


def _to_rendered_scene(each: _PreparedScene, video: str, clip_sound: str, first_frame: int) -> RenderedScene:
    frame_rate = each.frame_rate
    start_s = (first_frame + each.plan.lead_frames) / frame_rate
    end_ms = (first_frame + each.plan.frames) * 1000 // frame_rate
    words = tuple(dataclasses.replace(word, start_s=word.start_s + start_s, end_s=word.end_s + start_s) for word in each.words)
    offset_ms = round(start_s * 1000)
    captions = tuple(
        dataclasses.replace(caption, start_ms=caption.start_ms + offset_ms, end_ms=min(caption.end_ms + offset_ms, end_ms))
        for caption in each.captions
    )
    content = each.scene.content
    sizes = (first_frame, each.plan.frames, each.plan.lead_frames)
    return RenderedScene(
        each.scene.id,
        content.kind,
        each.scene.chapter,
        video,
        each.speech.sound,
        *sizes,
        words,
        captions,
        clip_sound,
        each.still_frames,
        each.speech.is_recorded or each.clip is not None,
    )
