"""Draw single scenes for editors."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import errors
from lib.process import Limits, run_task
from lib.serialization import from_plain
from lib.waiting import before_waiting
from services.accounts import Caller
from services.files import files
from services.lessons import deck_export
from services.lessons.errors import ImageMissing
from services.lessons.interactive import SLOTS, TIMEOUT_S
from services.lessons.options import LessonOptions
from services.lessons.rendering import video
from services.lessons.rendering.pictures import SizedPicture
from services.lessons.script import Clip, Image, ImageSource, LessonScript, Scene
from services.library import slides
from services.storage import Store

_LIMITS = Limits(timeout_s=TIMEOUT_S, memory_bytes=2 * 2**30, niceness=0)


def draw(caller: Caller, scene: Scene, language: str, options: LessonOptions, store: Store) -> bytes:
    """Return the picture of a scene as PNG. Raises NotFound for a missing picture, SceneProblem and TooManyPreviews."""
    with SLOTS.hold(caller.user_id), tempfile.TemporaryDirectory(prefix="lectern-preview-") as name:
        folder = Path(name)
        preview_scene, picture = _with_picture(caller, scene, folder, store)
        logo_id = options.logo_image_id
        logo = _prepare(_load_upload(caller, logo_id, "The logo", store), folder, "logo", keeps_alpha=True) if logo_id else None
        before_waiting()
        path = video.preview(preview_scene, language, options, folder, picture=picture, logo=logo.path if logo else None)
        return path.read_bytes()


def write_deck(caller: Caller, script: LessonScript, options: LessonOptions, store: Store) -> bytes:
    """Return a script as an editable PowerPoint deck. Raises TooManyPreviews. Pictures that are missing are left out."""

    def picture_of(scene: Scene, folder: Path) -> video.ScenePicture | None:
        try:
            return _with_picture(caller, scene, folder, store)[1]
        except (errors.NotFound, ImageMissing):
            return None

    with SLOTS.hold(caller.user_id), tempfile.TemporaryDirectory(prefix="lectern-deck-") as name:
        target = Path(name) / "deck.pptx"
        deck_export.export(script, options, target, picture_of)
        return target.read_bytes()


def _with_picture(caller: Caller, scene: Scene, folder: Path, store: Store) -> tuple[Scene, video.ScenePicture | None]:
    """Return the scene with its picture; a clip is shown as the slide with which it begins."""
    if isinstance(scene.content, Clip):
        recording_id, number = scene.content.recording_id, _slide_at(caller, scene, scene.content, store)
        source = ImageSource(recording_id=recording_id, slide=number)
        scene = scene.model_copy(update={"content": Image(heading=scene.content.heading, source=source)})
    source_of_scene: ImageSource | None = getattr(scene.content, "source", None)
    if source_of_scene is None:
        return scene, None
    if source_of_scene.image_id:
        blocks = _load_upload(caller, source_of_scene.image_id, f"Scene {scene.id!r}", store)
    else:
        blocks, _, _ = slides.open_image(caller, source_of_scene.recording_id, source_of_scene.slide, store)
    return scene, _prepare(blocks, folder, "picture")


def _slide_at(caller: Caller, scene: Scene, clip: Clip, store: Store) -> int:
    number = slides.read(caller, clip.recording_id, store)[0].number_at(clip.start_s)
    if not number:
        raise ImageMissing(f"Scene {scene.id!r}: previews of clips need a recording that was converted.")
    return number


def _load_upload(caller: Caller, file_id: str, place: str, store: Store) -> Iterator[bytes]:
    row = files.get_readable(caller, file_id)
    if row.kind != "image":
        raise ImageMissing(f"{place} shows {row.filename}, which is not a picture.")
    return store.read(row.storage_key)


def _prepare(blocks: Iterable[bytes], folder: Path, name: str, *, keeps_alpha: bool = False) -> video.ScenePicture:
    before_waiting()
    raw, target = folder / f"{name}.source", folder / f"{name}.png"
    with raw.open("wb") as file:
        for block in blocks:
            file.write(block)
    payload = {"source": str(raw), "target": str(target), "keeps_alpha": keeps_alpha}
    prepared_picture = from_plain(SizedPicture, run_task("services.lessons.rendering.pictures:prepare", payload, limits=_LIMITS))
    return video.ScenePicture(target, prepared_picture.width, prepared_picture.height)
