"""Reads uploaded documents and decks in a child process with limits, because they are untrusted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import errors
from lib.process import Limits, run_task
from services.lessons.deck_reading import read_deck
from services.lessons.interactive import SLOTS, TIMEOUT_S
from services.lessons.source import MAX_TEXT_CHARS, Source, SourceKind
from services.lessons.word_reading import read_word
from services.own_text.reading import MAX_BYTES

DECK_EXTENSIONS = (".pptx", ".pptm", ".ppsx", ".pdf")
_LIMITS = Limits(timeout_s=TIMEOUT_S, memory_bytes=2**30, file_bytes=0, niceness=0)  # a request waits for it
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read_file(path: Path, filename: str, user_id: str, *, needs_text: bool = True) -> Source:
    """Return an uploaded file as a source. `needs_text`: see `read_deck`.

    Raises EmptyFile, UnreadableText, UnreadableDeck and TooManyPreviews.
    """
    if path.stat().st_size == 0:
        raise errors.EmptyFile
    is_deck = filename.lower().endswith(DECK_EXTENSIONS)
    try:
        with SLOTS.hold(user_id):
            payload = {"path": str(path.absolute()), "is_deck": is_deck, "may_have_macros": filename.lower().endswith(".pptm")}
            payload["needs_text"] = needs_text
            plain = run_task("services.lessons.source_reading:read_task", payload, limits=_LIMITS)
    except (errors.TimedOut, errors.OutOfMemory) as error:
        raise errors.DeckTooLarge("Reading it takes more time or memory than a deck or a document should.") from error
    return Source.model_validate(plain)


def read_task(payload: dict[str, Any], _report: object) -> dict[str, Any]:
    """Run as a child task. Payload: path, is_deck, may_have_macros, needs_text."""
    path = Path(payload["path"])
    if payload["is_deck"]:
        deck = read_deck(
            path, may_have_macros=payload["may_have_macros"], may_be_text=payload["needs_text"], needs_text=payload["needs_text"]
        )
        kind: SourceKind = "document" if deck.text else "deck"
        _check_length(deck.text)
        return Source(kind=kind, title=deck.title, text=deck.text, slides=deck.slides).model_dump(mode="json")
    if path.stat().st_size > MAX_BYTES:
        raise errors.UnreadableText(f"It has {path.stat().st_size} bytes, the limit is {MAX_BYTES}.")
    return Source(kind="document", text=read_document(path.read_bytes())).model_dump(mode="json")


def read_document(content: bytes) -> str:
    """Return a Word document as Markdown, or the text of another file. Raises UnreadableText."""
    if content.startswith(b"PK\x03\x04"):
        text = read_word(content)
    else:
        encoding = next((name for mark, name in _BOMS if content.startswith(mark)), "utf-8")
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            text = content.decode("windows-1252", errors="replace")
        if "\0" in text:
            raise errors.UnreadableText("It is not a text.")
    _check_length(text)
    if not text.strip():
        raise errors.UnreadableText("It has no words.")
    return text


def _check_length(text: str) -> None:
    if len(text) > MAX_TEXT_CHARS:
        raise errors.UnreadableText(f"It has {len(text)} characters, the limit is {MAX_TEXT_CHARS}.")
