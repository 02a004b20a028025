"""The quality report asks for a review only with a reason."""

from __future__ import annotations

import dataclasses

from domain import AudioStream, Box, DetectedSlide, MediaInfo, OcrWord, Segment, SlideTimeline, SpeechSource, TimeRange, Transcript, Word
from services.slides.quality import report_quality
from tests.slides.sequences import detect, draw_page


def make_timeline(count: int, slide_s: float = 60.0, **fields: object) -> SlideTimeline:
    slides = tuple(DetectedSlide((TimeRange(i * slide_s, (i + 1) * slide_s),), (i + 0.5) * slide_s) for i in range(count))
    return SlideTimeline(slides, **fields)  # type: ignore[arg-type]


def make_words(*texts: str, confidence: float = 0.9) -> list[OcrWord]:
    return [OcrWord(text, Box(0, 0, 10, 10), confidence) for text in texts]


def make_transcript(start: float, end: float) -> Transcript:
    return Transcript("en", (Segment(start, end, (Word("word", start, end),)),), SpeechSource.RECOGNISED)


def test_a_normal_lecture_needs_no_review() -> None:
    report = report_quality(make_timeline(10), 600, [make_words("Topic", str(i), "text" * i) for i in range(10)], make_transcript(0, 500))
    assert not report.needs_review
    assert report.reasons == ()
    assert report.slides_per_minute == 1.0
    assert report.speech_coverage == 0.833


def test_each_problem_gives_one_reason() -> None:
    cases = [
        report_quality(make_timeline(0), 600),
        report_quality(make_timeline(100, 6.0), 600),
        report_quality(make_timeline(4), 240, [make_words("the", "same", "words")] * 4),
        report_quality(make_timeline(4, unstable_share=0.6), 240),
        report_quality(make_timeline(4), 240, [make_words("m~", confidence=0.2)]),
        report_quality(make_timeline(4), 240, transcript=make_transcript(0, 3)),
        report_quality(make_timeline(4, warnings=("The camera shakes.",)), 240),
        report_quality(
            make_timeline(4), 240, transcript=dataclasses.replace(make_transcript(0, 200), warnings=("The language is uncertain.",))
        ),
    ]
    assert all(case.needs_review and len(case.reasons) == 1 for case in cases)


def test_one_slide_for_half_an_hour_is_very_few_and_two_are_not() -> None:
    assert report_quality(make_timeline(1, 1800), 1800).reasons == ("Very few slides for the length of the recording.",)
    assert not report_quality(make_timeline(2, 900), 1800).needs_review
    assert not report_quality(make_timeline(1, 600), 600).needs_review


def test_a_long_recording_without_slides_gives_one_reason() -> None:
    assert report_quality(make_timeline(0), 3600).reasons == ("No slides were found.",)


def test_without_ocr_and_speech_they_are_not_judged() -> None:
    report = report_quality(make_timeline(5), 300)
    assert report.ocr_confidence is None
    assert report.speech_coverage is None
    assert not report.needs_review


def test_slides_that_were_shown_briefly_are_no_duplicates_if_their_words_differ() -> None:
    pages = [make_words("Topic", f"{number}", f"text{number}") for number in range(3)]
    assert report_quality(make_timeline(3, 1.5), 4.5, pages).reasons == ()


def test_a_slide_that_comes_again_later_may_be_a_duplicate() -> None:
    pages = [make_words("Topic", f"{number % 2}", *(f"{word}{number % 2}" for word in ("first", "second"))) for number in range(4)]
    report = report_quality(make_timeline(4), 240, pages)
    assert report.near_duplicate_risk == 0.5
    assert len(report.reasons) == 1


def test_pictures_that_hardly_differ_may_be_duplicates_where_no_words_were_read() -> None:
    pages = [draw_page(["Carbon", "Bonds of the atom", f"k = {value}", "Orbitals of the shell"]) for value in (17, 25, 38)]
    numbers = detect([(page, 6.0) for page in pages])
    assert [page.resembles_earlier for page in numbers.pages] == [False, True, True]
    slides = tuple(DetectedSlide((TimeRange(*page.spans[0]),), 1.0, resembles_earlier=page.resembles_earlier) for page in numbers.pages)
    assert report_quality(SlideTimeline(slides), 18).near_duplicate_risk == 0.667
    assert report_quality(SlideTimeline(slides), 18, [make_words("Carbon", each * 20) for each in "abc"]).near_duplicate_risk == 0.0


def test_distinct_slides_that_are_shown_briefly_are_no_duplicates() -> None:
    pages = [draw_page([word * 3, f"The {word} of the atom", word]) for word in ("Bonds", "Shells", "Quarks")]
    brief = detect([(page, 1.75) for page in pages])
    assert [page.resembles_earlier for page in brief.pages] == [False] * 3


def test_sound_alone_needs_no_slides() -> None:
    sound = MediaInfo("wav", 900.0, 100, None, AudioStream("pcm_s16le", 1, 16000))
    assert report_quality(make_timeline(0), 900, (), make_transcript(0, 800), media=sound).reasons == ()
    assert report_quality(make_timeline(0), 900, (), make_transcript(0, 800)).reasons != ()


def test_a_video_without_sound_needs_no_speech() -> None:
    silent = MediaInfo("mp4", 240.0, 100, None, None)
    nothing = Transcript("", (), SpeechSource.NONE)
    assert report_quality(make_timeline(4), 240, (), nothing, media=silent).reasons == ()
    assert report_quality(make_timeline(4), 240, (), nothing, is_silent=True).reasons == ()
    assert report_quality(make_timeline(4), 240, (), nothing).reasons != ()
