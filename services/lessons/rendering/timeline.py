"""The timeline of a scene in whole frames: which picture is shown when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain import Caption, Word
from services.lessons.rendering.appearance import appearances
from services.lessons.rendering.slide_data import Element
from services.lessons.rendering.slides import State

LEAD_S = 0.034  # the narration starts so long after its picture
TAIL_S = 0.5
LAST_TAIL_S = 1.2
TRANSITION_S = 0.4
FADE_S = 0.36
GROWTH_S = 0.9
_SILENT_S = 2.5
_SILENT_ELEMENT_S = 1.3
MAX_STEPS_PER_S = 30


@dataclass(frozen=True)
class Picture:
    """A picture of the timeline: `state` of the scene, mixed with the state before it (`share` of `state`, 0 to 1).

    `transition` > 0: that share of the next scene's first picture is mixed in. `caption` is the index of a caption, or -1.
    """

    state: int
    share: float = 1.0
    transition: float = 0.0
    caption: int = -1


@dataclass(frozen=True)
class Shot:
    """A picture and the number of frames for which it is shown."""

    picture: Picture
    frames: int


@dataclass(frozen=True)
class ScenePlan:
    """`states` are the pictures that the template draws; `shots` last `frames` in all; `lead_frames` pass before the narration."""

    states: tuple[State, ...]
    shots: tuple[Shot, ...]
    frames: int
    lead_frames: int


def smooth(share: float) -> float:
    """Ease a movement in and out."""
    return share * share * (3 - 2 * share)


def plan_scene(
    elements: Sequence[Element],
    words: Sequence[Word],
    narration_s: float,
    frame_rate: int,
    *,
    is_last: bool,
    has_transition: bool,
    starts_empty: bool = False,
    captions: Sequence[Caption] = (),
) -> ScenePlan:
    """Plan a scene. `narration_s` is 0 for a scene without words; `starts_empty`: nothing is visible before the first element.

    Captions are relative to the start of the narration.
    """
    if narration_s <= 0:
        narration_s = _SILENT_S + _SILENT_ELEMENT_S * len(elements)
    transition = round(TRANSITION_S * frame_rate) if has_transition and not is_last else 0
    lead = max(1, round(LEAD_S * frame_rate))
    tail = round((LAST_TAIL_S if is_last else TAIL_S) * frame_rate)
    total = lead + -int(-narration_s * frame_rate // 1) + tail + transition
    times = appearances(elements, words, narration_s)
    if starts_empty and times:
        times[0] = 0.0
    states, changes = _changes(elements, times, frame_rate, lead, starts_empty=starts_empty)
    pictures = _pictures_by_frame(states, changes, total, transition)
    cues = [(lead + caption.start_ms * frame_rate // 1000, lead + caption.end_ms * frame_rate // 1000) for caption in captions]
    for number, (start, end) in enumerate(cues):
        for frame in range(start, min(end, total - transition)):
            pictures[frame] = Picture(pictures[frame].state, pictures[frame].share, pictures[frame].transition, number)
    return ScenePlan(tuple(states), _shots(pictures), total, lead)


def _changes(
    elements: Sequence[Element], times: Sequence[float], frame_rate: int, lead: int, *, starts_empty: bool
) -> tuple[list[State], dict[int, tuple[int, float]]]:
    """Return the states, and for each frame in which something changes the state with its share."""
    states = [State(0)]
    changes: dict[int, tuple[int, float]] = {}
    for number, (element, time) in enumerate(zip(elements, times, strict=True), 1):
        start = lead + round(time * frame_rate)
        if starts_empty and number == 1 and not element.grows:
            states[0] = State(1)
            continue
        length = max(1, round((GROWTH_S if element.grows else FADE_S) * frame_rate))
        steps = max(1, min(length, round(length * MAX_STEPS_PER_S / frame_rate)))
        if element.grows:
            first = len(states)
            states += [State(number, smooth(step / steps)) for step in range(1, steps + 1)]
            changes |= {start + length * step // steps: (first + step, 1.0) for step in range(steps)}
        else:
            states.append(State(number))
            changes |= {start + length * step // steps: (len(states) - 1, smooth((step + 1) / steps)) for step in range(steps)}
    return states, changes


def _pictures_by_frame(states: Sequence[State], changes: dict[int, tuple[int, float]], total: int, transition: int) -> list[Picture]:
    pictures: list[Picture] = []
    current = (0, 1.0)
    for frame in range(total):
        current = changes.get(frame, current)
        weight = smooth((frame - (total - transition) + 1) / (transition + 1)) if frame >= total - transition else 0.0
        pictures.append(Picture(current[0], current[1], round(weight, 4)))
    return pictures


def _shots(pictures: Sequence[Picture]) -> tuple[Shot, ...]:
    shots: list[Shot] = []
    for picture in pictures:
        if shots and shots[-1].picture == picture:
            shots[-1] = Shot(picture, shots[-1].frames + 1)
        else:
            shots.append(Shot(picture, 1))
    return tuple(shots)
