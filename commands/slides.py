"""`flask slides` and `flask bench slides`: the slide engine by itself. `python -m commands.slides` starts it without Flask."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from domain import Box, SlideTimeline


class BoxType(click.ParamType):  # type: ignore[type-arg]
    """x,y,width,height in pixels."""

    name = "x,y,w,h"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Box:
        if isinstance(value, Box):
            return value
        try:
            x, y, width, height = (int(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is not four numbers x,y,w,h", param, ctx)
        return Box(x, y, width, height)


@contextlib.contextmanager
def _errors_as_messages() -> Iterator[None]:
    """Print an error of the recording or the options as a sentence, without a traceback."""
    import errors

    try:
        yield
    except errors.LecternError as error:
        raise click.ClickException(f"{error} {error.hint}".strip()) from None


_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("slides")
@click.argument("video", type=_FILE)
@click.option(
    "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the result to this file instead of standard output."
)
@click.option("--images", type=click.Path(file_okay=False, path_type=Path), help="Write an image of each slide into this folder.")
@click.option(
    "--builds",
    type=click.Choice(["final", "all"]),
    default="final",
    show_default=True,
    help="Images of final states only, or of every build step.",
)
@click.option(
    "--sensitivity",
    type=click.Choice(["low", "normal", "high"]),
    default="normal",
    show_default=True,
    help="How small a difference in brightness counts as a change.",
)
@click.option("--region", type=BoxType(), help="The area of the picture that contains the slide.")
@click.option("--ignore", type=BoxType(), multiple=True, help="An area that moves and is not a slide. May be repeated.")
def slides_command(
    video: Path, json_file: Path | None, images: Path | None, builds: str, sensitivity: str, region: Box | None, ignore: tuple[Box, ...]
) -> None:
    """Find the slides in VIDEO."""
    from services.media.remux import make_seekable
    from services.ocr import text_finder
    from services.slides import SlideOptions, detect_slides, find_slides

    options = SlideOptions(sensitivity, builds, region, ignore)  # type: ignore[arg-type]
    with _errors_as_messages(), tempfile.TemporaryDirectory(prefix="lectern-") as folder:
        path, media = make_seekable(video, Path(folder) / "copy")
        finder = text_finder()
        if images:
            timeline = find_slides(path, media, options, images, find_text=finder)
        else:
            timeline = detect_slides(path, media, options, find_text=finder)
    text = json.dumps(timeline_as_json(timeline, media.duration_s, images), indent=1)
    if json_file:
        json_file.write_text(text + "\n", encoding="utf-8")
    else:
        click.echo(text)


@click.command("slides")
@click.argument("video", type=_FILE)
@click.argument("truth", type=_FILE)
def bench_slides_command(video: Path, truth: Path) -> None:
    """Score the slide engine on VIDEO against the labels in TRUTH (JSON; see docs/slides.md)."""
    from bench.slides.score import score
    from services.media.remux import make_seekable
    from services.ocr import text_finder
    from services.slides import SlideOptions, detect_slides

    with _errors_as_messages(), tempfile.TemporaryDirectory(prefix="lectern-") as folder:
        path, media = make_seekable(video, Path(folder) / "copy")
        result = timeline_as_json(detect_slides(path, media, SlideOptions(), find_text=text_finder()), media.duration_s, None)
    try:
        figures = score(result, json.loads(truth.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        raise click.ClickException(
            f"{truth} is not a truth file as described in docs/slides.md ({type(error).__name__}: {error})."
        ) from None
    click.echo(json.dumps(figures.as_plain(), indent=1))


def timeline_as_json(timeline: SlideTimeline, duration_s: float, images: Path | None) -> dict[str, Any]:
    """Return the timeline as `flask slides` writes it; times in seconds, boxes as [x, y, width, height]."""
    from services.slides.quality import report_quality

    return {
        "slides": [
            {
                "start": slide.visits[0].start_s,
                "end": slide.visits[0].end_s,
                "spans": [[visit.start_s, visit.end_s] for visit in slide.visits],
                "frame_time": slide.frame_time_s,
                "builds": [
                    {"time": step.time_s, **({"image": str(images / step.image)} if images and step.image else {})} for step in slide.builds
                ],
                **({"image": str(images / slide.image), "width": slide.width, "height": slide.height} if images and slide.image else {}),
            }
            for slide in timeline.slides
        ],
        "region": _box_as_json(timeline.region),
        "ignored": [_box_as_json(box) for box in timeline.ignored],
        "warnings": list(timeline.warnings),
        "quality": report_quality(timeline, duration_s).__dict__,
    }


def _box_as_json(box: Box | None) -> list[int] | None:
    return [box.x, box.y, box.width, box.height] if box else None


if __name__ == "__main__":
    slides_command()
