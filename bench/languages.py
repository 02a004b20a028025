"""Passages in two languages: whether a change from English to German is found, for passages of several lengths (synthetic voices)."""

from __future__ import annotations

import time

import numpy as np

from bench.context import Context, markdown_table
from scripts.audio import speak
from services.speech_to_text import SpeechOptions
from services.speech_to_text.engines import load_engine
from services.speech_to_text.language_detection import language_runs
from services.speech_to_text.port import SAMPLE_RATE_HZ
from services.speech_to_text.vad import speech_spans

ENGLISH = (
    "Welcome to the lecture. You can download the slides and the exercises from the website of the faculty.",
    "Before we begin, a few words about the program.",
    "All material is free for teaching.",
)
GERMAN = (
    "Guten Morgen, meine Damen und Herren. Heute sprechen wir über die Geschichte der deutschen Sprache und ihre Grammatik.",
    "Am Ende kennen wir alle Abstände vom Start. Vielen Dank für Ihre Aufmerksamkeit.",
)
MAX_ERROR_S = 1.1
_PAUSE_S = 0.8


def run(context: Context) -> str:
    engine = load_engine(SpeechOptions(cache_folder=context.folder / "models"), 2)
    rows, right = [], 0
    for english_sentences, german_sentences in ((1, 1), (2, 2), (3, 1), (3, 2), (6, 4)):
        english = speak(" ".join((ENGLISH * 2)[:english_sentences]), "en-us", context.folder)
        german = speak(" ".join((GERMAN * 2)[:german_sentences]), "de", context.folder)
        audio = np.concatenate([english, np.zeros(int(_PAUSE_S * SAMPLE_RATE_HZ), np.float32), german])
        start_s = time.process_time()
        runs = language_runs(engine, audio, speech_spans(audio), ("de", "en"))
        cpu_s = time.process_time() - start_s
        change_s = len(english) / SAMPLE_RATE_HZ
        is_right = [each.language for each in runs] == ["en", "de"] and -0.3 < runs[1].start / SAMPLE_RATE_HZ - change_s < MAX_ERROR_S
        right += is_right
        passages = ", ".join(f"{each.language} from {each.start / SAMPLE_RATE_HZ:.1f} s" for each in runs)
        rows.append([f"{change_s:.1f}", f"{len(german) / SAMPLE_RATE_HZ:.1f}", passages, "yes" if is_right else "no", f"{cpu_s:.1f}"])
    headers = ["English, s", "German, s", "found", "right", "CPU, s"]
    return f"{markdown_table(headers, rows)}\n\n{right} of {len(rows)} right, the change within {MAX_ERROR_S} s."
