"""Set the slides of a lesson: one picture for each state of a scene."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain import Caption, OcrWord
from lib.process import CancellationCheck, Limits, never_cancelled, run_task
from lib.serialization import from_plain
from services.lessons.errors import TextTooLong
from services.lessons.options import LessonOptions, picture_size
from services.lessons.rendering.rich_text import runs
from services.lessons.rendering.slide_data import Picture, slide_data, text_on_slide
from services.lessons.script import Scene
from services.lessons.themes import THEMES

MIN_TEXT_PX = 24  # at 1080 lines
_DESIGN_HEIGHT = 1080
_FOOTER_HEIGHT, _EXTRA_UPRIGHT_HEIGHT, _BAR_HEIGHT = 110, 150, 14
_CAPTION_HEIGHT = 250  # at the bottom of a picture with captions, in design points
_CAPTION_LIFT = 84  # above the chapter
_LIMITS = Limits(timeout_s=300, memory_bytes=3 * 2**30)
_RTL_LANGUAGES = ("ar", "fa", "he", "ur", "ps", "yi", "sd", "ug", "dv", "ckb")
_SCRIPT_FONTS: Mapping[str, tuple[str, ...]] = {
    "sans": (
        *("Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Devanagari", "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK KR"),
        *("Noto Sans Symbols", "Noto Sans Symbols2", "Noto Sans Math", "Noto Color Emoji", "DejaVu Sans"),
    ),
    "serif": (
        *("Noto Naskh Arabic", "Noto Serif Hebrew", "Noto Serif Devanagari", "Noto Serif CJK SC", "Noto Serif CJK JP", "Noto Serif CJK KR"),
        *("Noto Sans Symbols", "Noto Sans Symbols2", "Noto Color Emoji", "DejaVu Sans"),
    ),
}
_CODE_FONTS = ("Noto Sans Mono", "DejaVu Sans Mono", "Noto Sans Mono CJK SC")


@dataclass(frozen=True)
class State:
    """The visible part of a scene: its first `visible` elements, the last of them grown by `growth` (0 to 1)."""

    visible: int
    growth: float = 1.0


@dataclass(frozen=True)
class SlideFiles:
    """A picture per state, in order, sentences for the user about missing fonts, and the words of the last picture."""

    pictures: tuple[Path, ...]
    warnings: tuple[str, ...] = ()
    words: tuple[OcrWord, ...] = ()


def is_right_to_left(language: str) -> bool:
    return language.partition("-")[0] in _RTL_LANGUAGES


def footer_height(options: LessonOptions) -> int:
    """Return the height below the slide's content, for the progress bar, the chapter and captions, in design points."""
    width, height = picture_size(options.aspect, _DESIGN_HEIGHT)
    # Players cover the lower part of upright videos.
    return (_CAPTION_HEIGHT if options.burn_captions else _FOOTER_HEIGHT) + (_EXTRA_UPRIGHT_HEIGHT if height > width else 0)


def moving_area(options: LessonOptions) -> str:
    """Return the area of captions and of the progress bar as `x,y,width,height` in pixels of the video; "" if nothing moves there."""
    width, height = picture_size(options.aspect, options.height)
    points = footer_height(options) if options.burn_captions else _BAR_HEIGHT if options.progress_bar else 0
    rows = points * options.height // _DESIGN_HEIGHT
    return f"0,{height - rows},{width},{rows}" if rows else ""


def template_data(scene: Scene, language: str, options: LessonOptions, picture: Picture | None, logo: str | None = None) -> dict[str, Any]:
    """Return everything that the template reads except for the states. Raises InvalidFormula, which names the scene."""
    width, height = picture_size(options.aspect, _DESIGN_HEIGHT)
    theme = THEMES[options.theme]
    # The footer: a progress bar, the chapter, and above both the captions.
    bottom = footer_height(options)
    serif = theme.heading_fonts[0].startswith("Noto Serif")
    return {
        "title": scene.id,
        "width": width,
        "height": height,
        "minimum_size": MIN_TEXT_PX,
        "bottom": bottom,
        "language": language.partition("-")[0],
        "direction": "rtl" if is_right_to_left(language) else "ltr",
        "theme": dataclasses.asdict(theme),
        "body_fonts": [*theme.body_fonts, *_SCRIPT_FONTS["sans"]],
        "heading_fonts": [*theme.heading_fonts, *_SCRIPT_FONTS["serif" if serif else "sans"]],
        "code_fonts": [*_CODE_FONTS],
        "chapter": runs(scene.chapter) if options.chapter_titles else [],
        "logo": logo,
        "scene": slide_data(scene.content, is_narrow=height >= width, picture=picture),
    }


def render_states(
    scene: Scene,
    states: Sequence[State],
    data: Mapping[str, Any],
    options: LessonOptions,
    folder: Path,
    pictures: Mapping[str, Path],
    *,
    reads_words: bool = False,
    limits: Limits = _LIMITS,
    check: CancellationCheck = never_cancelled,
) -> SlideFiles:
    """Write `state-0001.png` and so on to the folder; `reads_words`: also find the words of the last one.

    Raises TextTooLong, which names the scene.
    """
    payload = {
        "template": "slide.typ",
        "data": {**data, "states": [dataclasses.asdict(state) for state in states]},
        "text": f"{scene.chapter} {text_on_slide(scene.content)}",
        "pictures": {name: str(path.absolute()) for name, path in pictures.items()},
        "target": str(folder.absolute() / "state-{0p}.png"),
        "scale": options.height / _DESIGN_HEIGHT,
        "reads_words": reads_words,
    }
    result = run_task("services.lessons.rendering.slides_child:render", payload, check=check, limits=limits)
    if result["overflows"]:
        raise TextTooLong(f"Scene {scene.id!r} ({scene.content.kind}): the text would be smaller than {MIN_TEXT_PX} px.")
    files = sorted(folder.glob("state-*.png"))
    return SlideFiles(tuple(files), tuple(result["warnings"]), from_plain(tuple[OcrWord, ...], result["words"]))


def render_mark(
    watermark: str, language: str, options: LessonOptions, folder: Path, *, check: CancellationCheck = never_cancelled
) -> Path | None:
    """Write a picture with transparency of a watermark, to be laid over the video; return None for ""."""
    if not watermark:
        return None
    payload = {
        "template": "mark.typ",
        "data": {
            "text": watermark,
            "language": language.partition("-")[0],
            "right_to_left": is_right_to_left(language),
            "body_fonts": [*THEMES[options.theme].body_fonts, *_SCRIPT_FONTS["sans"]],
            "heading_fonts": [],
            "code_fonts": [],
        },
        "text": watermark,
        "pictures": {},
        "target": str(folder.absolute() / "mark.png"),
        "scale": options.height / _DESIGN_HEIGHT,
    }
    run_task("services.lessons.rendering.slides_child:render", payload, check=check, limits=_LIMITS)
    return folder / "mark.png"


def render_captions(
    captions: Sequence[Caption],
    data: Mapping[str, Any],
    options: LessonOptions,
    folder: Path,
    *,
    check: CancellationCheck = never_cancelled,
) -> tuple[Path, ...]:
    """Write a picture with transparency for each caption, to be laid over the bottom of the slides."""
    if not captions:
        return ()
    lines = [list(caption.lines) for caption in captions]
    payload = {
        "template": "captions.typ",
        "data": {
            **data,
            "captions": lines,
            "caption_height": data["bottom"],
            "caption_lift": data["bottom"] - _CAPTION_HEIGHT + _CAPTION_LIFT,
        },
        "text": " ".join(line for each in lines for line in each),
        "pictures": {},
        "target": str(folder.absolute() / "caption-{0p}.png"),
        "scale": options.height / _DESIGN_HEIGHT,
    }
    run_task("services.lessons.rendering.slides_child:render", payload, check=check, limits=_LIMITS)
    return tuple(sorted(folder.glob("caption-*.png")))
