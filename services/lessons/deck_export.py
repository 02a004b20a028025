"""Make the deck of a script: draw what PowerPoint can't hold as text, and write the file in a child process."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from lib.process import CancellationCheck, Limits, never_cancelled, run_task
from services.lessons.errors import SceneProblem
from services.lessons.options import LessonOptions
from services.lessons.rendering import video
from services.lessons.rendering.video import ScenePicture
from services.lessons.script import Diagram, Formula, LessonScript, Scene

MAX_DRAWN_SCENES = 40  # further formulas and diagrams are text
_LIMITS = Limits(timeout_s=120, memory_bytes=2**30, niceness=0)

Pictures = Callable[[Scene, Path], ScenePicture | None]


def no_pictures(scene: Scene, folder: Path) -> None:
    """Return no picture: a script in a file has none."""


def export(
    script: LessonScript,
    options: LessonOptions,
    target: Path,
    pictures: Pictures = no_pictures,
    *,
    check: CancellationCheck = never_cancelled,
) -> None:
    """Write the deck to `target`. `pictures` returns the uploaded picture or the slide that a scene shows, if it has one."""
    with tempfile.TemporaryDirectory(prefix="lectern-deck-") as name:
        folder = Path(name)
        pictures_by_scene = _draw(script, options, folder, pictures, check)
        payload = {
            "script": script.model_dump(mode="json"),
            "theme": options.theme,
            "target": str(target.absolute()),
            "pictures": {scene_id: [str(each.path), each.width, each.height] for scene_id, each in pictures_by_scene.items()},
        }
        run_task("services.lessons.deck_writing:write_task", payload, check=check, limits=_LIMITS)


def _draw(
    script: LessonScript, options: LessonOptions, folder: Path, pictures: Pictures, check: CancellationCheck
) -> Mapping[str, ScenePicture]:
    pictures_by_scene: dict[str, ScenePicture] = {}
    plain = LessonOptions(theme=options.theme, chapter_titles=False, progress_bar=False)
    picture_count = 0
    for scene in script.scenes:
        scene_folder = folder / scene.id
        scene_folder.mkdir()
        picture = pictures(scene, scene_folder)
        if picture is None and isinstance(scene.content, Formula | Diagram) and picture_count < MAX_DRAWN_SCENES:
            picture_count += 1
            picture = _draw_content(scene, script.language, plain, scene_folder, check)
        if picture is not None:
            pictures_by_scene[scene.id] = picture
    return pictures_by_scene


def _draw_content(scene: Scene, language: str, options: LessonOptions, folder: Path, check: CancellationCheck) -> ScenePicture | None:
    """Draw the scene without its heading, which is text; None where it can't be drawn, so that its text is shown."""
    content = scene.content.model_copy(update={"heading": ""})
    try:
        path = video.preview(scene.model_copy(update={"content": content, "chapter": ""}), language, options, folder, check=check)
    except SceneProblem:
        return None
    return ScenePicture(path, 1920, 1080)
