"""A lecture goes in, its documents come out: slides and speech side by side, then notes, then documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelines.stage import Stage
from pipelines.stages import audio, documents, notes, ocr, probe, slides, speech
from services.documents import FORMATS


def _has_subtitles(options: Mapping[str, Any]) -> bool:
    return bool(options.get("has_subtitles"))


def _has_none(options: Mapping[str, Any]) -> bool:
    return not _has_subtitles(options)


STAGES: tuple[Stage, ...] = (
    Stage("probe", probe.run, needs=("source",), makes=("media.json",), weight=0.2),
    Stage("audio", audio.run, needs=("source", "media.json"), makes=("audio.wav",), scratch=("audio.wav",), weight=1, when=_has_none),
    Stage(
        "speech",
        speech.transcribe,
        needs=("audio.wav", "media.json"),
        makes=("transcript.json",),
        uses=("language",),
        checkpoint="speech.checkpoint",
        weight=40,
        when=_has_none,
    ),
    Stage(
        "subtitles",
        speech.read_subtitles,
        needs=("subtitles", "media.json"),
        makes=("transcript.json",),
        uses=("language",),
        weight=0.2,
        when=_has_subtitles,
    ),
    Stage(
        "slides",
        slides.run,
        needs=("source", "media.json"),
        makes=("slides.json", "images"),
        uses=("sensitivity", "builds", "region", "ignore"),
        weight=12,
    ),
    Stage("ocr", ocr.run, needs=("slides.json", "images"), makes=("ocr.json",), uses=("language",), weight=6),
    Stage(
        "notes",
        notes.run,
        needs=("media.json", "slides.json", "images", "ocr.json", "transcript.json"),
        makes=("notes.json", "summary.json"),
        uses=("title", "language", "created_on", "source_url", "source_name"),
        weight=0.2,
        version=2,
    ),
    *(documents.stage_for(name, weight=3 if name in ("pdf", "docx") else 0.3) for name in FORMATS),
)
