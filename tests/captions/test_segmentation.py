"""Captions break at phrases and pauses, and are shown long enough."""

from __future__ import annotations

from itertools import pairwise

import pytest

from config import PROJECT
from domain import Caption, Word
from services.captions import build_captions, find_problems
from services.subtitles import read_subtitles
from tests.captions.speech import check_invariants, lines_of, speak, speak_characters

SENTENCE = "The gradient points uphill, so we take a small step the other way and look around again."


def test_captions_break_at_phrases() -> None:
    captions = build_captions(speak(" ".join([SENTENCE] * 3)), "en")
    assert {caption.lines[-1][-1] for caption in captions} <= {",", "."}
    assert captions[0].lines == ("The gradient points uphill,",)


def test_lines_do_not_end_with_function_words() -> None:
    text = "we can describe the shape of the surface with a function of the two variables that are on the axes of the picture"
    lines = lines_of(build_captions(speak(text), "en"))
    assert not [line for line in lines if line.split()[-1] in ("the", "of", "a", "with", "that", "on")], lines


def test_lines_do_not_end_with_german_articles() -> None:
    text = "wir beschreiben die Form der Fläche mit einer Funktion der beiden Variablen die auf den Achsen des Bildes stehen"
    lines = lines_of(build_captions(speak(text), "de"))
    assert not [line for line in lines if line.split()[-1] in ("die", "der", "mit", "einer", "auf", "den", "des")], lines


def test_lines_have_37_columns_where_possible() -> None:
    captions = build_captions(speak(" ".join([SENTENCE] * 10), s_per_character=0.09), "en")
    assert max(map(len, lines_of(captions))) <= 37


def test_a_pause_is_a_better_break_than_the_middle() -> None:
    (first, *_) = build_captions(speak("we looked at every one of the bridges | nobody found a walk over all of them in one day"), "en")
    assert first.lines[-1].endswith("bridges")


def test_a_long_pause_ends_a_caption() -> None:
    captions = build_captions([*speak("One small step.", 5), *speak("And now another one.", 30)], "en")
    assert [(caption.start_ms, caption.lines) for caption in captions] == [(5000, ("One small step.",)), (30000, ("And now another one.",))]


def test_a_brief_word_is_shown_for_a_second() -> None:
    (yes, _) = build_captions([Word(" Yes.", 5, 5.2), *speak("No, not at all, never.", 9)], "en")
    assert (yes.start_ms, yes.end_ms) == (5000, 6000)


def test_a_fast_caption_stays_until_it_is_read() -> None:
    (caption,) = build_captions(speak(SENTENCE[:70], s_per_character=0.03), "en")
    assert caption.end_ms - caption.start_ms == 1000 * 68 / 17


def test_short_gaps_are_closed() -> None:
    words = [*speak("This is the first of two sentences.", 0), *speak("And this is the second of them, after a while.", 2.9)]
    first, second = build_captions(words, "en")
    assert first.end_ms == second.start_ms == 2900


def test_a_full_stop_before_a_small_letter_ends_no_sentence() -> None:
    words = speak("We use trees, e.g. the binary ones that we saw last week in the lecture about sorting.")
    assert not [line for line in lines_of(build_captions(words, "en")) if line.endswith("e.g.")]


def test_overlapping_words_give_captions_without_overlap() -> None:
    words = [*speak(SENTENCE, 0), *speak(SENTENCE, 2), *speak(SENTENCE, 2)]
    check_invariants(words, build_captions(words, "en"))


def test_no_words_give_no_captions() -> None:
    assert build_captions([]) == build_captions([Word(" ", 0, 1), Word("\x00", 1, 2)]) == ()


def test_parts_of_a_word_stay_together() -> None:
    words = [word for part in speak(" ".join(["well-known"] * 20)) for word in _cut(part)]
    assert {word for line in lines_of(build_captions(words, "en")) for word in line.split()} == {"well-known"}


def _cut(word: Word) -> list[Word]:
    middle_s = (word.start_s + word.end_s) / 2
    return [Word(word.text[:6], word.start_s, middle_s), Word(word.text[6:], middle_s, word.end_s)]


def test_wide_characters_take_two_columns_and_lines_break_at_allowed_places() -> None:
    words = speak_characters("梯度指向上坡方向，所以我们向「相反」的方向迈出一小步，然后再观察四周。" * 4)
    captions = build_captions(words, "zh")
    check_invariants(words, captions)
    lines = lines_of(captions)
    assert max(map(len, lines)) <= 21
    assert not [line for line in lines if line[0] in "，。」" or line[-1] == "「"]
    assert {caption.lines[-1][-1] for caption in captions} <= {"，", "。"}


def test_japanese_lines_do_not_begin_with_small_kana_or_particles() -> None:
    words = speak_characters("きょうはデータをソートするアルゴリズムについてゆっくりせつめいします。" * 4, 0.15)
    captions = build_captions(words, "ja")
    check_invariants(words, captions)
    assert not [line for line in lines_of(captions) if line[0] in "ょっュョーをは。"]


def test_korean_breaks_at_spaces_only() -> None:
    text = "오늘은 데이터를 정렬하는 알고리즘을 천천히 설명하고 예제를 함께 살펴보겠습니다."
    lines = lines_of(build_captions(speak(" ".join([text] * 3), s_per_character=0.2), "ko"))
    assert set(" ".join(lines).split()) == set(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "היום נדבר על אלגוריתמים למיון נתונים עם Python 3.12 ונראה כיצד הם עובדים על רשימות ארוכות מאוד.",
        "اليوم نتحدث عن خوارزميات فرز البيانات مع Python 3.12 وسنرى كيف تعمل على القوائم الطويلة جدا،",
    ],
)
def test_right_to_left_text_keeps_its_order_and_begins_no_line_with_latin_words(text: str) -> None:
    lines = lines_of(build_captions(speak(" ".join([text] * 3)), "he"))
    assert " ".join(lines) == " ".join([text] * 3)
    assert not [line for line in lines if line.startswith("Python")]


def test_the_sample_lecture() -> None:
    transcript = read_subtitles(PROJECT / "samples" / "lecture.srt", 1000)
    words = [word for segment in transcript.segments for word in segment.words]
    captions = build_captions(words, "en")
    check_invariants(words, captions)
    assert find_problems(captions) == ()
    assert sum(caption.lines[-1][-1] in ",.:?" for caption in captions) >= len(captions) - 1
    assert captions[1] == Caption(6164, 10458, ("Given a million keys, how can a program", "find one of them almost at once?"))
    assert all(a.start_ms < b.start_ms for a, b in pairwise(captions))
