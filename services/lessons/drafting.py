"""Draft scripts from a text without a language model. All narration is text of the source; only headings and questions are added.

Three variants: an overview with one scene for each main part, the whole text step by step, and questions with answers.
"""

from __future__ import annotations

import dataclasses
import enum
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

import errors
from lib.text import clean_text
from services.lessons import blocks
from services.lessons.draft_questions import Questions, defined_term
from services.lessons.outline import outline_of
from services.lessons.outline_types import CodeBlock, FormulaBlock, ItemList, Outline, Paragraph, Section
from services.lessons.phrases import phrases_of
from services.lessons.points import point_of
from services.lessons.script import (
    MAX_SCENES,
    Bullets,
    LessonScript,
    Scene,
    Summary,
    Title,
)
from services.lessons.section_scenes import SectionScenes, columns_of, definition_of, scene_of, sentences_of, with_leads
from services.lessons.sentences import Ranking, detect_language, shorten

MAX_TEXT_CHARS = 400_000
_OVERVIEW_SENTENCES = 2
_MAX_MAIN_SECTIONS = 6
_CHAPTER_BONUS = 0.5
_ANSWER_SENTENCES = 3
_MAX_REPETITIONS = 3
_QUESTION_MARKS = ("?", "？", "؟")
_MAX_SUMMARY_ITEMS = 6
_MAX_CONTENTS = 8
_MIN_CONTENTS = 3


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
        self._sentences = [each for section in outline.sections for each in sentences_of(section)]
        self._ranking = Ranking(self._sentences, language)
        self._questions = Questions(outline, self._sentences, self._ranking, self._phrases, language)
        self._title = (clean_text(title) or outline.title or self._first_words())[:500]
        shows_twice = variant is Variant.STEP_BY_STEP
        self._scenes = SectionScenes(self._title, self._phrases, self._ranking, has_charts_beside_tables=shows_twice)
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
        return scene_of(Title(heading=self._title, subtitle=subtitle if len(subtitle) <= 120 else ""), self._title)

    # ------------------------------------------------------------ the overview

    def _overview(self) -> Iterator[Scene]:
        """Yield the main term, then one scene for each of the most important sections: what shows it best."""
        first = next(iter(self._questions.terms), None)
        is_central = first is not None and first.sentence in self._sentences[:2]
        if first is not None and is_central:
            yield scene_of(definition_of(first), first.sentence)
        for section in self._main_sections():
            scene = self._best_scene(section, without=first.sentence if first is not None and is_central else "")
            if scene is not None:
                yield scene.model_copy(update={"chapter": section.chapter[:500]})

    def _main_sections(self) -> list[Section]:
        """Return the most important sections: one of each chapter, where there are several."""
        sections = self._outline.sections
        weights = [
            max((self._ranking.score(each, heading=section.heading) for each in sentences_of(section)), default=0.0)
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
                return scene_of(chain, block.text)
        best = self._ranking.best([each for each in sentences_of(section) if each != without], _OVERVIEW_SENTENCES, section.heading)
        visual_blocks = [(lead, block) for lead, block in with_leads(section) if not isinstance(block, Paragraph)]
        for lead, block in sorted(visual_blocks, key=lambda each: isinstance(each[1], ItemList) and blocks.chart(heading, each[1]) is None):
            content = blocks.chart(heading, block) or next(self._scenes.contents_of(heading, block), None)
            if content is not None:
                before = sentences_of(dataclasses.replace(section, blocks=section.blocks[: section.blocks.index(block)]))
                text = " ".join(filter(None, [lead, content[1]]))
                first, last = (best[:1], []) if set(best[:1]) <= set(before) else ([], best[:1])
                narration = " ".join(filter(None, [*first, scene_of(content[0], text).narration if last else text, *last]))
                return scene_of(content[0], narration or heading)
        if not best:
            return None
        return scene_of(Bullets(heading=heading, items=tuple(point_of(each) for each in best)), " ".join(best))

    def _summary(self) -> Iterator[Scene]:
        """Yield a scene with the best sentence of each section, if the text has several."""
        statements = ([each for each in sentences_of(section) if not _is_question(each)] for section in self._outline.sections)
        pairs = zip(self._outline.sections, statements, strict=True)
        best = [self._ranking.best(sentences, 1, section.heading)[0] for section, sentences in pairs if sentences]
        if len(best) < 2:
            best = self._ranking.best(self._sentences, 3, self._title) if len(self._sentences) > 4 else []
        best = self._ranking.best(list(dict.fromkeys(best)), _MAX_SUMMARY_ITEMS)
        if best:
            heading = self._phrases.summary
            items = tuple(point_of(each) for each in best)
            yield scene_of(Summary(heading=heading, items=items), " ".join([f"{heading}." if heading else "", *best]).strip(), heading)

    # ------------------------------------------------------------ step by step

    def _step_by_step(self) -> Iterator[Scene]:
        """Yield the contents, then the whole text; the headings of its chapters are numbered."""
        yield from self._list_of(self._phrases.contents, [chapter for chapter in self._chapters if chapter != self._title])
        next_number = 0
        numbers = {chapter: number for number, chapter in enumerate(self._chapters, 1)} if len(self._chapters) > 1 else {}
        for number, section in enumerate(self._outline.sections):
            if number < next_number:
                continue
            columns = columns_of(self._outline.sections, number)
            chapter = f"{numbers[section.chapter]}. {section.chapter}" if section.chapter in numbers else section.chapter
            scenes: Iterable[Scene] = self._scenes.of_section(
                dataclasses.replace(section, heading=chapter if section.heading == section.chapter else section.heading)
            )
            if columns is not None:
                next_number = number + 3
                has_more = any(not isinstance(block, Paragraph) or blocks.is_chain(block.text) for block in section.blocks)
                scenes = [*(scenes if has_more else ()), columns]
            for scene in scenes:
                yield scene.model_copy(update={"chapter": section.chapter[:500]})

    def _list_of(self, heading: str, lines: Sequence[str]) -> Iterator[Scene]:
        lines = [point_of(each) for each in lines[:_MAX_CONTENTS]]
        if heading and len(lines) >= _MIN_CONTENTS:
            yield scene_of(Bullets(heading=heading, items=tuple(lines)), blocks.to_sentences([heading, *lines]))

    def _check(self) -> Iterator[Scene]:
        """Yield the summary, and one question about the text."""
        yield from self._summary()
        for section in self._outline.sections:
            question = self._questions.about(section, sentences_of(section))
            if question is not None:
                yield scene_of(question.quiz, question.narration)
                return

    # ------------------------------------------------------------ questions and answers

    def _questions_and_answers(self) -> Iterator[Scene]:
        """Yield the questions of the lesson; then each section as a question and its answer."""
        questions = [(section, self._question_of(section)) for section in self._outline.sections]
        yield from self._list_of(
            self._phrases.questions, [question for _, question in questions if question.rstrip().endswith(_QUESTION_MARKS)]
        )
        for section, question in questions:
            for scene in self._answer(section, question):
                yield scene.model_copy(update={"chapter": section.chapter[:500]})

    def _question_of(self, section: Section) -> str:
        """Return the question that a section answers: its heading if it is one, or what its first term means; else its heading."""
        if _is_question(section.heading):
            return section.heading
        terms = (defined_term(each, self._phrases) for each in sentences_of(section))
        term = next((each for each in terms if each is not None), None)
        return self._questions.of_term(term) if term is not None else section.heading

    def _answer(self, section: Section, question: str) -> Iterator[Scene]:
        """Yield the question, which viewers think about first, and what the section says, without its less important sentences."""
        if _is_question(question):
            yield scene_of(Title(heading=question[:500]), f"{question} [pause 2s]")
        elif (quiz := self._questions.about(section, sentences_of(section))) is not None:
            yield scene_of(quiz.quiz, quiz.narration)
        yield from self._scenes.of_section(section, _ANSWER_SENTENCES)

    def _repetition(self) -> Iterator[Scene]:
        """Yield questions about sections that were answered before."""
        count = 0
        for section in self._outline.sections:
            question = self._questions.about(section, sentences_of(section))
            if question is not None and count < _MAX_REPETITIONS:
                count += 1
                yield scene_of(question.quiz, question.narration)


def _is_question(text: str) -> bool:
    return text.rstrip().endswith(_QUESTION_MARKS)
