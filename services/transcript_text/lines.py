"""A transcript as JSON lines: a header, then one line per segment. It can be written and read without holding all of it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from domain import FlaggedSegment, Segment, SpeechSource, Transcript
from lib.serialization import atomic_write
from services.transcript_text.words import spoken_from_plain, spoken_to_plain

CONTENT_TYPE = "application/jsonl"


@dataclass(frozen=True)
class Header:
    """The properties of a transcript as a whole."""

    language: str
    source: SpeechSource
    engine: str = ""


def header_of(transcript: Transcript) -> Header:
    return Header(transcript.language, transcript.source, transcript.engine)


def write(
    path: Path,
    header: Header,
    segments: Iterable[Segment],
    word_ids: Iterable[Sequence[int]] = (),
    flagged_segments: Iterable[FlaggedSegment] = (),
) -> None:
    """Write the file atomically, `flagged_segments` in lines of their own. `word_ids`: those of each segment, if its words have ids."""
    with atomic_write(path) as part, part.open("w", encoding="utf-8") as file:
        file.write(json.dumps(asdict(header), ensure_ascii=False) + "\n")
        for segment, ids in zip_longest(segments, word_ids, fillvalue=()):
            assert isinstance(segment, Segment)
            words = [spoken_to_plain(word) for word in segment.words]
            file.write(
                json.dumps(
                    [segment.start_s, segment.end_s, words, *([list(ids)] if ids else [])], ensure_ascii=False, separators=(",", ":")
                )
                + "\n"
            )
        for each in flagged_segments:
            words = [spoken_to_plain(word) for word in each.segment.words]
            plain = {"flag": each.reason, "segment": [each.segment.start_s, each.segment.end_s, words]}
            file.write(json.dumps(plain, ensure_ascii=False, separators=(",", ":")) + "\n")


def read(lines: Iterable[str | bytes]) -> tuple[Header, Iterator[Segment]]:
    """Return the header, and the segments one by one, without flagged ones."""
    rest = iter(lines)
    fields = json.loads(next(rest))
    header = Header(fields["language"], SpeechSource(fields["source"]), fields["engine"])
    return header, (_segment(plain) for plain in map(json.loads, rest) if isinstance(plain, list))


def read_flagged(lines: Iterable[str | bytes]) -> Iterator[FlaggedSegment]:
    """Return the flagged segments one by one."""
    plain_lines = map(json.loads, itertools.islice(lines, 1, None))
    return (FlaggedSegment(_segment(plain["segment"]), plain["flag"]) for plain in plain_lines if isinstance(plain, dict))


def read_file(path: Path) -> Transcript:
    """Return the whole transcript."""
    with path.open(encoding="utf-8") as file:
        header, segments = read(file)
        return Transcript(header.language, tuple(segments), header.source, header.engine)


def read_word_ids(path: Path) -> list[int]:
    """Return the ids of all words; nothing if they have none."""
    with path.open(encoding="utf-8") as file:
        next(file)
        return [word_id for line in file for ids in json.loads(line)[3:] for word_id in ids]


def _segment(plain: Sequence[Any]) -> Segment:
    start_s, end_s, words, *_ = plain
    return Segment(start_s, end_s, tuple(map(spoken_from_plain, words)))
