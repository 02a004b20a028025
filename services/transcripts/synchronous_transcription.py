"""Transcriptions for one request, whose response has the text: wait for the job, read the result, delete the recording."""

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

_FIRST_PAUSE_S, _MAX_PAUSE_S = 0.1, 1.0
_WITHOUT_SPEECH = (errors.NoSpeech.code, errors.NoSlidesNoSpeech.code)


class TranscriptionFailed(errors.LecternError):
    """The recording could not be transcribed."""

    code = "transcription_failed"
    status = 422


class TranscriptionSlow(errors.TransientError):
    """The transcription takes longer than this request may last."""

    code = "transcription_slow"
    hint = "Upload long recordings at /upload and ask for their status, or let the operator raise TRANSCRIPTION_WAIT_S."


@dataclass(frozen=True)
class SpokenText:
    """The result of a job: the segments and their language, and the subtitles if they were asked for."""

    segments: Sequence[EditableSegment]
    language: str
    subtitles: str = ""


def wait_for_text(job_id: str, timeout_s: float, store: Store, check: CancellationCheck, *, subtitles: str = "") -> SpokenText:
    """Wait until the job has ended; return its text, and the document `subtitles` (srt or vtt).

    Raises TranscriptionSlow after the timeout, TranscriptionFailed, Cancelled, and what `check` raises, which is called while it waits. A
    recording without speech has an empty text.
    """
    for _ in _until_ended(job_id, timeout_s, check):
        pass
    return _text_of(_read(job_id), store, subtitles)


def stream_text(job_id: str, timeout_s: float, store: Store, checkpoint: Path, check: CancellationCheck) -> Iterator[Segment | SpokenText]:
    """Yield segments as soon as they are recognised, then the rest, and in the end the whole text.

    `checkpoint`: where a worker on this machine writes what it has recognised; of another machine, all segments come in the end.
    Raises as `wait_for_text` does.
    """
    partial, sent = PartialTranscript(checkpoint), 0
    for _ in _until_ended(job_id, timeout_s, check):
        for segment in partial.new_segments():
            yield segment
            sent += 1
    spoken = _text_of(_read(job_id), store)
    yield from map(to_segment, spoken.segments[sent:])
    yield spoken


def _until_ended(job_id: str, timeout_s: float, check: CancellationCheck) -> Iterator[None]:
    """Yield at growing intervals until the job has ended. Raises TranscriptionSlow."""
    deadline, pause_s = time.monotonic() + timeout_s, _FIRST_PAUSE_S
    while _read(job_id).state not in FINAL_STATES:
        if time.monotonic() > deadline:
            raise TranscriptionSlow
        check()
        yield
        before_waiting()
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.3, _MAX_PAUSE_S)


def _text_of(job: Job, store: Store, subtitles: str = "") -> SpokenText:
    if job.state == JobState.CANCELLED:
        raise errors.Cancelled
    if job.error_code in _WITHOUT_SPEECH:
        return SpokenText((), "")
    if job.state == JobState.FAILED:
        raise TranscriptionFailed(job.error_message or "", hint=job.error_hint or "")
    transcript = session().get(Transcript, job.recording_id)
    if transcript is None or job.recording_id is None:
        raise TranscriptionFailed("Its transcript was deleted.")
    spoken_segments = list(segments.read(session(), job.recording_id))
    key = _document_key(job.recording_id, subtitles) if subtitles else ""
    language = transcript.language
    end_read()
    return SpokenText(spoken_segments, language, b"".join(store.read(key)).decode() if key else "")


def discard(caller: Caller, recording_id: str, store: Store) -> None:
    """Delete the recording of an answer, and cancel its job."""
    recordings.delete(caller, recording_id, store)


def _read(job_id: str) -> Job:
    end_read()
    job = session().get(Job, job_id, populate_existing=True)
    if job is None:
        raise errors.Cancelled("The recording was deleted.")
    return job


def _document_key(recording_id: str, format_name: str) -> str:
    rows = recordings.documents_of(recording_id)
    return next((row.storage_key for row in rows if row.format == format_name), "")
