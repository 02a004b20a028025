"""The stage that builds the lecture notes: slides, the words on them, and the words spoken over them."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import errors
from domain import (
    LectureNotes,
    MediaInfo,
    Segment,
    Slide,
    SlideTimeline,
    SpeechSource,
    TimeRange,
    Transcript,
    Visit,
)
from lib.media_time import parse_time
from lib.process import Report, run_task
from lib.serialization import build_adapters, read_json, write_json
from pipelines.stage import StageInput
from pipelines.stages.audio import AudioReport
from pipelines.stages.edited_notes import facts_in, summary_of
from pipelines.stages.ocr import OcrPages
from pipelines.stages.own_text import transcript_name
from pipelines.stages.proofread import CORRECTIONS_FILE, is_wanted
from services.documents.paragraphs import group_into_paragraphs
from services.media.streams import video_track_warnings
from services.media.truncation import truncation_warning
from services.proofreading import read_corrections
from services.slides.quality import report_quality
from services.slides.titles import read_titles
from services.slides.words_on_slides import assign_words
from services.transcript_text import lines
from services.transcript_text.chapters import with_chapters
from services.transcript_text.corrections import apply_to_segments
from services.transcript_text.differences import with_tracked_changes
from services.transcript_text.words import to_segment

_OPTION_NAMES = ("title", "fallback_title", "language", "created_on", "source_url", "source_name", "start_time")
_MIN_TITLE_LETTERS = 3
RAW_TRANSCRIPT_FILE = "transcript.raw.jsonl"


def run(stage_input: StageInput) -> None:
    """Run `make` in a child process, so that the server's memory does not grow with the length of a lecture."""
    options: dict[str, Any] = {name: stage_input.options.get(name) or "" for name in _OPTION_NAMES}
    shows_corrections = is_wanted(stage_input.options) and not stage_input.options.get("review_first")
    options["corrections"] = CORRECTIONS_FILE if shows_corrections else ""
    options["transcript"] = transcript_name(stage_input.options)
    options["tracked_changes"] = "yes" if stage_input.options.get("tracked_changes") else ""
    options |= {"facts": facts_in(stage_input.options), "moment_url": str(stage_input.options.get("moment_url") or "")}
    options["chapters"] = stage_input.options.get("chapters") or []
    run_task("pipelines.stages.notes:make", {"folder": str(stage_input.work.root.absolute()), **options}, check=stage_input.check)


def before_forks() -> None:
    """Prepare what every child of this module needs; see lib/child.py."""
    build_adapters(MediaInfo, SlideTimeline, OcrPages, Transcript, AudioReport, LectureNotes)


def make(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Write the notes, their summary and the raw transcript. Payload: the folder of a workspace, and options."""
    folder = Path(payload["folder"])
    media = read_json(MediaInfo, folder / "media.json")
    timeline = read_json(SlideTimeline, folder / "slides.json")
    pages = read_json(OcrPages, folder / "ocr.json")
    raw = read_json(Transcript, folder / payload["transcript"])
    offset_s = parse_time(payload["start_time"] or "0")
    raw = with_chapters(raw, [(each["start_s"] - offset_s, each["title"]) for each in payload["chapters"]])
    transcript = raw
    if payload["corrections"]:
        transcript = _apply_corrections(raw, folder / payload["corrections"], with_changes=bool(payload["tracked_changes"]))
    audio = read_json(AudioReport, folder / "audio.json") if (folder / "audio.json").exists() else AudioReport()
    if not timeline.slides and not transcript.segments:
        raise errors.NoSlidesNoSpeech if media.video else errors.NoSpeech
    slides = _slides(timeline, pages, transcript)
    notes = LectureNotes(
        title=payload["title"] or _title_of_first_slide(slides) or payload["fallback_title"],
        duration_s=media.duration_s,
        language=transcript.language or payload["language"],
        created_on=payload["created_on"],
        source_url=payload["source_url"],
        source_offset_s=offset_s,
        source_name=payload["source_name"],
        speech_source=transcript.source if transcript.segments else SpeechSource.NONE,
        slides=slides,
        unplaced=() if timeline.slides else group_into_paragraphs(transcript.segments),
        region=timeline.region,
        ignored=timeline.ignored,
        quality=report_quality(
            timeline,
            media.duration_s,
            pages.pages,
            transcript,
            media=media,
            is_silent=audio.is_silent,
            media_warnings=(*truncation_warning(media), *video_track_warnings(media), *audio.warnings),
        ),
        captions=transcript.captions,
        moment_url=payload["moment_url"],
        **payload["facts"],
    )
    write_json(folder / "notes.json", notes)
    write_json(folder / "summary.json", summary_of(notes))
    lines.write(folder / RAW_TRANSCRIPT_FILE, lines.header_of(raw), raw.segments, flagged_segments=raw.flagged)
    return {}


def _apply_corrections(raw: Transcript, path: Path, *, with_changes: bool) -> Transcript:
    """Return the transcript with its corrections. Subtitle files are then written from the words, not from uploaded captions."""
    with path.open(encoding="utf-8") as file:
        changes = [each.substitution for each in read_corrections(file)]
    if not changes:
        return raw
    corrected_segments = apply_to_segments(raw.segments, changes)
    segments = (
        with_tracked_changes(apply_to_segments(raw.segments, ()), corrected_segments)
        if with_changes
        else map(to_segment, corrected_segments)
    )
    return dataclasses.replace(raw, segments=tuple(segments), captions=())


def _title_of_first_slide(slides: tuple[Slide, ...]) -> str:
    """Return the title of the first slide, or "" if it has none or only a fragment."""
    title = " ".join(slides[0].title.split()) if slides else ""
    return title if sum(map(str.isalpha, title)) >= _MIN_TITLE_LETTERS else ""


def _slides(timeline: SlideTimeline, pages: OcrPages, transcript: Transcript) -> tuple[Slide, ...]:
    if not timeline.slides:
        return ()
    segments_by_visit: dict[tuple[int, TimeRange], tuple[Segment, ...]] = {
        (index, time): segments for index, time, segments in assign_words(transcript, timeline)
    }
    titles = pages.titles or read_titles(pages.pages, [(slide.width, slide.height) for slide in timeline.slides])
    return tuple(
        Slide(
            number=index + 1,
            title=titles[index],
            image=slide.image or "",
            width=slide.width,
            height=slide.height,
            frame_time_s=slide.frame_time_s,
            visits=tuple(Visit(time, group_into_paragraphs(segments_by_visit.get((index, time), ()))) for time in slide.visits),
            ocr=pages.pages[index],
            builds=slide.builds,
        )
        for index, slide in enumerate(timeline.slides)
    )
