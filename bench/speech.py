"""Speech recognition: word errors, deletions, speed and memory, compared with faster-whisper and its batches with the same weights."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.context import Context, cpu_of_children_s, markdown_table, watch_memory
from bench.languages import GERMAN
from domain import Segment, Transcript
from lib.serialization import read_json
from scripts.audio import decode, speak, write_wav
from services import speech_to_text
from services.speech_to_text import SpeechOptions
from services.speech_to_text.chunks import WavFile
from services.speech_to_text.faster_whisper import MAX_BATCHED_SAMPLES
from services.speech_to_text.port import SAMPLE_RATE_HZ
from services.speech_to_text.vad import speech_spans
from services.speech_to_text.weights import find_weights
from services.speech_to_text.windows import split_into_windows

_THREADS = 2
_PAUSE_S = 1.2
_GERMAN_TIMES = 4  # about a minute
_MAX_SILENT_END_S = 0.8
_METHODS = ("plain", "batched", "lectern")
_NAMES = {"plain": "plain faster-whisper", "batched": "BatchedInferencePipeline", "lectern": "Lectern"}
_READINGS = ("jfk", "austen-0870", "austen-0880", "austen-0890", "austen-0920", "austen-0930", "libri-1088")


TimedWord = tuple[str, float, float]


@dataclass(frozen=True)
class Recording:
    """A recording and the words that are spoken in it; an empty text if they are unknown."""

    name: str
    wav: Path
    language: str
    reference: str


@dataclass(frozen=True)
class Result:
    """Words as (text, start, end in seconds), times in seconds, memory in MiB. `flagged_words` are left out, and kept for review."""

    words: list[TimedWord]
    flagged_words: list[TimedWord]
    wall_s: float
    cpu_s: float
    memory_mib: float


def run(context: Context) -> str:
    """Compare the methods on recordings in `MEDIA` (see `_recordings`). The readings are repeated to `READINGS_S` seconds of sound."""
    if context.media is None:
        return "Not run: set the folder of recordings with `MEDIA=folder`."
    models = context.folder / "models"
    find_weights(SpeechOptions(cache_folder=models))
    rows = []
    for recording in _recordings(context.media, context.folder):
        results = {method: _in_own_process(method, recording, models) for method in _METHODS}
        for method, result in results.items():
            rows.append(_row(recording, method, result, results["plain"]))
            print(" | ".join(map(str, rows[-1])), flush=True)
    headers = [
        "recording",
        "method",
        "word errors",
        "deletions",
        "words",
        "missing / added",
        "wall, s",
        "CPU, s",
        "speed by wall",
        "speed by CPU",
        "memory, MiB",
        "lost ends",
    ]
    notes = (
        f"Two threads, word times, the same weights. Speed: the time of plain faster-whisper (beam 5, VAD) divided by that of the method. "
        f"Missing and added words are counted against plain where no reference exists. Lost ends: windows of at most "
        f"{MAX_BATCHED_SAMPLES // SAMPLE_RATE_HZ} s, cut at pauses, whose last word ends over {_MAX_SILENT_END_S} s before their voice; "
        f"flagged are those whose last words are recognised, but improbable, and kept for review."
    )
    return f"{markdown_table(headers, rows)}\n\n{notes}"


def _recordings(media: Path, folder: Path) -> list[Recording]:
    """Return the readings of `speech/` joined, the same around a German passage of a synthetic voice, and the recordings with speech."""
    references = json.loads((media / "speech" / "references.json").read_text())
    silence = np.zeros(int(_PAUSE_S * SAMPLE_RATE_HZ), np.float32)
    pieces, texts = [], []
    for name in _READINGS:
        audio = decode(next((media / "speech").glob(f"{name}.*")))
        pieces += [audio, silence]
        texts.append(references[name])
    readings = np.concatenate(pieces)
    times = max(1, int(os.environ.get("READINGS_S", 0)) * SAMPLE_RATE_HZ // len(readings))
    recordings = [Recording("readings", write_wav(folder / "readings.wav", np.tile(readings, times)), "en", " ".join(texts * times))]
    german = np.concatenate([speak(" ".join(GERMAN * _GERMAN_TIMES), "de", folder), silence])
    bilingual = write_wav(folder / "bilingual.wav", np.concatenate([readings, german, readings]))
    recordings.append(Recording("bilingual", bilingual, "", " ".join([*texts, *GERMAN * _GERMAN_TIMES, *texts])))
    for path in sorted(media.glob("*.mp4")):
        audio = decode(path)
        if speech_spans(audio):
            recordings.append(Recording(path.stem, write_wav(folder / f"{path.stem}.wav", audio), "", ""))
    return recordings


def _row(recording: Recording, method: str, result: Result, plain: Result) -> list[object]:
    reference = _words_of(recording.reference or " ".join(text for text, _, _ in plain.words))
    hypothesis = _words_of(" ".join(text for text, _, _ in result.words))
    edits = count_edits(reference, hypothesis)
    is_known = bool(recording.reference)
    return [
        recording.name,
        _NAMES[method],
        f"{100 * sum(edits.values()) / max(1, len(reference)):.1f} %" if is_known else "",
        f"{100 * edits['delete'] / max(1, len(reference)):.2f} %" if is_known else "",
        len(hypothesis),
        f"{edits['delete']} / {edits['insert']}",
        f"{result.wall_s:.1f}",
        f"{result.cpu_s:.1f}",
        f"{plain.wall_s / result.wall_s:.2f}",
        f"{plain.cpu_s / result.cpu_s:.2f}",
        f"{result.memory_mib:.0f}",
        _describe_lost_ends(recording.wav, result),
    ]


def count_edits(reference: Sequence[str], hypothesis: Sequence[str]) -> dict[str, int]:
    """Return how many words an alignment with the fewest edits deletes, inserts and replaces."""
    from rapidfuzz.distance import Levenshtein

    counts = {"delete": 0, "insert": 0, "replace": 0}
    for edit in Levenshtein.editops(list(reference), list(hypothesis)):
        counts[edit.tag] += 1
    return counts


def _words_of(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:'[^\W_]+)?", text.lower().replace("\u2019", "'"))


def _describe_lost_ends(wav: Path, result: Result) -> str:
    lost_count = _lost_ends(wav, result.words)
    flagged_count = lost_count - _lost_ends(wav, [*result.words, *result.flagged_words])
    return f"{lost_count} ({flagged_count} flagged)" if flagged_count else str(lost_count)


def _lost_ends(wav: Path, words: Sequence[TimedWord]) -> int:
    """Count windows, cut at pauses as for recognition, whose last word ends more than `_MAX_SILENT_END_S` before their last voice."""
    file = WavFile(wav)
    audio = file.read(0, file.length)
    windows = split_into_windows(audio, speech_spans(audio), 0, len(audio), MAX_BATCHED_SAMPLES)
    starts = [window.speech[0][0] / SAMPLE_RATE_HZ for window in windows]
    lost_count = 0
    for index, window in enumerate(windows):
        next_s = starts[index + 1] if index + 1 < len(windows) else math.inf
        last_s = max((end for _, start, end in words if (start + end) / 2 < next_s), default=0.0)
        lost_count += window.voiced_end_s - last_s > _MAX_SILENT_END_S
    return lost_count


def _in_own_process(method: str, recording: Recording, models: Path) -> Result:
    arguments = [method, str(recording.wav), recording.language, str(models)]
    result = subprocess.run([sys.executable, "-m", "bench.speech", *arguments], check=True, capture_output=True, timeout=7200, text=True)
    plain = json.loads(result.stdout.splitlines()[-1])
    words, flagged_words = ([(text, start, end) for text, start, end in plain.pop(name)] for name in ("words", "flagged_words"))
    return Result(words, flagged_words, **plain)


def _measure(method: str, wav: Path, language: str, models: Path) -> Result:
    transcribe: Callable[[], Any] = (
        (lambda: _lectern(wav, language, models)) if method == "lectern" else (lambda: _faster_whisper(method, wav, language, models))
    )
    start_s, cpu_s = time.monotonic(), time.process_time() + cpu_of_children_s()
    with watch_memory(os.getpid()) as peak:
        words, flagged_words = transcribe()
    memory = peak.child_bytes if method == "lectern" else peak.server_bytes
    cpu_s = time.process_time() + cpu_of_children_s() - cpu_s - peak.sampling_cpu_s
    return Result(words, flagged_words, time.monotonic() - start_s, cpu_s, memory / 2**20)


def _lectern(wav: Path, language: str, models: Path) -> tuple[list[TimedWord], list[TimedWord]]:
    target = models.with_name("transcript.json")
    checkpoint = models.with_name("checkpoint.jsonl")
    checkpoint.unlink(missing_ok=True)
    options = SpeechOptions(cache_folder=models, threads=_THREADS)
    speech_to_text.transcribe(wav, language or None, checkpoint, target, options)
    transcript = read_json(Transcript, target)
    return _words_in(transcript.segments), _words_in([each.segment for each in transcript.flagged])


def _words_in(segments: Sequence[Segment]) -> list[TimedWord]:
    return [(word.text, word.start_s, word.end_s) for segment in segments for word in segment.words]


def _faster_whisper(method: str, wav: Path, language: str, models: Path) -> tuple[list[TimedWord], list[TimedWord]]:
    import faster_whisper

    folder = find_weights(SpeechOptions(cache_folder=models)).folder
    model: Any = faster_whisper.WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=_THREADS, local_files_only=True)
    if method == "batched":
        segments, _ = faster_whisper.BatchedInferencePipeline(model).transcribe(
            str(wav), language=language or None, word_timestamps=True, batch_size=8
        )
    else:
        segments, _ = model.transcribe(str(wav), language=language or None, word_timestamps=True, vad_filter=True, beam_size=5)
    return [(word.word, float(word.start), float(word.end)) for segment in segments for word in segment.words or ()], []


if __name__ == "__main__":
    print(json.dumps(asdict(_measure(sys.argv[1], Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4])))))
