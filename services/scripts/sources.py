"""Sources of scripts from the library: the transcript of a recording, under the titles of its slides or its chapters."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

import errors
from database import end_read, session
from lib.text import ends_sentence
from models import Recording
from services.accounts import Caller
from services.lessons.source import MAX_TEXT_CHARS, Source
from services.library import hidden_formats, notes_archive
from services.storage import Store
from services.transcripts import reading, segments

_PARAGRAPH_CHARS = 500
_MAX_TITLE_CHARS = 200


def from_recording(caller: Caller, recording_id: str, store: Store) -> Source:
    """Return the transcript of a recording of the caller as Markdown. Raises NotFound and NoTranscript."""
    transcript = reading.get(caller, recording_id)
    recording = session().get_one(Recording, recording_id)
    texts = [(row.start_s, "".join(word.text for word in row.words).strip()) for row in segments.read(session(), recording_id)]
    headings = _headings(recording, store)
    parts: list[str] = []
    for (_, title), sentences in itertools.groupby(
        _sentences(texts), key=lambda each: max(pair for pair in headings if pair[0] <= each[0])
    ):
        parts += [f"## {title}"] if title else []
        parts += _paragraphs([text for _, text in sentences])
    text = "\n\n".join(parts)[:MAX_TEXT_CHARS]
    if not text.strip():
        raise errors.ValidationFailed("The recording has no spoken words.")
    language = transcript.language[:2] if transcript.language[:2].isalpha() else ""
    return Source(kind="recording", title=recording.title[:500], language=language, text=text)


def _sentences(texts: Iterable[tuple[float, str]]) -> list[tuple[float, str]]:
    """Join segments that do not end a sentence with those after them, so that no heading and no paragraph divides one."""
    sentences: list[tuple[float, str]] = []
    for at, text in texts:
        if sentences and not ends_sentence(sentences[-1][1]) and len(sentences[-1][1]) < _PARAGRAPH_CHARS:
            sentences[-1] = (sentences[-1][0], f"{sentences[-1][1]} {text}".strip())
        elif text:
            sentences.append((at, text))
    return sentences


def _paragraphs(sentences: Sequence[str]) -> list[str]:
    paragraphs = [""]
    for sentence in sentences:
        if len(paragraphs[-1]) >= _PARAGRAPH_CHARS:
            paragraphs.append("")
        paragraphs[-1] = f"{paragraphs[-1]} {sentence}".strip()
    return paragraphs


def _headings(recording: Recording, store: Store) -> Sequence[tuple[float, str]]:
    """Return the times at which sections begin, and their titles; the first one begins before all words."""
    headings = [(float(each["start_s"]), str(each["title"])) for each in recording.chapters]
    if not headings:
        archive = hidden_formats.shown_notes(session(), recording.id)
        if archive is not None:
            key = archive.storage_key
            end_read()
            index, _ = notes_archive.read_index(store, key)
            headings = [(visit.start_s + index.source_offset_s, slide.title) for slide in index.slides for visit in slide.visits[:1]]
    headings = [(0.0, ""), *((at, title.strip()[:_MAX_TITLE_CHARS]) for at, title in sorted(headings))]
    kept_headings = [pair for pair in headings if pair[1] or pair[0] == 0.0]
    return [pair for pair, _ in itertools.groupby(kept_headings)]
