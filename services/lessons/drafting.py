"""Draft scripts from a text without a language model. All that is said stands in the text; only headings and questions are added.

Three variants: an overview with one scene for each main part, the whole text step by step, and questions with answers.
"""

from __future__ import annotations

import dataclasses
import enum
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

import errors
from lib.text import HAN_AND_KANA, clean_text, ends_sentence
from services.lessons import blocks
from services.lessons.draft_questions import Questions, defined_term
from services.lessons.outline import outline_of
from services.lessons.outline_types import Block, CodeBlock, DataTable, FormulaBlock, ItemList, Outline, Paragraph, Section
from services.lessons.phrases import phrases_of
from services.lessons.points import point_of
from services.lessons.script import (
    MAX_NARRATION_CHARS,
    MAX_SCENES,
    Bullets,
    Content,
    Definition,
    LessonScript,
    Scene,
    Summary,
    Title,
    TwoColumns,
)
from services.lessons.sentences import Ranking, detect_language, is_reference, shorten, split_long, split_sentences

MAX_TEXT_CHARS = 400_000
_MAX_SENTENCES_PER_SCENE = 3
_MAX_WORDS_PER_SCENE = 60
_OVERVIEW_SENTENCES = 2
_MAX_MAIN_SECTIONS = 6
_CHAPTER_BONUS = 0.5
_ANSWER_SENTENCES = 3
_MAX_REPETITIONS = 3
_QUESTION_MARKS = ("?", "？", "؟")
_MAX_SUMMARY_ITEMS = 6
_MAX_DEFINITION_CHARS = 400
_MAX_CONTENTS = 8
_MIN_CONTENTS = 3
_CJK_SPACE = re.compile("([。！？])\\s+")
_CJK_END = re.compile(f"[{HAN_AND_KANA}]$")


class Variant(enum.IntEnum):
    """The kind of a draft."""

    OVERVIEW = 1
    STEP_BY_STEP = 2
    QUESTIONS = 3


def draft(text: str, title: str = "", *, language: str = "", variant: int = Variant.STEP_BY_STEP) -> LessonScript:
    """Return a script of a text in Markdown or plain text, in the language of the text. Raises NothingToDraft."""
    outline = outline_of(text[:MAX_TEXT_CHARS])
    return draft_outline(outline, title, language=language, variant=variant)


def draft_outline(outline: Outline, title: str = "", *, language: str = "", variant: int = Variant.STEP_BY_STEP) -> LessonScript:
    """Do the same for a text that was parsed already."""
    plain = outline.plain_text
    has_other_blocks = any(isinstance(block, CodeBlock | FormulaBlock) for section in outline.sections for block in section.blocks)
    if not re.search(r"\w", plain) and not has_other_blocks:
        raise errors.NothingToDraft
    language = language or detect_language(plain)
    return _Drafter(outline, title, language, Variant(variant)).script()


class _Drafter:
    """Builds the scenes of one variant."""

    def __init__(self, outline: Outline, title: str, language: str, variant: Variant) -> None:
        self._outline, self._variant = outline, variant
        self._language = language
        self._phrases = phrases_of(language)
        self._sentences = [each for section in outline.sections for each in _sentences_of(section)]
        self._ranking = Ranking(self._sentences, language)
        self._questions = Questions(outline, self._sentences, self._ranking, self._phrases, language)
        self._title = (clean_text(title) or outline.title or self._first_words())[:500]
        self._chapters = list(dict.fromkeys(section.chapter for section in outline.sections if section.chapter and section.blocks))

    def script(self) -> LessonScript:
        parts = {
            Variant.OVERVIEW: (self._overview, self._summary),
            Variant.STEP_BY_STEP: (self._step_by_step, self._check),
            Variant.QUESTIONS: (self._questions_and_answers, self._repetition),
        }
        make_body, make_end = parts[self._variant]
        body = list(itertools.islice(make_body(), MAX_SCENES))
        end = list(make_end())
        scenes = [self._title_scene(), *body]
        scenes = [*scenes[: MAX_SCENES - len(end)], *end]
        return LessonScript(
            title=self._title,
            language=self._language,
            scenes=tuple(scene.model_copy(update={"id": f"s{number}"}) for number, scene in enumerate(scenes, 1)),
        )

    def _first_words(self) -> str:
        term = defined_term(self._sentences[0], self._phrases) if self._sentences else None
        if term is not None:
            return term.term
        headings = [section.heading for section in self._outline.sections if section.heading]
        text = headings[0] if headings else (self._sentences or ["…"])[0]
        return shorten(text, 70)

    def _title_scene(self) -> Scene:
        subtitle = " · ".join([chapter for chapter in self._chapters if chapter != self._title][:3])
        return _scene(Title(heading=self._title, subtitle=subtitle if len(subtitle) <= 120 else ""), self._title)

    # ------------------------------------------------------------ the overview

    def _overview(self) -> Iterator[Scene]:
        """Yield the main term, then one scene for each of the most important sections: what shows it best."""
        first = next(iter(self._questions.terms), None)
        is_central = first is not None and first.sentence in self._sentences[:2]
        if first is not None and is_central:
            yield _scene(Definition(term=first.term, definition=_definition(first.text)), first.sentence)
        for section in self._main_sections():
            scene = self._best_scene(section, without=first.sentence if first is not None and is_central else "")
            if scene is not None:
                yield scene.model_copy(update={"chapter": section.chapter[:500]})

    def _main_sections(self) -> list[Section]:
        """Return the most important sections: one of each chapter, where there are several."""
        sections = self._outline.sections
        weights = [
            max((self._ranking.score(each, heading=section.heading) for each in _sentences_of(section)), default=0.0)
            + (_CHAPTER_BONUS if section.heading == section.chapter and section.blocks else 0.0)
            for section in sections
        ]
        order = sorted(range(len(sections)), key=lambda at: (-weights[at], at))
        if len(self._chapters) >= _MIN_CONTENTS:
            order = list({sections[at].chapter: at for at in reversed(order)}.values())
            order.sort(key=lambda at: (-weights[at], at))
        return [sections[at] for at in sorted(order[:_MAX_MAIN_SECTIONS])]

    def _best_scene(self, section: Section, without: str) -> Scene | None:
        """Return a picture of the section if it has one (chart, diagram, table, formula, code), else its list, else its best sentences."""
        heading = section.heading or self._title
        for block in section.blocks:
            chain = blocks.diagram(heading, block.text) if isinstance(block, Paragraph) else None
            if chain is not None and isinstance(block, Paragraph):
                return _scene(chain, block.text)
        best = self._ranking.best([each for each in _sentences_of(section) if each != without], _OVERVIEW_SENTENCES, section.heading)
        shown = [(lead, block) for lead, block in _with_leads(section) if not isinstance(block, Paragraph)]
        for lead, block in sorted(shown, key=lambda each: isinstance(each[1], ItemList) and blocks.chart(heading, each[1]) is None):
            content = blocks.chart(heading, block) or next(self._contents_of(heading, block), None)
            if content is not None:
                narration = " ".join(filter(None, [*best[:1], lead, content[1]]))
                return _scene(content[0], narration or heading)
        if not best:
            return None
        return _scene(Bullets(heading=heading, items=tuple(point_of(each) for each in best)), " ".join(best))

    def _summary(self) -> Iterator[Scene]:
        """Yield a scene with the best sentence of each section, if the text has several."""
        best = [self._ranking.best(each, 1, section.heading)[0] for section in self._outline.sections if (each := _sentences_of(section))]
        if len(best) < 2:
            best = self._ranking.best(self._sentences, 3, self._title) if len(self._sentences) > 4 else []
        best = self._ranking.best(list(dict.fromkeys(best)), _MAX_SUMMARY_ITEMS)
        if best:
            heading = self._phrases.summary
            items = tuple(point_of(each) for each in best)
            yield _scene(Summary(heading=heading, items=items), " ".join([f"{heading}." if heading else "", *best]).strip(), heading)

    # ------------------------------------------------------------ step by step

    def _step_by_step(self) -> Iterator[Scene]:
        """Yield the contents, then the whole text; the headings of its chapters are numbered."""
        yield from self._list_of(self._phrases.contents, [chapter for chapter in self._chapters if chapter != self._title])
        skipped = 0
        numbers = {chapter: number for number, chapter in enumerate(self._chapters, 1)} if len(self._chapters) > 1 else {}
        for number, section in enumerate(self._outline.sections):
            if number < skipped:
                continue
            columns = self._columns(number)
            chapter = f"{numbers[section.chapter]}. {section.chapter}" if section.chapter in numbers else section.chapter
            scenes: Iterable[Scene] = self._section(
                dataclasses.replace(section, heading=chapter if section.heading == section.chapter else section.heading)
            )
            if columns is not None:
                skipped = number + 3
                has_more = any(not isinstance(block, Paragraph) or blocks.is_chain(block.text) for block in section.blocks)
                scenes = [*(scenes if has_more else ()), columns]
            for scene in scenes:
                yield scene.model_copy(update={"chapter": section.chapter[:500]})

    def _list_of(self, heading: str, lines: Sequence[str]) -> Iterator[Scene]:
        lines = [point_of(each) for each in lines[:_MAX_CONTENTS]]
        if heading and len(lines) >= _MIN_CONTENTS:
            yield _scene(Bullets(heading=heading, items=tuple(lines)), blocks.spoken([heading, *lines]))

    def _check(self) -> Iterator[Scene]:
        """Yield the summary, and one question about the text."""
        yield from self._summary()
        for section in self._outline.sections:
            question = self._questions.about(section, _sentences_of(section))
            if question is not None:
                yield _scene(question.quiz, question.narration)
                return

    # ------------------------------------------------------------ questions and answers

    def _questions_and_answers(self) -> Iterator[Scene]:
        """Yield the questions of the lesson; then each section as a question and its answer."""
        asked = [(section, self._question_of(section)) for section in self._outline.sections]
        yield from self._list_of(
            self._phrases.questions, [question for _, question in asked if question.rstrip().endswith(_QUESTION_MARKS)]
        )
        for section, question in asked:
            for scene in self._answer(section, question):
                yield scene.model_copy(update={"chapter": section.chapter[:500]})

    def _question_of(self, section: Section) -> str:
        """Return the question that a section answers: its heading if it is one, or what its first term means; else its heading."""
        if _is_question(section.heading):
            return section.heading
        terms = (defined_term(each, self._phrases) for each in _sentences_of(section))
        term = next((each for each in terms if each is not None), None)
        return self._questions.of_term(term) if term is not None else section.heading

    def _answer(self, section: Section, question: str) -> Iterator[Scene]:
        """Yield the question, which viewers think about first, and what the section says, without its less important sentences."""
        if _is_question(question):
            yield _scene(Title(heading=question[:500]), f"{question} [pause 2s]")
        elif (quiz := self._questions.about(section, _sentences_of(section))) is not None:
            yield _scene(quiz.quiz, quiz.narration)
        yield from self._section(section, _ANSWER_SENTENCES)

    def _repetition(self) -> Iterator[Scene]:
        """Yield questions about sections that were answered before."""
        count = 0
        for section in self._outline.sections:
            question = self._questions.about(section, _sentences_of(section))
            if question is not None and count < _MAX_REPETITIONS:
                count += 1
                yield _scene(question.quiz, question.narration)

    # ------------------------------------------------------------ sections

    def _columns(self, number: int) -> Scene | None:
        """Return two columns for a heading with exactly two subsections that each have one list."""
        sections = self._outline.sections[number : number + 4]
        if len(sections) < 3 or not sections[0].heading:
            return None
        parent, left, right = sections[:3]
        has_third = len(sections) == 4 and sections[3].level >= left.level
        is_pair = left.level == right.level > parent.level and not has_third and len(parent.blocks) <= 1
        lists = [section.blocks[0] for section in (left, right) if len(section.blocks) == 1 and isinstance(section.blocks[0], ItemList)]
        if not is_pair or len(lists) < 2 or any(len(each.items) > 6 for each in lists if isinstance(each, ItemList)):
            return None
        first, second = (blocks.column(section.heading, each) for section, each in zip((left, right), lists, strict=True))
        intro = " ".join(_sentences_of(parent))
        spoken = [f"{section.heading}: {blocks.spoken_list(each)}" for section, each in zip((left, right), lists, strict=True)]
        return _scene(TwoColumns(heading=parent.heading, left=first, right=second), " ".join(filter(None, [intro, *spoken])))

    def _section(self, section: Section, max_sentences: int | None = None) -> Iterator[Scene]:
        """Yield the scenes of a section. `max_sentences` of each paragraph; None: all."""
        text: list[str] = []  # the sentences of paragraphs that follow one another
        for number, block in enumerate(section.blocks):
            chain = blocks.diagram(section.heading, block.text) if isinstance(block, Paragraph) else None
            if isinstance(block, Paragraph) and chain is None:
                sentences = _sentences_in(block.text)
                is_last = number + 1 == len(section.blocks)
                if sentences and _is_lead(sentences[-1]) and is_last:
                    sentences.pop()  # what it announces is not there
                kept = sentences[-1:] if sentences and _is_lead(sentences[-1]) else []
                if max_sentences is not None:
                    sentences = [*self._ranking.best(sentences[: len(sentences) - len(kept)], max_sentences, section.heading), *kept]
                text += sentences
                continue
            lead = text.pop() if text and _is_lead(text[-1]) else ""
            yield from self._paragraph(section, text)
            text = []
            if chain is not None and isinstance(block, Paragraph):
                yield _scene(chain, " ".join(filter(None, [lead, block.text])))
            else:
                yield from self._block(section, block, lead)
        yield from self._paragraph(section, text)

    def _paragraph(self, section: Section, sentences: Sequence[str]) -> Iterator[Scene]:
        for group in _groups(sentences, lambda each: defined_term(each, self._phrases) is not None):
            term = defined_term(group[0], self._phrases)
            if term is not None:
                example = point_of(group[1]) if len(group) == 2 else ""
                content = Definition(term=term.term, definition=_definition(term.text), example=example)
                used = 2 if example else 1
                yield _scene(content, " ".join(group[:used]))
                group = group[used:]
            if group:
                items = tuple(point_of(each) for each in group)
                yield _scene(Bullets(heading=section.heading or self._title, items=items), " ".join(group))

    def _block(self, section: Section, block: Block, lead: str) -> Iterator[Scene]:
        """Yield the scenes of a list, table, code, formula or quote. `lead`: the sentence that introduces it."""
        for content, narration in self._contents_of(section.heading or self._title[:500], block):
            title = section.chapter if section.chapter and section.heading.endswith(section.chapter) else section.heading  # unnumbered
            yield _scene(content, " ".join(filter(None, [lead, narration])) or title)
            lead = ""

    def _contents_of(self, heading: str, block: Block) -> Iterator[tuple[Content, str]]:
        """Yield what is shown and said of a block. Tables of numbers are a chart, a table, or both."""
        chart = blocks.chart(heading, block)
        if isinstance(block, DataTable):
            yield from blocks.tables(heading, block)
            if chart is not None and self._variant is Variant.STEP_BY_STEP:
                yield chart[0], blocks.spoken_maximum(block)  # the table before it says the rest
        elif chart is not None:
            yield chart
        elif isinstance(block, ItemList):
            yield from blocks.bullets(heading, block.items)
        else:
            yield from blocks.special(heading, block)


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


def _definition(text: str) -> str:
    return text if len(text) <= _MAX_DEFINITION_CHARS else shorten(text, _MAX_DEFINITION_CHARS)


def _sentences_in(text: str) -> list[str]:
    """Return the sentences of a paragraph; one that is too long for a scene is divided."""
    return [part for sentence in split_sentences(text) if not is_reference(sentence) for part in split_long(sentence)]


def _sentences_of(section: Section) -> list[str]:
    return [
        each
        for block in section.blocks
        if isinstance(block, Paragraph) and not blocks.is_chain(block.text)
        for each in _sentences_in(block.text)
        if not _is_lead(each)
    ]


def _with_leads(section: Section) -> Iterator[tuple[str, Block]]:
    """Yield the blocks of a section, each with the sentence before it that introduces it, or ""."""
    lead = ""
    for block in section.blocks:
        yield lead, block
        last = _sentences_in(block.text)[-1:] if isinstance(block, Paragraph) else []
        lead = last[0] if last and _is_lead(last[0]) else ""


def _is_question(text: str) -> bool:
    return text.rstrip().endswith(_QUESTION_MARKS)


def _is_lead(sentence: str) -> bool:
    return sentence.rstrip().endswith((":", "："))


def _scene(content: Content, narration: str, chapter: str = "") -> Scene:
    text = _CJK_SPACE.sub(r"\1", clean_text(narration))
    if text and not ends_sentence(text) and not text.endswith("]"):
        text = text.rstrip(":：")
        text += "。" if _CJK_END.search(text) else "."
    if len(text) > MAX_NARRATION_CHARS:
        text = split_long(text, MAX_NARRATION_CHARS)[0]
    return Scene(id="s", narration=text, content=content, chapter=chapter)
