"""Every spoken word is assigned to exactly one visit of a slide."""

from __future__ import annotations

import itertools
import random

from domain import DetectedSlide, Segment, SlideTimeline, SpeechSource, TimeRange, Transcript, Word
from services.slides.words_on_slides import assign_words


def make_transcript(*sentences: tuple[float, str], pace_s: float = 0.4) -> Transcript:
    """Make a transcript of sentences with start times, one word every `pace_s`."""
    segments = []
    for start, sentence in sentences:
        words = tuple(Word(f" {text}", start + i * pace_s, start + (i + 0.8) * pace_s) for i, text in enumerate(sentence.split()))
        segments.append(Segment(words[0].start_s, words[-1].end_s, words))
    return Transcript("en", tuple(segments), SpeechSource.RECOGNISED)


def make_timeline(*slides: tuple[tuple[float, float], ...]) -> SlideTimeline:
    return SlideTimeline(tuple(DetectedSlide(tuple(TimeRange(*visit) for visit in visits), visits[0][1]) for visits in slides))


def text_by_slide(transcript: Transcript, slides: SlideTimeline) -> list[tuple[int, str]]:
    return [(index, " ".join(segment.text for segment in segments)) for index, _, segments in assign_words(transcript, slides)]


def test_a_cut_falls_on_the_sentence_end_near_the_change() -> None:
    transcript = make_transcript((0, "One two three four."), (1.7, "Five six seven eight nine ten."))
    assert text_by_slide(transcript, make_timeline(((0, 2.6),), ((2.6, 9),))) == [
        (0, "One two three four."),
        (1, "Five six seven eight nine ten."),
    ]


def test_a_sentence_that_ends_seconds_before_the_change_goes_on_over_the_next_one() -> None:
    transcript = make_transcript((0, "One two three four."), (1.7, " ".join(f"w{number}" for number in range(30)) + "."))
    for change_s, last in ((3.4, "four."), (4.7, "w7")):
        spoken = text_by_slide(transcript, make_timeline(((0, change_s),), ((change_s, 20),)))
        assert spoken[0][1].split()[-1] == last


def test_without_a_sentence_end_nearby_the_cut_falls_between_words() -> None:
    transcript = make_transcript((0, " ".join(f"w{i}" for i in range(40)) + "."))
    cut = text_by_slide(transcript, make_timeline(((0, 8),), ((8, 16),)))
    assert cut[0][1].split()[-1] == "w19"
    assert cut[1][1].split()[0] == "w20"


def test_words_before_the_first_slide_and_after_the_last_are_kept() -> None:
    transcript = make_transcript((0, "Before anything."), (5, "On the slide."), (30, "After the end."))
    assert text_by_slide(transcript, make_timeline(((4, 10),))) == [(0, "Before anything. On the slide. After the end.")]


def test_revisits_are_in_time_order() -> None:
    transcript = make_transcript((0, "First."), (10, "Second."), (20, "First again."))
    assert text_by_slide(transcript, make_timeline(((0, 9), (19, 25)), ((9, 19),))) == [(0, "First."), (1, "Second."), (0, "First again.")]


def test_abbreviations_end_no_sentence_and_closing_quotes_may_follow_one() -> None:
    transcript = make_transcript((0, 'He met Dr. Who and said "stop."'), (3.2, "Then he left the room."))
    assert text_by_slide(transcript, make_timeline(((0, 2),), ((2, 9),)))[1] == (1, "Then he left the room.")


def test_a_segment_that_is_not_cut_is_unchanged() -> None:
    transcript = make_transcript((0, "One."), (5, "Two."))
    segments = [segment for _, _, segments in assign_words(transcript, make_timeline(((0, 3),), ((3, 9),))) for segment in segments]
    assert segments == list(transcript.segments)


def test_no_speech_and_no_slides() -> None:
    silence = Transcript("", (), SpeechSource.NONE)
    assert assign_words(silence, make_timeline(((0, 5),))) == ((0, TimeRange(0, 5), ()),)
    assert assign_words(make_transcript((0, "Alone.")), SlideTimeline(())) == ()


def test_every_word_is_on_exactly_one_slide_at_random_times() -> None:
    rng = random.Random(4)
    for _ in range(200):
        start, sentences = 0.0, []
        for _ in range(rng.randint(0, 12)):
            sentences.append((start, " ".join(["a"] * rng.randint(1, 9)) + rng.choice((".", "", "?"))))
            start += rng.uniform(0, 6)
        changes = sorted(rng.uniform(0, start + 1) for _ in range(rng.randint(2, 9)))
        slides = make_timeline(*(((a, b),) for a, b in itertools.pairwise(changes)))
        transcript = make_transcript(*sentences)
        words = [word for _, _, segments in assign_words(transcript, slides) for segment in segments for word in segment.words]
        assert words == [word for segment in transcript.segments for word in segment.words]
