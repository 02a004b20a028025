"""Draft scripts from a text without a language model. All that is said stands in the text; only headings and questions are added.

Three variants: an overview of the most important sentences, the whole text, and questions with answers.
"""

from __future__ import annotations

import enum
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import errors
from lib.text import HAN_AND_KANA, clean_text, ends_sentence
from services.lessons import blocks
from services.lessons.outline import Block, CodeBlock, DataTable, FormulaBlock, ItemList, Outline, Paragraph, Section, outline_of
from services.lessons.phrases import Phrases, phrases_of
from services.lessons.script import (
    MAX_NARRATION_CHARS,
    MAX_SCENES,
    Bullets,
    Content,
    Definition,
    LessonScript,
    Quiz,
    Scene,
    Summary,
    Title,
    TwoColumns,
)
from services.lessons.sentences import UNSPACED_LANGUAGES, Ranking, detect_language, shorten, split_long, split_sentences

MAX_TEXT_CHARS = 400_000
_MAX_SENTENCES_PER_SCENE = 3
_MAX_WORDS_PER_SCENE = 60
_OVERVIEW_SENTENCES = 3
_MAX_BULLET_CHARS = 110
_MAX_SUMMARY_ITEMS = 6
_MAX_DEFINITION_CHARS = 400
_MAX_CONTENTS = 8
_MIN_CONTENTS = 3
_ARTICLE = re.compile(
    r"^(?:An?|The|Der|Die|Das|Eine?|Le|La|Les|Une?|El|Los|Las|Una|Il|Lo|Gli|O|Os|As|Um|Uma|De|Het|Een)\s+|^L[’']", re.IGNORECASE
)
_ARTICLE_IN_QUESTIONS = ("fr", "es", "it", "pt")
_CJK_SPACE = re.compile("([。！？])\\s+")
_CJK_END = re.compile(f"[{HAN_AND_KANA}]$")
_KEYWORD = re.compile(r"[^\W\d_]{5,}")


class Variant(enum.IntEnum):
    """What a draft is like."""

    OVERVIEW = 1
    DETAILED = 2
    QUESTIONS = 3


@dataclass(frozen=True)
class DefinedTerm:
    """A term with the text and the sentence that define it. `with_article`: the term as it stands in the sentence."""

    term: str
    text: str
    sentence: str
    with_article: str


def draft(text: str, title: str = "", *, language: str = "", variant: int = Variant.DETAILED) -> LessonScript:
    """Return a script of a text in Markdown or plain text, in the language of the text. Raises NothingToDraft."""
    outline = outline_of(text[:MAX_TEXT_CHARS])
    return draft_outline(outline, title, language=language, variant=variant)


def draft_outline(outline: Outline, title: str = "", *, language: str = "", variant: int = Variant.DETAILED) -> LessonScript:
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
        self._outline, self._language, self._variant = outline, language, variant
        self._phrases = phrases_of(language)
        self._sentences = [each for section in outline.sections for each in _sentences_of(section)]
        self._ranking = Ranking(self._sentences, language)
        self._title = clean_text(title) or outline.title or self._first_words()
        self._terms: list[DefinedTerm] = [term for each in self._sentences if (term := defined_term(each, self._phrases)) is not None]

    def script(self) -> LessonScript:
        body = list(itertools.islice(self._body(), MAX_SCENES))
        ends = [scene for scene in (self._summary(),) if scene is not None]
        if self._variant is Variant.DETAILED:
            ends += self._quizzes(self._terms[:1])
        scenes = [self._title_scene(), *self._contents(), *body]
        scenes = [*scenes[: MAX_SCENES - len(ends)], *ends]
        return LessonScript(
            title=self._title[:500],
            language=self._language,
            scenes=tuple(scene.model_copy(update={"id": f"s{number}"}) for number, scene in enumerate(scenes, 1)),
        )

    # ------------------------------------------------------------ beginning and end

    def _first_words(self) -> str:
        term = defined_term(self._sentences[0], self._phrases) if self._sentences else None
        if term is not None:
            return term.term
        headings = [section.heading for section in self._outline.sections if section.heading]
        text = headings[0] if headings else (self._sentences or ["…"])[0]
        return shorten(text, 70)

    def _title_scene(self) -> Scene:
        chapters = list(dict.fromkeys(section.chapter for section in self._outline.sections if section.chapter))
        subtitle = " · ".join(chapters[:3]) if len(" · ".join(chapters[:3])) <= 120 else ""
        return _scene(Title(heading=self._title[:500], subtitle=subtitle), self._title)

    def _contents(self) -> list[Scene]:
        chapters = list(dict.fromkeys(section.chapter for section in self._outline.sections if section.chapter))
        if self._variant is Variant.QUESTIONS or len(chapters) < _MIN_CONTENTS or not self._phrases.contents:
            return []
        chapters = [shorten(each, _MAX_BULLET_CHARS) for each in chapters[:_MAX_CONTENTS]]
        return [
            _scene(Bullets(heading=self._phrases.contents, items=tuple(chapters)), ". ".join([self._phrases.contents, *chapters]) + ".")
        ]

    def _summary(self) -> Scene | None:
        """Return a scene with the best sentence of each section, if the text has several."""
        best = [self._ranking.best(each, 1, section.heading)[0] for section in self._outline.sections if (each := _sentences_of(section))]
        if len(best) < 2:
            best = self._ranking.best(self._sentences, 3, self._title) if len(self._sentences) > 4 else []
        best = self._ranking.best(list(dict.fromkeys(best)), _MAX_SUMMARY_ITEMS)
        if not best:
            return None
        heading = self._phrases.summary
        items = tuple(shorten(each, _MAX_BULLET_CHARS) for each in best)
        return _scene(Summary(heading=heading, items=items), " ".join([f"{heading}." if heading else "", *best]).strip(), heading)

    def _quizzes(self, terms: Sequence[DefinedTerm]) -> list[Scene]:
        """Return questions for the meaning of terms, with the meanings of others as wrong answers; else a gap in a sentence."""
        questions = [scene for term in terms if (scene := self._term_quiz(term)) is not None]
        if not questions and self._sentences:
            sentence = self._ranking.best(self._sentences, 1)[0]
            gap = self._gap_quiz(sentence)
            questions = [gap] if gap is not None else []
        return questions

    def _term_quiz(self, term: DefinedTerm) -> Scene | None:
        others = [each for each in self._terms if each.term.casefold() != term.term.casefold() and each.text != term.text]
        if not others:
            return None
        wrong = [others[(len(term.term) + step) % len(others)].text for step in range(min(3, len(others)))]
        options = list(dict.fromkeys(shorten(text, 160) for text in (*wrong, term.text)))
        right = shorten(term.text, 160)
        options.remove(right)
        answer = len(term.sentence) % (len(options) + 1)
        options.insert(answer, right)
        if len(options) < 2:
            return None
        return self._quiz(self._question(term), options, answer, term.sentence)

    def _question(self, term: DefinedTerm) -> str:
        """Return the question for a term; it has a capital letter only if the text writes it so within a sentence."""
        language = self._language.partition("-")[0]
        word = term.with_article if language in _ARTICLE_IN_QUESTIONS else term.term
        is_name = any(f" {word}" in sentence for sentence in self._sentences) or word[1:] != word[1:].lower()
        if language != "de" and not is_name:
            word = word[:1].lower() + word[1:]
        return self._phrases.define.format(word)

    def _gap_quiz(self, sentence: str) -> Scene | None:
        """Return a question for the most important word of a sentence; other words of the text are wrong answers."""
        words = sorted(set(_KEYWORD.findall(sentence)), key=lambda word: (-self._ranking.score(word), word))
        if not words or self._language.partition("-")[0] in UNSPACED_LANGUAGES:
            return None
        right = words[0]
        known = {word.casefold() for word in _KEYWORD.findall(sentence)}
        others = sorted(
            {word for each in self._sentences for word in _KEYWORD.findall(each) if word.casefold() not in known},
            key=lambda word: (abs(len(word) - len(right)), -self._ranking.score(word), word),
        )
        if len(others) < 2:
            return None
        options = others[:3]
        answer = len(sentence) % (len(options) + 1)
        options.insert(answer, right)
        question = f"{self._phrases.cloze} {sentence.replace(right, '____', 1)}"
        return self._quiz(shorten(question, 300), options, answer, sentence)

    def _quiz(self, question: str, options: Sequence[str], answer: int, explanation: str) -> Scene:
        content = Quiz(question=question[:500], options=tuple(options), answer=answer, explanation=shorten(explanation, 300))
        spoken = question.replace("____", "…")
        return _scene(content, f"{spoken} [pause 3s] {self._phrases.answer.format(options[answer])}")

    # ------------------------------------------------------------ sections

    def _body(self) -> Iterator[Scene]:
        """Yield the scenes of all sections; of long texts the overview leaves out less important sections."""
        skipped = 0
        for number, section in enumerate(self._outline.sections):
            if number < skipped:
                continue
            columns = self._columns(number)
            if columns is not None:
                skipped = number + 3
                if any(not isinstance(block, Paragraph) or blocks.is_chain(block.text) for block in section.blocks):
                    yield from (scene.model_copy(update={"chapter": section.chapter[:500]}) for scene in self._section(section))
                yield columns.model_copy(update={"chapter": section.chapter[:500]})
                continue
            for scene in self._section(section):
                yield scene.model_copy(update={"chapter": section.chapter[:500]})

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

    def _section(self, section: Section) -> Iterator[Scene]:
        lead = ""
        count = 0
        for block in section.blocks:
            if isinstance(block, Paragraph):
                sentences = _sentences_in(block.text)
                chain = blocks.diagram(section.heading, block.text)
                if chain is not None:
                    yield _scene(chain, block.text)
                    continue
                if sentences and sentences[-1].rstrip().endswith((":", "：")):
                    lead = sentences.pop()  # it introduces the next block
                for scene in self._paragraph(section, sentences, is_first=count == 0):
                    yield scene
                    count += 1
            else:
                yield from self._block(section, block, lead)
                lead = ""
                count += 1
        if lead:
            yield _scene(Bullets(heading=section.heading, items=(shorten(lead, _MAX_BULLET_CHARS),)), lead)
        if self._variant is Variant.QUESTIONS:
            own = [term for each in _sentences_of(section) if (term := defined_term(each, self._phrases)) is not None]
            yield from self._quizzes(own[:2]) if own else self._section_gap(section)

    def _section_gap(self, section: Section) -> Iterator[Scene]:
        sentences = _sentences_of(section)
        gap = self._gap_quiz(self._ranking.best(sentences, 1, section.heading)[0]) if sentences else None
        if gap is not None:
            yield gap

    def _paragraph(self, section: Section, sentences: Sequence[str], *, is_first: bool) -> Iterator[Scene]:
        if self._variant is Variant.OVERVIEW and sentences:
            if not is_first and len(self._outline.sections) > 12:
                return
            sentences = self._ranking.best(sentences, _OVERVIEW_SENTENCES if is_first else 2, section.heading)
        splits_terms = self._variant is not Variant.OVERVIEW
        for group in _groups(sentences, lambda each: splits_terms and defined_term(each, self._phrases) is not None):
            term = defined_term(group[0], self._phrases)
            if term is not None and self._variant is not Variant.OVERVIEW:
                heading = self._question(term)
                example = shorten(group[1], 200) if len(group) == 2 else ""
                if self._variant is Variant.QUESTIONS:
                    yield _scene(Title(heading=heading), heading)
                yield _scene(
                    Definition(term=term.term, definition=_definition(term.text), example=example),
                    " ".join(group[:2] if example else group[:1]),
                )
                group = group[2:] if example else group[1:]
            if group:
                items = tuple(shorten(each, _MAX_BULLET_CHARS) for each in group)
                yield _scene(Bullets(heading=section.heading or self._title[:500], items=items), " ".join(group))

    def _block(self, section: Section, block: Block, lead: str) -> Iterator[Scene]:
        """Yield the scenes of a list, table, code, formula or quote. `lead`: the sentence that introduces it."""
        for content, narration in self._contents_of(section.heading or self._title[:500], block):
            yield _scene(content, " ".join(filter(None, [lead, narration])) or section.heading)
            lead = ""

    def _contents_of(self, heading: str, block: Block) -> Iterator[tuple[Content, str]]:
        """Yield what is shown and said of a block. Tables of numbers are a chart, a table, or both."""
        chart = blocks.chart(heading, block)
        if isinstance(block, DataTable):
            if self._variant is not Variant.OVERVIEW:
                yield from blocks.tables(heading, block)
            elif chart is None:
                yield next(blocks.tables(heading, block))
            if chart is not None and self._variant is Variant.OVERVIEW:
                yield chart
            elif chart is not None and self._variant is Variant.DETAILED:
                yield chart[0], blocks.spoken_maximum(block)  # the table before it says the rest
        elif chart is not None:
            yield chart
        elif isinstance(block, ItemList):
            yield from blocks.bullets(heading, block.items[:_MAX_CONTENTS] if self._variant is Variant.OVERVIEW else block.items)
        else:
            yield from blocks.special(heading, block)


def defined_term(sentence: str, phrases: Phrases) -> DefinedTerm | None:
    """Return the term that a sentence of the form "X is ..." defines."""
    match = re.match(phrases.definition, sentence) if phrases.definition else None
    if match is None or len(match["term"].split()) > 6:
        return None
    text = match["text"].strip()
    term = match["term"].strip()
    bare = _ARTICLE.sub("", term)
    if not bare or bare.casefold() in (
        "it",
        "this",
        "that",
        "he",
        "she",
        "there",
        "es",
        "das",
        "dies",
        "er",
        "sie",
        "ce",
        "c",
        "il",
        "elle",
    ):
        return None
    return DefinedTerm(bare[:1].upper() + bare[1:], text[:1].upper() + text[1:], sentence, term)


def _groups(sentences: Iterable[str], begins: Callable[[str], bool]) -> Iterator[list[str]]:
    """Divide sentences into groups that fit on a slide; a sentence that `begins` accepts is the first of its group."""
    group: list[str] = []
    words = 0
    for sentence in sentences:
        length = max(len(sentence.split()), len(sentence) // 8)
        if group and (begins(sentence) or len(group) >= _MAX_SENTENCES_PER_SCENE or words + length > _MAX_WORDS_PER_SCENE):
            yield group
            group, words = [], 0
        group.append(sentence)
        words += length
    if group:
        yield group


def _definition(text: str) -> str:
    return text if len(text) <= _MAX_DEFINITION_CHARS else shorten(text, _MAX_DEFINITION_CHARS)


def _sentences_in(text: str) -> list[str]:
    """Return the sentences of a paragraph; one that is too long for a scene is divided."""
    return [part for sentence in split_sentences(text) for part in split_long(sentence)]


def _sentences_of(section: Section) -> list[str]:
    return [
        each
        for block in section.blocks
        if isinstance(block, Paragraph) and not blocks.is_chain(block.text)
        for each in _sentences_in(block.text)
        if not each.rstrip().endswith((":", "："))
    ]


def _scene(content: Content, narration: str, chapter: str = "") -> Scene:
    text = _CJK_SPACE.sub(r"\1", clean_text(narration))
    if text and not ends_sentence(text):
        text = text.rstrip(":：")
        text += "。" if _CJK_END.search(text) else "."
    if len(text) > MAX_NARRATION_CHARS:
        text = split_long(text, MAX_NARRATION_CHARS)[0]
    return Scene(id="s", narration=text, content=content, chapter=chapter)
