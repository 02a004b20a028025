"""Recognised text that is flagged or corrected: repetitions, wrong writing systems, implausible words, times and capital letters."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

from domain import Segment, Word
from services.speech_to_text.batched_decoding import more_probable
from services.speech_to_text.capitals import capitalise_sentences
from services.speech_to_text.hallucination_filter import enforce_time_order, flag_of, flag_repetitions, is_plausible
from services.speech_to_text.port import SAMPLE_RATE_HZ, RecognizedSegment
from services.speech_to_text.writing_systems import has_wrong_script


def make_recognized_segment(
    text: str, start_s: float = 0.0, word_s: float = 0.3, mean_log_probability: float = -0.2, no_speech_probability: float = 0.0
) -> RecognizedSegment:
    words = tuple(Word(f" {word}", start_s + n * word_s, start_s + (n + 1) * word_s) for n, word in enumerate(text.split()))
    return RecognizedSegment(words, no_speech_probability, mean_log_probability, 1.5)


def test_copies_in_loops_are_flagged_and_short_repetitions_are_not() -> None:
    def texts(*segments: RecognizedSegment) -> dict[str, str]:
        """Return the text by flag."""
        by_flag: dict[str, str] = {}
        for each in flag_repetitions(segments):
            by_flag[each.flag] = by_flag.get(each.flag, "") + "".join(word.text for word in each.words)
        return {flag: text.strip() for flag, text in by_flag.items()}

    assert texts(make_recognized_segment("so " + "thank you. " * 9 + "bye")) == {
        "": "so thank you. bye",
        "repetition": ("thank you. " * 8).strip(),
    }
    assert texts(make_recognized_segment("the " * 8 + "end"))[""] == "the end"
    assert texts(make_recognized_segment("it is very very very important")) == {"": "it is very very very important"}
    assert texts(make_recognized_segment("one " + "\u306f" * 80 + " two")) == {"": "one two", "repetition": "\u306f" * 80}
    for number in ("5555555555", "1,000,000,000,000", "11111111"):
        assert texts(make_recognized_segment(f"call {number} now")) == {"": f"call {number} now"}
    for noise in ("5" * 16, "1" + ",000" * 9, "1-" * 12):
        assert texts(make_recognized_segment(f"call {noise} now")) == {"": "call now", "repetition": noise}
    segment = make_recognized_segment("he was not ill")
    again = make_recognized_segment("he was not ill", segment.end_s, word_s=0.0)
    assert [each.flag for each in flag_repetitions([segment, again])] == ["", "repetition"]
    assert [each.flag for each in flag_repetitions([segment, make_recognized_segment("he was not ill", segment.end_s)])] == ["", ""]
    flagged_segments = flag_repetitions([make_recognized_segment("a b c d", n) for n in range(6)])
    assert [(len(each.words), each.flag) for each in flagged_segments] == [(4, ""), *[(4, "repetition")] * 5]


def test_the_text_with_hints_is_taken_if_it_is_as_probable_and_about_as_long() -> None:
    def result(tokens: int, score: float) -> SimpleNamespace:
        return SimpleNamespace(sequences_ids=[list(range(tokens))], scores=[score])

    plain = result(20, -0.3)
    for with_hints, is_taken in ((result(21, -0.2), True), (result(20, -0.3), True), (result(20, -0.31), False), (result(30, -0.1), False)):
        assert (more_probable(plain, with_hints) is with_hints) == is_taken
    assert more_probable(result(0, 0.0), result(8, -0.1)).sequences_ids == [[]]  # no words where nobody speaks


def test_a_text_that_compresses_too_well_is_flagged() -> None:
    text = " ".join(f"and the city of the city number {number}" for number in range(12))
    assert [each.flag for each in flag_repetitions([make_recognized_segment(text)])] == ["compression_ratio"]


def test_words_in_a_script_of_another_language_are_flagged() -> None:
    assert has_wrong_script("\u0441\u043f\u0430\u0441\u0438\u0431\u043e", "en")
    assert has_wrong_script("\u306f\u3044\u3053", "ko")
    assert not has_wrong_script("sjf\ub294 \uac00\uc7a5", "ko")
    assert not has_wrong_script("caf\u00e9 na\u00efve", "en")
    assert not has_wrong_script("the angle \u03b1", "en")
    assert not has_wrong_script("English only", "ru")


def test_hallucinations_are_not_plausible() -> None:
    speech = [(0, 2 * SAMPLE_RATE_HZ)]
    assert is_plausible(make_recognized_segment("hello there"), speech, "en")
    assert not is_plausible(make_recognized_segment("Thanks for watching!", 5), speech, "en")
    assert not is_plausible(make_recognized_segment("hello there", mean_log_probability=-1.5), speech, "en")
    assert not is_plausible(make_recognized_segment("hello there", mean_log_probability=-0.9, no_speech_probability=0.9), speech, "en")
    assert not is_plausible(make_recognized_segment("♪ ♪ ..."), speech, "en")
    assert flag_of(make_recognized_segment("hello there", mean_log_probability=-1.5), speech, "en") == "log_probability"
    assert flag_of(make_recognized_segment("\u0441\u043f\u0430\u0441\u0438\u0431\u043e"), speech, "en") == "wrong_script"
    assert not is_plausible(make_recognized_segment("too many words in far too little time for anybody", word_s=0.01), speech, "en")


def test_times_increase_and_stay_inside_the_chunk() -> None:
    words = (Word("a", 9.0, 9.5), Word("b", 9.2, 9.3), Word("c", 9.9, 12.0), Word("d", 11.0, 12.5))
    result = [
        word
        for segment in enforce_time_order([Segment(9, 10, words[:2]), Segment(9.9, 12.5, words[2:])], 5.0, 10.0)
        for word in segment.words
    ]
    assert [word.text for word in result] == ["a", "b", "c", "d"]
    assert all(5 <= word.start_s < word.end_s <= 10 for word in result)
    assert all(a.end_s <= b.start_s for a, b in itertools.pairwise(result))


def test_sentences_begin_with_a_capital_letter() -> None:
    def capitalise(text: str) -> str:
        words = tuple(Word(f" {word}", index, index + 1) for index, word in enumerate(text.split()))
        return " ".join(word.text.strip() for segment in capitalise_sentences([Segment(0, 9, words)]) for word in segment.words)

    assert capitalise("it ends. then more? yes! élan") == "it ends. Then more? Yes! Élan"
    for sentence in (
        "wait... then go on",
        "trees, e.g. oaks and approx. ten",
        "am 3. mai",
        "I use it. iPhone apps",
        "so said J. smith",
        "It ends. 42 more",
    ):
        assert capitalise(sentence) == sentence
    halves = [Segment(0, 1, (Word(" end.", 0, 1),)), Segment(1, 2, (Word(" begin", 1, 2),))]
    assert [segment.text for segment in capitalise_sentences(halves)] == ["end.", "Begin"]
