"""Transcription within one request: wait for the job, return its text in the response, and delete the recording."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import errors
from database import end_read, session
from domain import FINAL_STATES, JobState, Segment
from lib.process import CancellationCheck
from lib.waiting import before_waiting
from models import Job, Transcript
from services.accounts import Caller
from services.library import recordings
from services.speech_to_text import PartialTranscript
from services.storage import Store
from services.transcript_text.words import EditableSegment, to_segment
from services.transcripts import segments

_FIRST_POLL_INTERVAL_S, _MAX_POLL_INTERVAL_S = 0.1, 1.0
_NO_SPEECH_CODES = (errors.NoSpeech.code, errors.NoSlidesNoSpeech.code)


class TranscriptionFailed(errors.LecternError):
    """The recording could not be transcribed."""

    code = "transcription_failed"
    status = 422


class TranscriptionSlow(errors.TransientError):
    """The transcription takes longer than a request may wait for it."""

    code = "transcription_slow"
    hint = "Upload long recordings at /upload and poll their status, or ask the operator to raise TRANSCRIPTION_WAIT_S."


@dataclass(frozen=True)
class TranscriptionResult:
    """The result of a job: the segments, their language, and the subtitles if requested."""

    segments: Sequence[EditableSegment]
    language: str
    subtitles: str = ""


def wait_for_result(job_id: str, timeout_s: float, store: Store, check: CancellationCheck, *, subtitles: str = "") -> TranscriptionResult:
    """Wait until the job has ended and return its result. `subtitles`: the format to include, srt or vtt.

    `check` is called while this waits, and its exceptions are passed on. Also raises TranscriptionSlow after the timeout,
    TranscriptionFailed and Cancelled. A recording without speech has an empty text.
    """
    for _ in _poll_until_ended(job_id, timeout_s, check):
        pass
    return _result_of(_load_job(job_id), store, subtitles)


def stream_result(
    job_id: str, timeout_s: float, store: Store, checkpoint: Path, check: CancellationCheck
) -> Iterator[Segment | TranscriptionResult]:
    """Yield each segment as soon as it is recognised, then those that remain, and at last the whole result.

    `checkpoint`: the file in which a worker on this machine saves its progress. From another machine, all segments come at the end.
    Raises the same errors as `wait_for_result`.
    """
    partial, segment_count = PartialTranscript(checkpoint), 0
    for _ in _poll_until_ended(job_id, timeout_s, check):
        for segment in partial.new_segments():
            yield segment
            segment_count += 1
    result = _result_of(_load_job(job_id), store)
    yield from map(to_segment, result.segments[segment_count:])
    yield result


def _poll_until_ended(job_id: str, timeout_s: float, check: CancellationCheck) -> Iterator[None]:
    """Yield at growing intervals until the job has ended. Raises TranscriptionSlow."""
    deadline, interval_s = time.monotonic() + timeout_s, _FIRST_POLL_INTERVAL_S
    while _load_job(job_id).state not in FINAL_STATES:
        if time.monotonic() > deadline:
            raise TranscriptionSlow
        check()
        yield
        before_waiting()
        time.sleep(interval_s)
        interval_s = min(interval_s * 1.3, _MAX_POLL_INTERVAL_S)


def _result_of(job: Job, store: Store, subtitles: str = "") -> TranscriptionResult:
    if job.state == JobState.CANCELLED:
        raise errors.Cancelled
    if job.error_code in _NO_SPEECH_CODES:
        return TranscriptionResult((), "")
    if job.state == JobState.FAILED:
        raise TranscriptionFailed(job.error_message or "", hint=job.error_hint or "")
    transcript = session().get(Transcript, job.recording_id)
    if transcript is None or job.recording_id is None:
        raise TranscriptionFailed("Its transcript was deleted.")
    result_segments = list(segments.read(session(), job.recording_id))
    key = _document_key(job.recording_id, subtitles) if subtitles else ""
    language = transcript.language
    end_read()
    return TranscriptionResult(result_segments, language, b"".join(store.read(key)).decode() if key else "")


def delete_recording(caller: Caller, recording_id: str, store: Store) -> None:
    """Delete the recording of the request, and cancel its job if it is active."""
    recordings.delete(caller, recording_id, store)


def _load_job(job_id: str) -> Job:
    end_read()
    job = session().get(Job, job_id, populate_existing=True)
    if job is None:
        raise errors.Cancelled("The recording was deleted.")
    return job


def _document_key(recording_id: str, format_name: str) -> str:
    rows = recordings.documents_of(recording_id)
    return next((row.storage_key for row in rows if row.format == format_name), "")
