"""Scenes of the sections of a text: paragraphs, definitions, lists, tables, charts, formulas, code and quotations."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence

from lib.text import HAN_AND_KANA, clean_text, ends_sentence
from services.lessons import blocks
from services.lessons.draft_questions import DefinedTerm, defined_term
from services.lessons.outline_types import Block, DataTable, ItemList, Paragraph, Section
from services.lessons.phrases import Phrases
from services.lessons.points import point_of
from services.lessons.script import MAX_NARRATION_CHARS, Bullets, Content, Definition, Scene, TwoColumns
from services.lessons.sentences import Ranking, is_reference, shorten, split_long, split_sentences

_MAX_SENTENCES_PER_SCENE = 3
_MAX_WORDS_PER_SCENE = 60
_MAX_DEFINITION_CHARS = 400
_CJK_SPACE = re.compile("([。！？])\\s+")
_CJK_END = re.compile(f"[{HAN_AND_KANA}]$")


class SectionScenes:
    """Makes the scenes of sections. `title` is the heading of slides without one; `has_charts_beside_tables`: numbers are shown twice."""

    def __init__(self, title: str, phrases: Phrases, ranking: Ranking, *, has_charts_beside_tables: bool) -> None:
        self._title, self._phrases, self._ranking = title, phrases, ranking
        self._has_charts_beside_tables = has_charts_beside_tables

    def of_section(self, section: Section, max_sentences: int | None = None) -> Iterator[Scene]:
        """Yield the scenes of a section. `max_sentences` of each paragraph; None: all."""
        if section.is_slide and any(not isinstance(block, Paragraph) for block in section.blocks):
            yield from self._slide(section, max_sentences)
            return
        text: list[str] = []  # the sentences of paragraphs that follow one another
        for number, block in enumerate(section.blocks):
            chain = blocks.diagram(section.heading, block.text) if isinstance(block, Paragraph) else None
            if isinstance(block, Paragraph) and chain is None:
                sentences = sentences_in(block.text)
                is_last = number + 1 == len(section.blocks)
                if sentences and is_lead(sentences[-1]) and is_last:
                    sentences.pop()  # what it announces is not there
                lead_in = sentences[-1:] if sentences and is_lead(sentences[-1]) else []
                if max_sentences is not None:
                    sentences = [*self._ranking.best(sentences[: len(sentences) - len(lead_in)], max_sentences, section.heading), *lead_in]
                text += sentences
                continue
            lead = text.pop() if text and is_lead(text[-1]) else ""
            yield from self._paragraph(section, text)
            text = []
            if chain is not None and isinstance(block, Paragraph):
                yield scene_of(chain, " ".join(filter(None, [lead, block.text])))
            else:
                yield from self._block(section, block, lead)
        yield from self._paragraph(section, text)

    def _slide(self, section: Section, max_sentences: int | None) -> Iterator[Scene]:
        """Yield the scenes of a slide; its notes are the narration of the first one; the others read aloud what they show."""
        heading = section.heading or self._title
        sentences = [each for block in section.blocks if isinstance(block, Paragraph) for each in sentences_in(block.text)]
        if max_sentences is not None:
            sentences = self._ranking.best(sentences, max_sentences, section.heading)
        notes = _join_sentences(sentences)
        for block in section.blocks:
            if isinstance(block, Paragraph):
                continue
            chart = blocks.chart(heading, block)
            for content, narration in [chart] if chart is not None else self.contents_of(heading, block):
                yield scene_of(content, notes or narration or heading)
                notes = ""

    def _paragraph(self, section: Section, sentences: Sequence[str]) -> Iterator[Scene]:
        for group in _groups(sentences, lambda each: defined_term(each, self._phrases) is not None):
            term = defined_term(group[0], self._phrases)
            if term is not None:
                example = point_of(group[1]) if len(group) == 2 else ""
                content = definition_of(term).model_copy(update={"example": example})
                used = 2 if example else 1
                yield scene_of(content, " ".join(group[:used]))
                group = group[used:]
            if group:
                items = tuple(point_of(each) for each in group)
                yield scene_of(Bullets(heading=section.heading or self._title, items=items), _join_sentences(group))

    def _block(self, section: Section, block: Block, lead: str) -> Iterator[Scene]:
        """Yield the scenes of a list, table, code, formula or quote. `lead`: the sentence that introduces it."""
        for content, narration in self.contents_of(section.heading or self._title[:500], block):
            title = section.chapter if section.chapter and section.heading.endswith(section.chapter) else section.heading  # unnumbered
            yield scene_of(content, " ".join(filter(None, [lead, narration])) or title or self._title)
            lead = ""

    def contents_of(self, heading: str, block: Block) -> Iterator[tuple[Content, str]]:
        """Yield slides of a block and their narration. Tables of numbers are a chart, a table, or both."""
        chart = blocks.chart(heading, block)
        if isinstance(block, DataTable):
            yield from blocks.tables(heading, block)
            if chart is not None and self._has_charts_beside_tables:
                yield chart[0], blocks.spoken_maximum(block)  # the table before it says the rest
        elif chart is not None:
            yield chart
        elif isinstance(block, ItemList):
            yield from blocks.bullets(heading, block.items)
        else:
            yield from blocks.special(heading, block)


def columns_of(sections: Sequence[Section], number: int) -> Scene | None:
    """Return two columns for a heading with exactly two subsections that each have one list."""
    next_sections = sections[number : number + 4]
    if len(next_sections) < 3 or not next_sections[0].heading:
        return None
    parent, left, right = next_sections[:3]
    has_third = len(next_sections) == 4 and next_sections[3].level >= left.level
    is_pair = left.level == right.level > parent.level and not has_third and len(parent.blocks) <= 1
    lists = [section.blocks[0] for section in (left, right) if len(section.blocks) == 1 and isinstance(section.blocks[0], ItemList)]
    if not is_pair or len(lists) < 2 or any(len(each.items) > 6 for each in lists if isinstance(each, ItemList)):
        return None
    first, second = (blocks.column(section.heading, each) for section, each in zip((left, right), lists, strict=True))
    intro = " ".join(sentences_of(parent))
    sentences = [f"{section.heading}: {blocks.spoken_list(each)}" for section, each in zip((left, right), lists, strict=True)]
    return scene_of(TwoColumns(heading=parent.heading, left=first, right=second), " ".join(filter(None, [intro, *sentences])))


def _join_sentences(sentences: Sequence[str]) -> str:
    """Return sentences as a text; a line that ends without a mark, such as a date, gets a full stop before a capital letter."""
    text = ""
    for sentence in sentences:
        needs_stop = text[-1:].isalnum() and sentence[:1].isupper()
        text += f"{'.' if needs_stop else ''}{' ' if text else ''}{sentence}"
    return text


def _groups(sentences: Sequence[str], begins: Callable[[str], bool]) -> Iterator[list[str]]:
    """Divide sentences into groups of similar size that fit on a slide; a sentence that `begins` accepts is the first of its group."""
    starts = [at for at, sentence in enumerate(sentences) if at == 0 or begins(sentence)]
    for start, end in itertools.pairwise([*starts, len(sentences)]):
        part = sentences[start:end]
        lengths = [max(len(sentence.split()), len(sentence) // 8) for sentence in part]
        group_count = max(-(-len(part) // _MAX_SENTENCES_PER_SCENE), round(sum(lengths) / _MAX_WORDS_PER_SCENE), 1)
        max_sentences = -(-len(part) // group_count)
        group: list[str] = []
        words = 0
        for sentence, length in zip(part, lengths, strict=True):
            if group and (len(group) >= max_sentences or words + length > _MAX_WORDS_PER_SCENE):
                yield group
                group, words = [], 0
            group.append(sentence)
            words += length
        yield group


def definition_of(term: DefinedTerm) -> Definition:
    """Return the slide of a term."""
    text = term.text if len(term.text) <= _MAX_DEFINITION_CHARS else shorten(term.text, _MAX_DEFINITION_CHARS)
    return Definition(term=term.term, definition=text)


def sentences_in(text: str) -> list[str]:
    """Return the sentences of a paragraph; one that is too long for a scene is divided."""
    return [part for sentence in split_sentences(text) if not is_reference(sentence) for part in split_long(sentence)]


def sentences_of(section: Section) -> list[str]:
    """Return the sentences of its paragraphs, without those that introduce a block."""
    return [
        each
        for block in section.blocks
        if isinstance(block, Paragraph) and not blocks.is_chain(block.text)
        for each in sentences_in(block.text)
        if not is_lead(each)
    ]


def with_leads(section: Section) -> Iterator[tuple[str, Block]]:
    """Yield the blocks of a section, each with the sentence before it that introduces it, or ""."""
    lead = ""
    for block in section.blocks:
        yield lead, block
        last = sentences_in(block.text)[-1:] if isinstance(block, Paragraph) else []
        lead = last[0] if last and is_lead(last[0]) else ""


def is_lead(sentence: str) -> bool:
    """Whether a sentence introduces what follows it."""
    return sentence.rstrip().endswith((":", "："))


def scene_of(content: Content, narration: str, chapter: str = "") -> Scene:
    """Return a scene whose narration ends as a sentence."""
    text = _CJK_SPACE.sub(r"\1", clean_text(narration))
    if text and not ends_sentence(text) and not text.endswith("]"):
        text = text.rstrip(":：")
        text += "。" if _CJK_END.search(text) else "."
    if len(text) > MAX_NARRATION_CHARS:
        text = split_long(text, MAX_NARRATION_CHARS)[0]
    return Scene(id="s", narration=text, content=content, chapter=chapter)
