"""The pipeline from a recorded lecture to its documents: slides and speech side by side, then notes, then documents."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.pipeline import Pipeline
from pipelines.stage import Stage, Workspace
from pipelines.stage_metrics import StageMetrics
from pipelines.stages import audio, documents, lesson_slides, notes, ocr, own_text, probe, proofread, slides, speech
from pipelines.stages.documents import document_name, warnings_name
from pipelines.stages.notes import RAW_TRANSCRIPT_FILE
from schemas.options import LectureOptions
from services.documents import FORMATS
from services.jobs import queue
from services.jobs.job_kind import OutputKind
from services.library import artifacts, hidden_formats, lecture_jobs, rendering
from services.ocr import OcrOptions
from services.proofreading import ProofreadingOptions
from services.speech_to_text import SpeechOptions
from services.storage import Store
from services.transcript_text import lines
from services.transcripts import corrections, importing


def _has_subtitles(options: Mapping[str, Any]) -> bool:
    return bool(options.get("has_subtitles"))


def _has_no_subtitles(options: Mapping[str, Any]) -> bool:
    return not _has_subtitles(options)


def _has_unknown_slides(options: Mapping[str, Any]) -> bool:
    return not lesson_slides.is_known(options)


_NOTES_OPTIONS = (
    *("title", "fallback_title", "language", "created_on", "source_url", "source_name", "start_time", "chapters"),
    *("author", "course", "lecture_number", "moment_url"),
    *("proofread", "review_first", "tracked_changes", "has_own_text"),
)
_TEXTS = ("transcript.json", own_text.ALIGNED_FILE, proofread.CORRECTIONS_FILE)

STAGES: tuple[Stage, ...] = (
    Stage(
        "remux",
        probe.remux,
        label="Preparing the recording",
        needs=("source",),
        makes=("recording", "recording.json"),
        uses=("start_time", "end_time"),
        scratch=("recording",),
        weight=0.4,
        version=3,
    ),
    Stage(
        "probe",
        probe.run,
        label="Reading the recording",
        needs=("recording.json",),
        makes=("media.json",),
        uses=("video_track", "audio_track"),
        weight=0.1,
        version=3,
    ),
    Stage(
        "audio",
        audio.run,
        label="Extracting the audio",
        needs=("source", "recording", "media.json"),
        makes=("audio.wav", "audio.json"),
        uses=("audio_track",),
        scratch=("audio.wav",),
        weight=1,
        version=2,
        when=_has_no_subtitles,
    ),
    Stage(
        "speech",
        speech.transcribe,
        label="Transcribing the speech",
        needs=("audio.wav", "media.json"),
        makes=("transcript.json",),
        uses=("language", "transcribe_prompt", "translate"),
        engine=SpeechOptions,
        checkpoint=speech.CHECKPOINT_FILE,
        weight=40,
        version=4,
        when=_has_no_subtitles,
    ),
    Stage(
        "subtitles",
        speech.read_subtitles,
        label="Reading the subtitles",
        needs=("subtitles", "media.json"),
        makes=("transcript.json",),
        uses=("language", "start_time"),
        weight=0.2,
        version=2,
        when=_has_subtitles,
    ),
    Stage(
        "own_text",
        own_text.run,
        label="Aligning your text",
        needs=("transcript.json", own_text.TEXT_FILE),
        makes=(own_text.ALIGNED_FILE, own_text.REPORT_FILE),
        weight=0.5,
        when=own_text.is_given,
    ),
    Stage(
        "slides",
        slides.run,
        label="Detecting the slides",
        needs=("source", "recording", "media.json"),
        makes=("slides.json", "images"),
        uses=("sensitivity", "builds", "region", "ignore"),
        weight=12,
        when=_has_unknown_slides,
    ),
    Stage(
        "ocr",
        ocr.run,
        label="Reading the slides",
        needs=("slides.json", "images"),
        makes=("ocr.json",),
        uses=("language",),
        engine=OcrOptions,
        weight=6,
        when=_has_unknown_slides,
    ),
    Stage(
        "lesson_slides",
        lesson_slides.unpack,
        label="Collecting the slides",
        needs=(lesson_slides.ARCHIVE_FILE, "media.json"),
        makes=("slides.json", "images", "ocr.json"),
        weight=0.2,
        when=lesson_slides.is_known,
    ),
    Stage(
        "proofread",
        proofread.run,
        label="Proofreading the transcript",
        name_before_report=proofread.WAITING_NAME,
        needs=("transcript.json", own_text.ALIGNED_FILE, "ocr.json"),
        makes=(proofread.CORRECTIONS_FILE, proofread.REPORT_FILE),
        uses=("proofread", proofread.PROMPT_OPTION, "glossary", "course_words", "has_own_text"),
        engine=ProofreadingOptions,
        checkpoint=proofread.CHECKPOINT_FILE,
        weight=2,
        version=2,
        when=proofread.is_wanted,
    ),
    Stage(
        "notes",
        notes.run,
        label="Matching words to slides",
        needs=("media.json", "audio.json", "slides.json", "images", "ocr.json", *_TEXTS),
        makes=("notes.json", "summary.json", RAW_TRANSCRIPT_FILE),
        uses=_NOTES_OPTIONS,
        weight=0.2,
        version=12,
    ),
    Stage(
        "document_archive",
        documents.archive_notes,
        label="Writing the documents",
        needs=("notes.json", "images"),
        makes=(rendering.ARCHIVE_FILE,),
        scratch=(rendering.ARCHIVE_FILE,),
        weight=0.1,
        version=3,
    ),
    *(documents.stage_for(name) for name in FORMATS),
)


def outputs(options: Mapping[str, Any]) -> list[OutputKind]:
    """One document for each format."""
    formats = [FORMATS[name] for name in options["formats"]]
    return [OutputKind(kind.name, kind.extension, kind.content_type, document_name(kind.name)) for kind in formats]


def _outputs_and_hidden(options: Mapping[str, Any]) -> list[OutputKind]:
    archive = OutputKind(hidden_formats.NOTES_ARCHIVE, "tar", "application/x-tar", rendering.ARCHIVE_FILE, is_optional=True)
    transcript = OutputKind(hidden_formats.RAW_TRANSCRIPT, "raw.jsonl", lines.CONTENT_TYPE, RAW_TRANSCRIPT_FILE, is_optional=True)
    corrected_transcript = OutputKind(
        hidden_formats.CORRECTIONS, "corrections.jsonl", lines.CONTENT_TYPE, proofread.CORRECTIONS_FILE, is_optional=True
    )
    return [*outputs(options), archive, transcript, *([corrected_transcript] if proofread.is_wanted(options) else [])]


def _after_record(claim: queue.Claim, store: Store) -> None:
    artifacts.promote(claim, store)
    importing.import_raw(claim, store)
    corrections.import_new(claim, store)


def warnings(work: Workspace, options: Mapping[str, Any]) -> Sequence[str]:
    """The reasons of the quality report and the warnings of proofreading and of the renderers, each once."""
    quality = json.loads(work.path("summary.json").read_text())["quality"]
    rendering_warnings = [line for name in options["formats"] for line in json.loads(work.path(warnings_name(name)).read_text())]
    report = json.loads(work.path(proofread.REPORT_FILE).read_text()) if proofread.is_wanted(options) else {"warnings": []}
    return list(dict.fromkeys([*quality["reasons"], *report["warnings"], *rendering_warnings]))


def _summary(work: Workspace, stage_metrics: Mapping[str, StageMetrics]) -> Mapping[str, Any]:
    """The summary of the notes, with the wall seconds from the start to the notes and from the notes to the last document."""
    notes_ended_s = stage_metrics["notes"].ended_s
    documents_ended_s = [metrics.ended_s for name, metrics in stage_metrics.items() if name.startswith("document_")]
    rendering_s = max([notes_ended_s, *documents_ended_s]) - notes_ended_s
    seconds = {"conversion": notes_ended_s, "rendering": round(rendering_s, 3)}
    report: dict[str, Any] = {}
    if "proofread" in stage_metrics:
        proofreading = json.loads(work.path(proofread.REPORT_FILE).read_text())
        report = {"proofreading": {**proofreading["usage"], "corrections": proofreading["corrections"]}}
    if "own_text" in stage_metrics:
        report["own_text"] = json.loads(work.path(own_text.REPORT_FILE).read_text())
    return {"seconds": seconds, **report, **json.loads(work.path("summary.json").read_text())}


LECTURE_NOTES = Pipeline(
    name=lecture_jobs.PIPELINE,
    stages=STAGES,
    options_model=LectureOptions,
    load=lecture_jobs.load,
    outputs=_outputs_and_hidden,
    record=artifacts.record,
    after_record=_after_record,
    finish=artifacts.rerender_if_changed,
    warnings=warnings,
    summary=_summary,
)
