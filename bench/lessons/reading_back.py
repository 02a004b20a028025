"""Read lessons back as viewers get them: the words on screen by OCR, the narration by recognition, and the starts of voice and picture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.context import markdown_table
from bench.lessons.rendering import Render
from bench.speech import count_edits
from domain import Transcript
from lib.serialization import read_json
from pipelines.stages.lesson import SPOKEN_FILE
from scripts.audio import decode, write_wav
from services import ocr, speech_to_text
from services.lessons.rendering import lesson
from services.lessons.rendering.rich_text import runs
from services.lessons.rendering.slide_data import all_runs, slide_data
from services.lessons.rendering.timeline import TAIL_S, TRANSITION_S
from services.lessons.rendering.video import RenderedScene
from services.lessons.rendering.voice import SpokenScript, narration_text
from services.lessons.script import Code, Scene
from services.media.frames import FrameRequest, extract_frames
from services.media.probe import probe
from services.ocr import OcrOptions
from services.speech_synthesis import without_pauses
from services.speech_to_text import SpeechOptions
from services.speech_to_text.port import SAMPLE_RATE_HZ

_MIN_SHARE, _MAX_DELAY_MS = 0.95, 100
_AUDIBLE = 0.01  # of full scale: -40 dBFS
_SEARCH_FRAMES = 20
_SAME = 4  # grey levels of 255, the largest difference between frames that show the same
_WIDTH, _HEIGHT = 480, 270
_NUMBERS = {
    str(number): word for number, word in enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"])
}


def section(render: Render, folder: Path) -> str:
    """Return a row for each scene, and the word error rate of the whole."""
    folder.mkdir()
    shares = _shares_on_screen(render, folder)
    delays = _delays_ms(render)
    rows = []
    for scene, share, delay_ms in zip(render.script.scenes, shares, delays, strict=True):
        rows.append([scene.id, scene.content.kind, f"{100 * share:.0f} %", f"{delay_ms:.0f}"])
    table = markdown_table(["scene", "kind", "words on screen read back", "voice after picture, ms"], rows)
    errors, words = _word_errors(render, folder)
    return (
        f"{table}\n\nWords are read by {' or '.join(ocr.available_engines())}, without regard to spaces. "
        f"Goals: {100 * _MIN_SHARE:.0f} % of each scene, and {_MAX_DELAY_MS} ms. Word error rate of the speech recognised from "
        f"the video: {100 * errors / words:.1f} % of {words} words, narrated by {_voice(render)}."
    )


def _voice(render: Render) -> str:
    return ", ".join(sorted({each.engine for each in read_json(SpokenScript, render.work / SPOKEN_FILE).scenes if each.engine}))


def _shares_on_screen(render: Render, folder: Path) -> list[float]:
    """Return the share of each scene's words that OCR reads in its last whole frame. Spaces are ignored; formulas do not count as words."""
    source = render.work / lesson.VIDEO
    files = [folder / f"{number:02}.png" for number in range(len(render.script.scenes))]
    requests = [FrameRequest(_last_s(scene, render), file) for scene, file in zip(render.rendered.scenes, files, strict=True)]
    extract_frames(source, probe(source), requests)
    words_by_engine = [ocr.read_pictures(files, render.script.language, OcrOptions(engine=engine)) for engine in ocr.available_engines()]
    shares = []
    for number, scene in enumerate(render.script.scenes):
        readings = ["".join(_tokens(" ".join(word.text for word in by_engine[number]))) for by_engine in words_by_engine]
        tokens = _tokens(_plain_text(scene))
        missing = [token for token in tokens if not any(token in each for each in readings)]
        if missing:
            print(f"{scene.id}: OCR misses {' '.join(missing)}", flush=True)
        shares.append(1 - len(missing) / max(1, len(tokens)))
    return shares


def _last_s(scene: RenderedScene, render: Render) -> float:
    frame = scene.first_frame + scene.frames - round((TAIL_S / 2 + TRANSITION_S) * render.rendered.frame_rate)
    return frame / render.rendered.frame_rate


def _plain_text(scene: Scene) -> str:
    slide_runs = [*runs(scene.chapter), *all_runs(slide_data(scene.content, is_narrow=False))]
    code = scene.content.code if isinstance(scene.content, Code) else ""
    return " ".join([code, *(run["text"] for run in slide_runs)])


def _tokens(text: str) -> list[str]:
    """Return the words and numbers of at least two characters."""
    return re.findall(r"[^\W_]{2,}", text.replace("\u200b", "").lower())


def _delays_ms(render: Render) -> list[float]:
    """Return how long after the first whole frame of each scene its narration is heard first."""
    sound = _sound(render.work / lesson.VIDEO)
    frame_rate = render.rendered.frame_rate
    starts = _picture_starts(render.work / lesson.VIDEO, [scene.first_frame for scene in render.rendered.scenes])
    delays = []
    for scene, start in zip(render.rendered.scenes, starts, strict=True):
        at = round(scene.first_frame / frame_rate * SAMPLE_RATE_HZ)
        audible = np.flatnonzero(np.abs(sound[at : at + 3 * SAMPLE_RATE_HZ]) > _AUDIBLE)
        delays.append(1000 * ((at + int(audible[0]) if len(audible) else np.inf) / SAMPLE_RATE_HZ - start / frame_rate))
    return delays


def _sound(video: Path) -> NDArray[np.float32]:
    return np.asarray(decode(video), np.float32)


def _picture_starts(video: Path, planned_frames: Sequence[int]) -> list[int]:
    """Return the numbers of the frames from which on the pictures of the scenes stand, transitions over."""
    around = {number for first in planned_frames for number in range(first - _SEARCH_FRAMES, first + 3)}
    frames: dict[int, NDArray[np.uint8]] = {}
    capture = cv2.VideoCapture(str(video))
    number = 0
    while capture.grab() and number <= max(planned_frames) + 2:
        if number in around:
            picture = cv2.cvtColor(capture.retrieve()[1], cv2.COLOR_BGR2GRAY)
            frames[number] = cv2.resize(picture, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_AREA).astype(np.uint8)
        number += 1
    capture.release()
    starts = []
    for first in planned_frames:
        start = first + 2
        while start - 1 in frames and float(cv2.absdiff(frames[start - 1], frames[first + 2]).max()) <= _SAME:
            start -= 1
        starts.append(max(start, 0))
    return starts


def _word_errors(render: Render, folder: Path) -> tuple[int, int]:
    """Recognise the speech of the video; return the errors and the words of the script."""
    wav = write_wav(folder / "lesson.wav", decode(render.work / lesson.VIDEO))
    target = folder / "transcript.json"
    speech_to_text.transcribe(
        wav, render.script.language, folder / "checkpoint.jsonl", target, SpeechOptions(cache_folder=folder, threads=2)
    )
    text = "".join(word.text for segment in read_json(Transcript, target).segments for word in segment.words)
    expected_words = _words_as_spoken(
        " ".join(without_pauses(narration_text(scene, render.script.language)) for scene in render.script.scenes)
    )
    return sum(count_edits(expected_words, _words_as_spoken(text)).values()), len(expected_words)


def _words_as_spoken(text: str) -> list[str]:
    """Return the words as they sound: small figures and hyphens make no difference."""
    words = re.findall(r"[^\W_]+(?:'[^\W_]+)?", text.lower().replace("\u2019", "'"))
    return [_NUMBERS.get(word, word) for word in words]
