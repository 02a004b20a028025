"""SRT and VTT: every word once, cues within the limits, breaks at phrase ends."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from domain import LectureNotes, Segment, Word
from services.documents import render
from services.documents.cues import Cue, build_cues
from services.documents.text import display_width
from tests.documents.lecture import MARKUP_TEXT, SENTENCE, make_notes, make_segment, make_segment_without_spaces


def cues_of(segments: Sequence[Segment]) -> tuple[Cue, ...]:
    return build_cues(make_notes(unplaced=segments))


def text_of(cue_list: Sequence[Cue]) -> str:
    return " ".join(line for cue in cue_list for line in cue.lines)


def check_limits(cue_list: Sequence[Cue]) -> None:
    for cue, following in zip(cue_list, [*cue_list[1:], None], strict=False):
        assert 1 <= len(cue.lines) <= 2 and all(0 < display_width(line) <= 42 for line in cue.lines), cue
        assert 0 < cue.end_ms - cue.start_ms <= 7000, cue
        assert following is None or cue.end_ms <= following.start_ms


def test_cues_break_at_phrases() -> None:
    cue_list = cues_of([make_segment(" ".join([SENTENCE] * 3), 5)])
    check_limits(cue_list)
    assert all(cue.lines[-1].endswith((",", ".", " way")) for cue in cue_list), cue_list
    assert text_of(cue_list) == " ".join([SENTENCE] * 3)


def test_cues_have_the_times_of_their_words() -> None:
    cue_list = cues_of([make_segment("One small step.", 5), make_segment("And now another one.", 30)])
    assert [(cue.start_ms, cue.lines[0]) for cue in cue_list] == [(5000, "One small step."), (30000, "And now another one.")]
    assert cue_list[0].end_ms == 6160


def test_a_short_cue_lasts_a_second_if_there_is_time() -> None:
    (yes, *_) = cues_of([make_segment("Yes.", 5, 0.2), make_segment("No, not at all, never.", 9)])
    assert yes.end_ms - yes.start_ms == 1000


@pytest.mark.parametrize("seed", range(12))
def test_random_speech_keeps_the_limits(seed: int) -> None:
    rng = random.Random(seed)
    words, now = [], 0.0
    for _ in range(600):
        length = rng.choice([1, 2, 3, 5, 8, 13, 21, 60])
        text = rng.choice(["", " "]) + "".join(rng.choice("abcé学習ñ한") for _ in range(length)) + rng.choice(["", "", "", ",", ".", "?"])
        end = now + rng.choice([0, 0.05, 0.3, 0.8, 9])
        words.append(Word(text, now, end))
        now = end + rng.choice([0, 0, 0.1, 0.5, 3])
    cue_list = cues_of([Segment(0, now, tuple(words))])
    check_limits(cue_list)
    assert re.sub(r"\s", "", text_of(cue_list)) == re.sub(r"\s", "", "".join(word.text for word in words))


def test_wide_characters_count_as_two_columns() -> None:
    cue_list = cues_of([make_segment_without_spaces("梯度指向上坡方向，所以我们向相反的方向迈出一小步，然后再观察四周。" * 4, 0)])
    check_limits(cue_list)
    assert max(len(line) for cue in cue_list for line in cue.lines) <= 21


def test_overlapping_words_give_cues_without_overlap() -> None:
    check_limits(cues_of([make_segment(SENTENCE, 0), make_segment(SENTENCE, 2), make_segment(SENTENCE, 2)]))


def test_srt_and_vtt_files(lecture: LectureNotes, images: Path, tmp_path: Path) -> None:
    render("srt", lecture, images, tmp_path / "a.srt")
    render("vtt", lecture, images, tmp_path / "a.vtt")
    assert (tmp_path / "a.srt").read_text("utf-8").startswith("1\n00:00:01,000 --> 00:00:0")
    assert (tmp_path / "a.vtt").read_text("utf-8").startswith("WEBVTT\n\n1\n00:00:01.000 --> 00:00:0")


def test_pysubs2_reads_the_files(lecture: LectureNotes, images: Path, tmp_path: Path) -> None:
    pysubs2 = pytest.importorskip("pysubs2")
    for kind in ("srt", "vtt"):
        render(kind, lecture, images, tmp_path / f"a.{kind}")
        read = pysubs2.load(str(tmp_path / f"a.{kind}"))
        assert [(event.start, event.end) for event in read] == [(cue.start_ms, cue.end_ms) for cue in build_cues(lecture)]
        assert read[0].plaintext == "\n".join(build_cues(lecture)[0].lines)


def test_vtt_escapes_markup(tmp_path: Path) -> None:
    render("vtt", make_notes(unplaced=[make_segment(MARKUP_TEXT, 0)]), tmp_path, tmp_path / "a.vtt")
    text = (tmp_path / "a.vtt").read_text("utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text and "a --&gt; b" in text.replace("\n", " ") and "&lt;b&gt;&amp;amp;" in text


def test_no_speech_gives_empty_files(tmp_path: Path) -> None:
    render("srt", make_notes(), tmp_path, tmp_path / "a.srt")
    render("vtt", make_notes(), tmp_path, tmp_path / "a.vtt")
    assert (tmp_path / "a.srt").read_text() == "" and (tmp_path / "a.vtt").read_text() == "WEBVTT\n\n"
