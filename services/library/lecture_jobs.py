"""Inputs of jobs of the pipeline `lecture_notes`: the recording, and the subtitles that were uploaded with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from database import session as current_session
from models import Artifact, GlossaryTerm, Job, Project, ProjectAsset, Recording
from services.documents import reference_document
from services.jobs import queue
from services.jobs.job_kind import JobDetails, JobInput
from services.library import hidden_formats, recording_facts, reference_input
from services.library.course_terms import course_terms
from services.storage import keys

PIPELINE = "lecture_notes"
_ADDITIONAL_INPUTS = (hidden_formats.OWN_TEXT, hidden_formats.LESSON_SLIDES)
_OTHER_SLIDES = ("start_time", "end_time", "region")  # with these options, the slides of a lesson are not those of its script


def newest_options(session: Session, recording_id: str) -> Mapping[str, Any]:
    """Return the options of the recording's newest conversion; later jobs that only render its documents have fewer."""
    newest = select(Job.options).where(Job.recording_id == recording_id, Job.pipeline == PIPELINE)
    return session.execute(newest.order_by(Job.created_at.desc()).limit(1)).scalar_one_or_none() or {}


def with_format_of_subtitles(options: Mapping[str, Any], subtitles_key: str | None) -> Mapping[str, Any]:
    """Add the format in which the subtitles were uploaded, if it is WebVTT."""
    formats = list(options.get("formats", ()))
    if not (subtitles_key or "").endswith(".vtt") or not formats or "vtt" in formats:
        return options
    return {**options, "formats": [*formats, "vtt"]}


def load(claim: queue.Claim) -> JobDetails:
    """Read the recording of a claimed job."""
    recording = current_session().get_one(Recording, claim.recording_id)
    inputs = [source_of(recording)]
    if recording.subtitles_key:
        inputs.append(JobInput("subtitles", recording.subtitles_key, "subtitles", "text/plain"))
    beside = select(Artifact).where(Artifact.recording_id == recording.id, Artifact.format.in_(_ADDITIONAL_INPUTS))
    artifacts = {row.format: row for row in current_session().execute(beside).scalars()}
    if any(claim.options.get(name) for name in _OTHER_SLIDES):
        artifacts.pop(hidden_formats.LESSON_SLIDES, None)
    inputs += [
        JobInput(name, row.storage_key, name, row.content_type, row.size_bytes, row.sha256) for name, row in sorted(artifacts.items())
    ]
    reference = reference_input.inputs_for(recording.user_id)
    inputs += reference
    options = {
        **_options(claim, recording),
        reference_document.OPTION: bool(reference),
        "has_own_text": hidden_formats.OWN_TEXT in artifacts,
        "has_lesson_slides": hidden_formats.LESSON_SLIDES in artifacts,
    }
    return JobDetails(options, recording.id, inputs, recording.duration_s)


def source_of(recording: Recording) -> JobInput:
    """Return the file of the recording as the input `source`."""
    return JobInput("source", recording.storage_key, recording.filename, size_bytes=recording.size_bytes, sha256=recording.sha256)


def _options(claim: queue.Claim, recording: Recording) -> dict[str, Any]:
    """The job's options and the facts of the recording that the stages use."""
    base_url = str(claim.options.get("base_url") or "")
    course_words = course_terms(current_session(), recording)
    return {
        **claim.options,
        "title": recording.title if recording.has_given_title else "",
        "fallback_title": keys.without_extension(recording.sent_name or recording.filename),
        "created_on": claim.created_at.date().isoformat(),
        "source_name": recording.sent_name or recording.filename,
        "source_url": recording.source_url or (f"{base_url}/watch/{recording.id}" if base_url else ""),
        "chapters": recording.chapters,
        **recording_facts.facts_of(current_session(), recording),
        "moment_url": f"{base_url}/m/{recording.short_code}" if base_url else "",
        "has_subtitles": recording.subtitles_key is not None,
        "glossary": glossary_of(recording),
        "course_words": course_words.words,
        "course_terms": course_words.terms,
    }


def glossary_of(recording: Recording) -> list[dict[str, Any]]:
    """Return the terms of the glossaries of a recording's owner and of its projects, for stages."""
    own_terms = select(GlossaryTerm).where(GlossaryTerm.user_id == recording.user_id).order_by(GlossaryTerm.term)
    terms = [{"term": row.term, "misheard": row.misheard} for row in current_session().execute(own_terms).scalars()]
    query = select(Project.glossary).join(ProjectAsset, ProjectAsset.project_id == Project.id)
    query = query.where(ProjectAsset.recording_id == recording.id).order_by(Project.id)
    of_projects = (term for glossary in current_session().execute(query).scalars() for term in glossary)
    return [*terms, *({"term": term["term"], "misheard": term["misheard"]} for term in of_projects)]
