"""The task of the child process that sends the chunks of a recording to a transcription API."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from lib.process import Report
from lib.serialization import from_plain
from services.speech_to_text.checkpoint import Checkpoint
from services.speech_to_text.chunk_progress import ChunkProgress, for_each_chunk
from services.speech_to_text.chunk_transcriber import ChunkTranscript, assemble_chunk_transcript
from services.speech_to_text.chunks import Chunk, WavFile, split_into_chunks
from services.speech_to_text.hallucination_filter import flag_of
from services.speech_to_text.hosted.api import TranscriptionApi
from services.speech_to_text.hosted.responses import HostedTranscript, read_response
from services.speech_to_text.languages import engine_code
from services.speech_to_text.port import SAMPLE_RATE_HZ, HostedSpeech, SpeechLanguage, SpeechOptions
from services.speech_to_text.vad import speech_duration_s

_NO_TIMES = "The speech recognition API returns no timestamps. They were estimated from the pauses; subtitles may be off by some seconds."
_NO_LANGUAGE = "The speech recognition API does not report the language. Choose it for the conversion, so that the documents state it."


def transcribe_chunks(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Transcribe all chunks that the checkpoint lacks. Payload: wav, language (or None), checkpoint, options with `hosted`."""
    options = from_plain(SpeechOptions, payload["options"])
    assert options.hosted is not None
    _HostedTranscription(payload, options, options.hosted, report).run()
    return {"is_complete": True}


class _HostedTranscription:
    def __init__(self, payload: dict[str, Any], options: SpeechOptions, service: HostedSpeech, report: Report) -> None:
        self._wav = WavFile(Path(payload["wav"]))
        self._service = service
        self._is_translation = options.task == "translate"
        self._language = engine_code(payload["language"]) or ""
        fingerprint = {"options": options.fingerprint, "language": self._language, "samples": self._wav.length, "chunk_s": service.chunk_s}
        self._checkpoint = Checkpoint.open(Path(payload["checkpoint"]), fingerprint)
        self._api = TranscriptionApi(service, prompt=options.prompt, is_translation=self._is_translation)
        self._progress = ChunkProgress(report, self._wav.duration_s)
        self._lock = threading.Lock()

    def run(self) -> None:
        chunks = split_into_chunks(self._wav, self._service.chunk_s, dict(self._checkpoint.chunks))
        missing = (chunk for chunk in chunks if chunk.start not in self._checkpoint.chunks)
        for_each_chunk(missing, self._transcribe_chunk, self._service.concurrency)
        self._progress.finish()

    def _transcribe_chunk(self, chunk: Chunk) -> None:
        result = ChunkTranscript([], [], {})
        if chunk.speech:
            audio = self._wav.read(chunk.start, chunk.end)
            response = read_response(self._api.transcribe(audio, self._language), chunk.speech, chunk.duration_s)
            language = "en" if self._is_translation else self._language or response.language
            self._save_language(response, language)
            segments = [replace(each, flag=flag_of(each, chunk.speech, language)) for each in response.segments]
            spoken_s = speech_duration_s(chunk.speech, 0.0, len(audio) / SAMPLE_RATE_HZ)
            result = assemble_chunk_transcript(segments, chunk.start_s, chunk.start_s + chunk.duration_s, {language: spoken_s})
        self._checkpoint.save(chunk, result.segments, result.speech_s_by_language, result.flagged_segments)
        self._progress.update(chunk, chunk.duration_s)

    def _save_language(self, response: HostedTranscript, language: str) -> None:
        """Save the language of the first response with words, for the whole recording. Later responses may report another one."""
        with self._lock:
            if self._checkpoint.language is None and response.segments:
                warnings = (*([] if response.has_times else [_NO_TIMES]), *([] if language else [_NO_LANGUAGE]))
                name = f"{self._service.model} (API)"
                self._checkpoint.save_language(SpeechLanguage(language, candidates=(language,)), name, " ".join(warnings))
