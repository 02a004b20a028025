"""Scripts made of a recording: its slides as pictures, and the words of its transcript as narration for another voice."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass

import errors
from database import session
from lib.text import clean_text
from models import Recording
from services.accounts import Caller
from services.lessons.script import MAX_NARRATION_CHARS, MAX_SCENES, Image, ImageSource, LessonScript, Scene
from services.lessons.sentences import split_long
from services.library import slides
from services.library.notes_archive import SlideIndex
from services.storage import Store
from services.transcripts import reading, segments

_SCENE_CHARS = (1500, 4000, MAX_NARRATION_CHARS)  # about two minutes of speech; longer ones where there would be too many scenes
_MAX_TITLE_CHARS = 300


class SlidesMissing(errors.ValidationFailed):
    """The recording has no slides with pictures."""

    code = "slides_missing"
    hint = "Convert the recording first, or ask for scripts of its transcript without `keep_slides`."


@dataclass(frozen=True)
class _Visit:
    start_s: float
    slide: int
    title: str


def create(caller: Caller, recording_id: str, store: Store) -> LessonScript:
    """Create a script with a scene for each time that a slide is shown.

    Raises NotFound, NoTranscript, SlidesMissing and ValidationFailed.
    """
    transcript = reading.get(caller, recording_id)
    title = session().get_one(Recording, recording_id).title
    words = [word for segment in segments.read(session(), recording_id) for word in segment.words]
    visits = _visits(slides.read(caller, recording_id, store)[0])
    if not visits:
        raise SlidesMissing
    starts = [visit.start_s for visit in visits]
    words_of_visits: list[list[str]] = [[] for _ in visits]
    for word in words:
        words_of_visits[max(0, bisect.bisect_right(starts, word.start_s) - 1)].append(word.text)
    texts = [clean_text("".join(parts)) for parts in words_of_visits]
    if not any(texts):
        raise errors.ValidationFailed("The recording has no spoken words.")
    primary = transcript.language.partition("-")[0].lower()
    language = primary if primary.isalpha() and 2 <= len(primary) <= 3 else "en"
    return LessonScript(title=clean_text(title)[:500] or "Lesson", language=language, scenes=_scenes(recording_id, visits, texts))


def _visits(index: SlideIndex) -> Sequence[_Visit]:
    visits = [
        _Visit(visit.start_s + index.source_offset_s, slide.number, clean_text(slide.title)[:_MAX_TITLE_CHARS])
        for slide in index.slides
        if slide.size
        for visit in slide.visits
    ]
    return sorted(visits, key=lambda visit: visit.start_s)


def _scenes(recording_id: str, visits: Sequence[_Visit], texts: Sequence[str]) -> tuple[Scene, ...]:
    """Return the scenes; a slide without speech is left out, and a long text has several scenes with the same slide."""
    for limit in _SCENE_CHARS:
        parts = [(visit, part) for visit, text in zip(visits, texts, strict=True) for part in split_long(text, limit)]
        if len(parts) <= MAX_SCENES:
            return tuple(_scene(recording_id, number, visit, part) for number, (visit, part) in enumerate(parts, 1))
    raise errors.ValidationFailed(
        f"The recording needs more than {MAX_SCENES} scenes.", hint="Merge slides of the recording, or use a part."
    )


def _scene(recording_id: str, number: int, visit: _Visit, narration: str) -> Scene:
    picture = Image(source=ImageSource(recording_id=recording_id, slide=visit.slide), alt=visit.title)
    return Scene(id=f"s{number}", narration=narration, content=picture, chapter=visit.title)
