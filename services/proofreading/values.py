"""The values of proofreading: options, corrections, and what a run has used."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from domain import Segment
from lib.serialization import from_plain
from services.language_model import ChatOptions
from services.transcript_text.corrections import Substitution
from services.transcript_text.markup import Run


@dataclass(frozen=True)
class ProofreadingOptions(ChatOptions):
    """Settings of proofreading.

    `max_changed_share`: a chunk is refused if more of its words disappear, or more of the new ones were not there. Prices are per million
    tokens. `remove_fillers`: whether the rules delete words such as "um".
    """

    concurrency: int = 4
    chunk_words: int = 300
    max_changed_share: float = 0.25
    price_input: float = 0.0
    price_output: float = 0.0
    remove_fillers: bool = False

    @property
    def fingerprint(self) -> str:
        """The options that change the corrections; without the key."""
        facts = (self.base_url, self.model, self.chunk_words, self.max_changed_share, self.remove_fillers)
        return hashlib.sha256(repr(facts).encode()).hexdigest()


@dataclass(frozen=True)
class Term:
    """A term of a glossary, and texts that stand for it in transcripts."""

    term: str
    misheard: tuple[str, ...] = ()


@dataclass(frozen=True)
class Context:
    """The context of the speech. `slide_lines`: the words on the slides, line by line."""

    language: str = ""
    terms: tuple[Term, ...] = ()
    slide_lines: tuple[tuple[str, ...], ...] = ()
    prompt: str = ""


@dataclass(frozen=True)
class Correction:
    """The words `first` to `last` of a transcript, counted from 0, become `after`. They are in one segment.

    `word_ids`: their ids, where the transcript has any. `runs`: the new text with marks, if it has any.
    """

    first: int
    last: int
    before: str
    after: str
    reason: str
    source: str
    word_ids: tuple[int, ...] = ()
    runs: tuple[Run, ...] = ()

    @property
    def substitution(self) -> Substitution:
        return Substitution(self.first, self.last, self.after, self.runs)


@dataclass(frozen=True)
class Usage:
    """The use of the language model. `refused`: chunks with a result that changed too much; `failed`: those without one.

    `reused`: chunks that were answered in an earlier attempt of the job; their tokens count, but no request was sent again.
    """

    chunks: int = 0
    refused: int = 0
    failed: int = 0
    reused: int = 0
    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0


@dataclass(frozen=True)
class Proofreading:
    """The corrections, in order and without overlap."""

    corrections: tuple[Correction, ...] = ()
    usage: Usage = Usage()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Token:
    """A word in a numbered transcript. `segment` is the number of its segment."""

    text: str
    confidence: float
    segment: int

    @property
    def bare(self) -> str:
        return self.text.strip()


def tokens_of(segments: Sequence[Segment]) -> list[Token]:
    """Return all words, in order."""
    return [Token(word.text, word.probability, number) for number, segment in enumerate(segments) for word in segment.words]


def read_corrections(lines: Iterable[str | bytes]) -> Iterator[Correction]:
    """Yield the corrections of the file that a run wrote: a header, then one correction a line."""
    rest = iter(lines)
    next(rest, None)
    return (from_plain(Correction, json.loads(line)) for line in rest)
