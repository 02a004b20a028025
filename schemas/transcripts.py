"""Transcripts and glossaries in the API. Times are seconds of the recording."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain import Mark, Style, Word
from lib.clock import iso
from lib.numbers import reject_bool
from lib.text import clean_text
from lib.text_fields import RequiredText, optional_line, required_line
from models import GlossaryTerm, TranscriptCorrection, TranscriptEdit
from schemas.spec_hints import any_not_null, needs_visible
from services.proofreading import Engine
from services.transcript_text.markup import MAX_HEADING_LENGTH, format_words
from services.transcript_text.words import EditableSegment, EditableWord, words_from_plain
from services.transcripts import editing, edits, glossary
from services.transcripts.reading import DoubtfulWord, TranscriptPage
from services.transcripts.versions import PlacedDifference

_MAX_WORD_LENGTH = 400


def _clean_word(value: str) -> str:
    text = clean_text(value)
    return f" {text}" if text and value[:1].isspace() else text


Id = Annotated[int, Field(ge=1, le=2**31 - 1), reject_bool]
Seconds = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False), reject_bool]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False), reject_bool]
SegmentText = Annotated[str, Field(max_length=editing.MAX_SEGMENT_LENGTH), optional_line]
Phrase = Annotated[str, Field(min_length=1, max_length=500), required_line]
Term = Annotated[str, Field(min_length=1, max_length=glossary.MAX_TERM_LENGTH), required_line]


class MarkIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    styles: Annotated[list[Style], Field(max_length=len(Style))] = Field([], description="italic, bold, superscript, subscript.")
    starts_paragraph: bool = False
    heading: Annotated[str, Field(max_length=MAX_HEADING_LENGTH), optional_line] = Field(
        "", description="Text of a heading before the word; nobody spoke it."
    )
    heading_level: Annotated[int, Field(ge=1, le=3), reject_bool] = 1

    def mark(self) -> Mark:
        return Mark(tuple(dict.fromkeys(self.styles)), self.starts_paragraph, self.heading, self.heading_level)


class MarkOut(BaseModel):
    styles: list[Style]
    starts_paragraph: bool
    heading: str
    heading_level: int

    @classmethod
    def of(cls, word: Word) -> MarkOut | None:
        mark = word.mark
        if mark is None:
            return None
        return cls.model_construct(
            styles=list(mark.styles), starts_paragraph=mark.starts_paragraph, heading=mark.heading, heading_level=mark.heading_level
        )


class WordOut(BaseModel):
    id: int
    text: str = Field(description="With the space before it, in languages that use spaces.")
    start_s: float
    end_s: float
    confidence: float = Field(description="0 to 1; 1 for words that a person wrote.")
    mark: MarkOut | None = Field(None, description="The layout at the word, if it has any.")

    @classmethod
    def of(cls, word: EditableWord) -> WordOut:
        return cls.model_construct(
            id=word.id, text=word.text, start_s=word.start_s, end_s=word.end_s, confidence=word.probability, mark=MarkOut.of(word)
        )


class SegmentOut(BaseModel):
    id: int
    start_s: float
    end_s: float
    text: str
    words: list[WordOut]

    @staticmethod
    def plain(segment: EditableSegment) -> dict[str, Any]:
        """Return the fields of a segment, without a model for each of its words."""
        words = [_plain_word(word) for word in segment.words]
        return {"id": segment.id, "start_s": segment.start_s, "end_s": segment.end_s, "text": segment.text, "words": words}


def _plain_word(word: EditableWord) -> dict[str, Any]:
    return {
        "id": word.id,
        "text": word.text,
        "start_s": word.start_s,
        "end_s": word.end_s,
        "confidence": word.probability,
        "mark": vars(MarkOut.of(word)) if word.mark else None,
    }


class TranscriptOut(BaseModel):
    id: str = Field(description="That of the recording.")
    revision: int = Field(description="Send it with an edit, so that it fails if the transcript has been changed since.")
    version: str = Field(description="`current`, `proofread` or `raw`.")
    language: str
    source: str = Field(description="recognised, subtitles or none.")
    engine: str
    transcribe_prompt: str | None = Field(description="The prompt of the recognition, as it was then.")
    proofread_prompt: str | None = Field(description="The prompt of the newest proofreading, as it was then.")
    is_edited: bool = Field(description="Whether it differs from the recognised text by edits that can be undone.")
    documents_are_current: bool = Field(description="Whether the documents show this text, or a job that is queued will.")
    undo_steps: int
    redo_steps: int
    segments: list[SegmentOut]
    total: int = Field(description="Number of all segments.")
    updated_at: str | None

    @classmethod
    def of(cls, page: TranscriptPage, version: str) -> TranscriptOut:
        """Return the fields of a page, without its segments; see `SegmentOut.plain`."""
        transcript = page.transcript
        return cls.model_construct(
            id=transcript.recording_id,
            revision=transcript.revision,
            version=version,
            language=transcript.language,
            source=transcript.source,
            engine=transcript.engine,
            transcribe_prompt=transcript.transcribe_prompt,
            proofread_prompt=transcript.proofread_prompt,
            is_edited=page.undo_steps > 0,
            documents_are_current=transcript.documents_revision == transcript.revision,
            undo_steps=page.undo_steps,
            redo_steps=page.redo_steps,
            segments=[],
            total=page.total,
            updated_at=iso(transcript.updated_at),
        )


class DifferenceOut(BaseModel):
    """Words of the older version, and those of the newer one in their place; one of the lists may be empty."""

    segment_id: int = Field(description="The segment of the newer version.")
    start_s: float
    end_s: float
    before: str
    after: str = Field(description="With its layout in Markdown.")
    before_words: list[WordOut]
    after_words: list[WordOut]

    @classmethod
    def of(cls, each: PlacedDifference) -> DifferenceOut:
        difference = each.difference
        return cls(
            segment_id=each.segment_id,
            start_s=difference.start_s,
            end_s=difference.end_s,
            before=format_words(difference.before),
            after=format_words(difference.after),
            before_words=[WordOut.of(word) for word in difference.before],
            after_words=[WordOut.of(word) for word in difference.after],
        )


class DifferencesOut(BaseModel):
    differences: list[DifferenceOut]
    total: int


class ChangeOut(BaseModel):
    """The changes of an edit. A client removes the `removed` segments, and adds or replaces the others in the order of their times."""

    revision: int
    segments: list[SegmentOut]
    removed: list[int] = Field(description="Ids of segments that are gone.")

    @classmethod
    def of(cls, change: edits.Change) -> ChangeOut:
        """Return the fields of a change, without its segments; see `SegmentOut.plain`."""
        return cls.model_construct(revision=change.revision, segments=[], removed=list(change.removed_ids))


class RevisionIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    revision: Id | None = Field(None, description="The revision that the edit is based on; the header If-Match works too.")


class SegmentTextIn(RevisionIn):
    text: SegmentText


class SplitIn(RevisionIn):
    word_id: Id = Field(description="The word that the second segment begins with.")


class ReplacementIn(RevisionIn):
    model_config = ConfigDict(json_schema_extra=needs_visible("add_to_glossary", "replace", glossary.MAX_TERM_LENGTH))

    find: Phrase
    replace: Annotated[str, Field(max_length=500), optional_line] = ""
    match_case: bool = True
    whole_words: bool = True
    add_to_glossary: bool = Field(False, description="Remember the replacement as a term and the text as its misheard form.")

    @model_validator(mode="after")
    def _check_term(self) -> ReplacementIn:
        if self.add_to_glossary and not 0 < len(self.replace) <= glossary.MAX_TERM_LENGTH:
            raise ValueError(f"a term of the glossary has 1 to {glossary.MAX_TERM_LENGTH} characters")
        return self


class WordIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=_MAX_WORD_LENGTH), RequiredText(_clean_word)]
    start_s: Seconds
    end_s: Seconds
    confidence: Share = 1.0
    mark: MarkIn | None = None
    id: Id | None = None

    def word(self) -> editing.NewWord:
        mark = self.mark.mark() if self.mark else None
        return editing.NewWord(self.text, self.start_s, self.end_s, self.confidence, self.id, None if mark == Mark() else mark)


class SegmentIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra=any_not_null(("text",), ("words",)))

    start_s: Seconds
    end_s: Seconds
    text: SegmentText | None = Field(None, description="Without `words`: aligned with the words of the segment with this id.")
    words: Annotated[list[WordIn], Field(max_length=editing.MAX_SEGMENT_LENGTH)] | None = Field(None, description="They win over `text`.")
    id: Id | None = Field(None, description="Of an existing segment, to keep its id and the times of its words.")

    @model_validator(mode="after")
    def _check_content(self) -> SegmentIn:
        if self.text is None and self.words is None:
            raise ValueError("send `text` or `words`")
        return self

    def segment(self) -> editing.NewSegment:
        words = [each.word() for each in self.words or []]
        return editing.NewSegment(self.start_s, self.end_s, None if self.words is not None else self.text, words, self.id)


class TranscriptIn(RevisionIn):
    segments: Annotated[list[SegmentIn], Field(max_length=edits.MAX_SEGMENTS)]


class DoubtfulWordOut(BaseModel):
    segment_id: int
    word: WordOut
    before: str = Field(description="The text of the segment before the word.")
    after: str

    @classmethod
    def of(cls, each: DoubtfulWord) -> DoubtfulWordOut:
        return cls(segment_id=each.segment_id, word=WordOut.of(each.word), before=each.before, after=each.after)


class DoubtfulWordsOut(BaseModel):
    words: list[DoubtfulWordOut]


class EditOut(BaseModel):
    id: int
    action: str = Field(description="edit, replace, replace_all, split, merge, proofread or conversion.")
    is_undone: bool
    edited_by: str = Field(description="The id of a user; empty for a job.")
    created_at: str | None

    @classmethod
    def of(cls, edit: TranscriptEdit) -> EditOut:
        return cls(id=edit.id, action=edit.action, is_undone=edit.is_undone, edited_by=edit.edited_by, created_at=iso(edit.created_at))


class EditsOut(BaseModel):
    edits: list[EditOut]


class RenderIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tracked_changes: bool | None = Field(
        None, description="Word documents show what differs from the recognised text as tracked changes. Default: as in the conversion."
    )


class ProofreadIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    engine: Engine = Field("rules", description="`model`: the language model of the server.")
    review_first: bool = Field(False, description="Corrections wait until a person accepts them.")


class AcceptIn(RevisionIn):
    add_to_glossary: bool = Field(False, description="Remember the correction as a term, and the words before it as its misheard form.")


class CorrectionOut(BaseModel):
    id: int
    state: str = Field(description="proposed (not in the text yet), open (in the text, not reviewed), accepted or rejected.")
    source: str = Field(description="rules, model, or speech (recognised words that were probably not said).")
    reason: str = Field(
        description="capital, deletion, filler, glossary, heading, paragraph, punctuation, slide, spacing, spelling, style, term; "
        "of speech: compression_ratio, log_probability, no_speech, repetition, too_fast, wrong_script."
    )
    start_s: float
    before: str
    after: str
    markup: str = Field(description="`after` with its layout in Markdown, such as `*word*`; equal to it if there is none.")
    word_ids: list[int] = Field(description="The words before it.")
    new_word_ids: list[int] = Field(description="The words after it; empty for a deletion.")

    @classmethod
    def of(cls, row: TranscriptCorrection) -> CorrectionOut:
        return cls(
            id=row.id,
            state=row.state,
            source=row.source,
            reason=row.reason,
            start_s=row.start_s,
            before=row.before,
            after=row.after,
            markup=format_words(words_from_plain(row.after_words)),
            word_ids=[word[0] for word in row.before_words],
            new_word_ids=[word[0] for word in row.after_words],
        )


class CorrectionsOut(BaseModel):
    corrections: list[CorrectionOut]
    total: int


class TermIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    term: Term
    misheard: Annotated[list[Term], Field(max_length=glossary.MAX_MISHEARD)] = Field(
        [], description="Texts that stand for it in transcripts; they are added to those of a known term."
    )


class TermOut(BaseModel):
    id: str
    term: str
    misheard: list[str]
    created_at: str | None

    @classmethod
    def of(cls, row: GlossaryTerm) -> TermOut:
        return cls(id=row.id, term=row.term, misheard=row.misheard, created_at=iso(row.created_at))


class TermsOut(BaseModel):
    terms: list[TermOut]
