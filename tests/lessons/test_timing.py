"""Times of elements, and the division of scenes into frames."""

from __future__ import annotations

import itertools

import numpy as np

from domain import Caption, Word
from services.lessons.rendering import frames_child
from services.lessons.rendering.appearance import MIN_STEP_S, appearances
from services.lessons.rendering.slide_data import Element
from services.lessons.rendering.timeline import plan_scene
from services.speech_synthesis.narration import timed_words

_TEXT = "A plant needs light, which chlorophyll absorbs. Roots take up water. At last, the answer is sugar."
_WORDS = timed_words(_TEXT, 0.0, 10.0)


def _start_of(text: str) -> float:
    return next(word.start_s for word in _WORDS if word.text.strip(" .,") == text)


def test_elements_appear_with_their_words() -> None:
    times = appearances([Element("Light"), Element("Water, taken up by roots"), Element("Sugar")], _WORDS, 10.0)
    expected = [_start_of("light"), _start_of("Roots"), _start_of("sugar")]
    for time, start in zip(times[:2], expected, strict=False):
        assert start - 0.4 < time <= start
    assert times[2] <= 10.0 - 0.8


def test_elements_that_nobody_speaks_of_appear_in_order() -> None:
    times = appearances([Element("Nitrogen"), Element("Water"), Element("Phosphorus"), Element("Iron")], _WORDS, 10.0)
    assert all(after - before >= MIN_STEP_S - 1e-9 for before, after in itertools.pairwise(times))
    assert times[0] < _start_of("Roots")
    assert abs(times[1] - _start_of("water")) < 1.5
    assert times[-1] <= 9.2


def test_the_answer_of_a_quiz_waits_for_the_last_sentence() -> None:
    times = appearances([Element("Light"), Element("", at_end=True)], _WORDS, 10.0)
    assert abs(times[1] - (_start_of("At") - 0.25)) < 0.01


def test_short_scenes_squeeze_their_elements() -> None:
    times = appearances([Element(str(number)) for number in range(12)], [], 2.0)
    assert times == sorted(times)
    assert times[-1] <= 2.0


def test_the_shots_of_a_scene_fill_its_frames() -> None:
    captions = [Caption(0, 2000, ("A plant",)), Caption(2000, 9000, ("needs light",))]
    elements = [Element("Light"), Element("Water", grows=True)]
    plan = plan_scene(elements, _WORDS, 10.0, 30, is_last=False, has_transition=True, captions=captions)
    assert sum(shot.frames for shot in plan.shots) == plan.frames
    assert plan.lead_frames / 30 < 0.1
    assert plan.frames / 30 > 10.0
    assert plan.shots[-1].picture.transition > 0.9
    assert [state.visible for state in plan.states[:3]] == [0, 1, 2]
    assert plan.states[-1].growth == 1.0
    assert {shot.picture.caption for shot in plan.shots} == {-1, 0, 1}
    assert max(shot.picture.state for shot in plan.shots) == len(plan.states) - 1


def test_a_scene_without_a_heading_is_never_empty() -> None:
    plan = plan_scene([Element("Light"), Element("Water")], _WORDS, 10.0, 30, is_last=True, has_transition=True, starts_empty=True)
    assert plan.states[plan.shots[0].picture.state].visible == 1
    assert all(shot.picture.transition == 0 for shot in plan.shots)


def test_words_in_scripts_without_spaces_are_found() -> None:
    words = [Word(character, index * 0.2, index * 0.2 + 0.2) for index, character in enumerate("植物は光を使います。根は水を吸います。")]
    times = appearances([Element("光"), Element("水")], words, 4.0)
    assert abs(times[1] - (words[12].start_s - 0.25)) < 0.3


def test_a_fade_never_shows_two_texts_at_once() -> None:
    before, after = np.full((200, 320, 3), 255, np.uint8), np.full((200, 320, 3), 255, np.uint8)
    before[90:110, 100:150], after[95:115, 120:200] = 0, 0
    before[4:8, 300:310] = after[4:8, 300:310] = 9  # a logo far from the text
    fade = frames_child._fade(before, after, "#ffffff")
    frames = [fade(before, progress) for progress in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert (frames[0] == before).all() and (frames[-1] == after).all()
    assert frames[2].min() == 9 and (frames[2][20:] == 255).all()
    assert (frames[1][96, 160:190] == 255).all() and (frames[3][92, 100:118] == 255).all()
    assert all((frame[4:8, 300:310] == 9).all() for frame in frames)
