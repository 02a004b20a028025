"""Draw single scenes for editors."""

from __future__ import annotations

import tempfile
from pathlib import Path

from lib.process import run_task
from lib.serialization import from_plain
from lib.waiting import before_waiting
from services.accounts import Caller
from services.lessons.errors import ImageMissing
from services.lessons.interactive import SLOTS
from services.lessons.options import LessonOptions
from services.lessons.rendering import video
from services.lessons.rendering.pictures import SizedPicture
from services.lessons.script import Scene
from services.library import slides
from services.storage import Store


def draw(caller: Caller, scene: Scene, language: str, options: LessonOptions, store: Store) -> bytes:
    """Return the picture of a scene as PNG. Raises NotFound for a missing picture, SceneProblem and TooManyPreviews."""
    with SLOTS.hold(caller.user_id), tempfile.TemporaryDirectory(prefix="lectern-preview-") as name:
        folder = Path(name)
        picture = _picture(caller, scene, folder, store)
        before_waiting()
        return video.preview(scene, language, options, folder, picture=picture).read_bytes()


def _picture(caller: Caller, scene: Scene, folder: Path, store: Store) -> video.ScenePicture | None:
    source = getattr(scene.content, "source", None)
    if source is None:
        return None
    if not source.recording_id:
        raise ImageMissing(f"Scene {scene.id!r}: uploaded pictures can't be shown yet; use a slide of a recording.")
    blocks, _, _ = slides.open_image(caller, source.recording_id, source.slide, store)
    raw, target = folder / "source", folder / "picture.png"
    with raw.open("wb") as file:
        for block in blocks:
            file.write(block)
    payload = {"source": str(raw), "target": str(target)}
    sized = from_plain(SizedPicture, run_task("services.lessons.rendering.pictures:prepare", payload))
    return video.ScenePicture(target, sized.width, sized.height)
