"""Questions of drafted scripts: what a term means, what stands in a table, what belongs to a list, and which word is missing.

Right and wrong answers come from the text alone.
"""

from __future__ import annotations

import heapq
import itertools
import re
from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from lib.text import ends_sentence
from services.lessons.outline_types import DataTable, ItemList, Outline, Section
from services.lessons.phrases import Phrases
from services.lessons.points import point_of
from services.lessons.script import Quiz
from services.lessons.sentences import UNSPACED_LANGUAGES, Ranking, is_prose

_MAX_OPTIONS = 4
_MAX_OPTION_CHARS = 160
_MAX_CELL_CHARS = 80
_MAX_GAP_CHARS = 250
_MAX_ITEM_CHARS = 100
_ARTICLE = re.compile(
    r"^(?:An?|The|Der|Die|Das|Eine?|Le|La|Les|Une?|El|Los|Las|Una|Il|Lo|Gli|O|Os|As|Um|Uma|De|Het|Een)\s+|^L[’']", re.IGNORECASE
)
_ARTICLE_IN_QUESTIONS = ("fr", "es", "it", "pt")
_MAX_TERM_WORDS = 5
# Words of phrases that point to something else, or of clauses: what they begin is not a term.
_NOT_IN_TERMS = frozenset(
    """
    it this that these those he she they we you i there here what which who one ones another other others such each every all
    some both my your his her its our their if when where while as because although since but not only first second third next
    last following same result results reason purpose goal aim idea point example problem question answer value case default
    difference main most best es das dies diese dieser dieses er sie wir ihr man was wer wenn weil als dass hier dort alle jede
    jeder jedes andere nicht nur grund ziel beispiel problem frage ergebnis wert unterschied ce c cela ceci il elle ils elles
    nous vous on qui que si quand mais ici autre raison but exemple problème question résultat esto eso este esta él ella ello
    nosotros que quien si cuando pero aquí otro razón objetivo ejemplo problema pregunta resultado questo questa ciò egli lui lei
    noi che chi se quando ma qui altro motivo scopo esempio problema domanda risultato isto isso ele ela nós que quem se quando
    mas aqui outro motivo objetivo exemplo problema pergunta resultado dit dat deze die hij zij wij wat wie als maar hier ander
    reden doel voorbeeld probleem vraag resultaat
    """.split()  # noqa: SIM905 - a list of this length is unreadable
)
# A sentence that begins with one of these tells what happens then.
_CALENDAR = frozenset(
    """
    january february march april may june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday spring summer autumn winter
    januar februar märz mai juni juli oktober dezember
    montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag frühling sommer herbst
    """.split()  # noqa: SIM905 - a list of this length is unreadable
)
_NOT_A_DEFINITION = re.compile(
    r"(?:the )?(?:only|same|first|second|next|last|following|most|best|worst|other|one (?:that|of the)|result|reason|case|default|latter"
    r"|former|question|problem|more|less)\b|a (?:good|bad|great|few|lot|bit|little|must|long|nice|common mistake|matter)\b"
    r"|(?:der|die|das) (?:einzige|gleiche|selbe|erste|zweite|nächste|letzte|beste|größte|grund)"
    r"|(?:ein|eine) (?:gute|schlechte|große)[rsn]?\b"
    r"|(?:le|la) (?:seule?|même|premi(?:er|ère)|meilleure?|plus)\b|(?:el|la) (?:únic[oa]|mism[oa]|primer[oa]?|mejor|más)\b",
    re.IGNORECASE,
)
# A word after an article or a preposition, and before a mark, a preposition or a verb such as "is". After an adjective, the word could
# be a verb ("the vapour cools in ..."), unless a mark or the like follows.
_NOT_NOUNS = r"(?!th[eo]se|there|others?|which|where|while|after|before|itself|themselves)"
_AFTER_NOUNS = r"[,.;:!?)]|$|\s(?:is|are|was|were|of|and|or|which|that)\b"
_ENGLISH_NOUN = re.compile(
    r"\b(?:the|an?|of|in|with|for|from|by|into|some|no|its|their|his|her|our|your|every|each|many|more|most|less|than|two|three|four)\s+"
    rf"(?:{_NOT_NOUNS}([^\W\d_]{{5,}})(?={_AFTER_NOUNS}|\s(?:has|have|had|in|on|at|to|for|with|by|from|into|can|do|does|will|takes?|needs?)\b)"
    rf"|[a-z-]+\s+{_NOT_NOUNS}([^\W\d_]{{5,}})(?={_AFTER_NOUNS}))",
    re.IGNORECASE,
)
_KEYWORD = re.compile(r"(?<![\w.-])[^\W\d_]{5,}(?![\w(]|[.-]\w)")
# Headings that say nothing about what stands below them.
_GENERIC_HEADINGS = frozenset(
    """
    description overview introduction background example examples notes note usage options details general basics features summary synopsis
    einleitung überblick beispiel beispiele hinweise grundlagen introduction aperçu exemple exemples introducción ejemplo ejemplos
    introduzione esempio esempi introdução exemplo exemplos inleiding voorbeeld voorbeelden
    """.split()  # noqa: SIM905 - a list of this length is unreadable
)


@dataclass(frozen=True)
class DefinedTerm:
    """A term with the text and the sentence that define it. `with_article`: the term as it stands in the sentence."""

    term: str
    text: str
    sentence: str
    with_article: str


@dataclass(frozen=True)
class Question:
    """A quiz and its narration."""

    quiz: Quiz
    narration: str


def defined_term(sentence: str, phrases: Phrases) -> DefinedTerm | None:
    """Return the term that a sentence of the form "X is ..." defines: a noun phrase, and what says what it is."""
    match = re.match(phrases.definition, sentence) if phrases.definition else None
    if match is None or len(match["term"].split()) > _MAX_TERM_WORDS:
        return None
    text, term = match["text"].strip(), match["term"].strip()
    bare_term = _ARTICLE.sub("", term)
    words = {word.casefold() for word in re.findall(r"[^\W_]+", bare_term)}
    if not bare_term or words & _NOT_IN_TERMS or bare_term.casefold() in _CALENDAR or _NOT_A_DEFINITION.match(text):
        return None
    return DefinedTerm(bare_term[:1].upper() + bare_term[1:], text[:1].upper() + text[1:], sentence, term)


class _WordsByLength:
    """The important words of a text, found by their length without looking at all of them."""

    def __init__(self, sentences: Sequence[str], ranking: Ranking, nouns: Container[str] | None) -> None:
        by_kind: dict[tuple[bool, int], list[tuple[float, str]]] = defaultdict(list)
        for word in {word for sentence in sentences for word in _KEYWORD.findall(sentence)}:
            if nouns is not None and word.casefold() not in nouns:
                continue
            if score := ranking.score(word):
                by_kind[word[0].isupper(), len(word)].append((-score, word))
        self._by_kind = {kind: sorted(words) for kind, words in by_kind.items()}
        self._max_length = max((length for _, length in by_kind), default=0)

    def similar_to(self, word: str) -> Iterator[str]:
        """Yield words with the same kind of first letter: those of nearly its length first, of these the most important ones first."""
        for distance in range(max(self._max_length - len(word), len(word)) + 1):
            lengths = {len(word) - distance, len(word) + distance}
            for _, each in heapq.merge(*(self._by_kind.get((word[0].isupper(), length), []) for length in lengths)):
                yield each


class Questions:
    """Asks about one text. No two questions have the same answer."""

    def __init__(self, outline: Outline, sentences: Sequence[str], ranking: Ranking, phrases: Phrases, language: str) -> None:
        self._sentences, self._ranking, self._phrases, self._language = sentences, ranking, phrases, language
        self._lists = [block for section in outline.sections for block in section.blocks if isinstance(block, ItemList)]
        self._answers: set[str] = set()
        is_english = language.partition("-")[0] == "en"
        self._nouns = (
            {(match[1] or match[2]).casefold() for each in sentences for match in _ENGLISH_NOUN.finditer(each)} if is_english else None
        )
        self._words = _WordsByLength(sentences, ranking, self._nouns)
        self.terms = [term for each in sentences if (term := defined_term(each, phrases)) is not None]

    def about(self, section: Section, sentences: Sequence[str]) -> Question | None:
        """Return the best question about a section, which has these sentences."""
        terms = [term for each in sentences if (term := defined_term(each, self._phrases)) is not None]
        for question in self._about(section, sentences, terms):
            if question is not None and question.quiz.options[question.quiz.answer] not in self._answers:
                self._answers.add(question.quiz.options[question.quiz.answer])
                return question
        return None

    def _about(self, section: Section, sentences: Sequence[str], terms: Sequence[DefinedTerm]) -> Iterator[Question | None]:
        yield from (self._term(term) for term in terms)
        yield from (self._cell(block) for block in section.blocks if isinstance(block, DataTable))
        yield from (self._item(section.heading, block) for block in section.blocks if isinstance(block, ItemList) and section.heading)
        for sentence in sorted(sentences, key=lambda each: -self._ranking.score(each)):
            yield self._gap(sentence)

    def of_term(self, term: DefinedTerm) -> str:
        """Return the question for a term; it has a capital letter only if the text writes it so within a sentence."""
        language = self._language.partition("-")[0]
        word = term.with_article if language in _ARTICLE_IN_QUESTIONS else term.term
        is_name = any(f" {word}" in sentence for sentence in self._sentences) or word[1:] != word[1:].lower()
        if language != "de" and not is_name:
            word = word[:1].lower() + word[1:]
        return self._phrases.define.format(word)

    def _term(self, term: DefinedTerm) -> Question | None:
        """Ask for the meaning of a term, with the meanings of others as distractors."""
        other_terms = [each for each in self.terms if each.term.casefold() != term.term.casefold() and each.text != term.text]
        if not other_terms:
            return None
        distractors = [other_terms[(len(term.term) + step) % len(other_terms)].text for step in range(min(3, len(other_terms)))]
        return self._ask(self.of_term(term), term.text, distractors, term.sentence)

    def _cell(self, block: DataTable) -> Question | None:
        """Ask for a cell of the row that differs most from the others; the other cells of its column are distractors."""
        for column in range(1, len(block.columns)):
            cells = [row[column] for row in block.rows]
            rare = [at for at, cell in enumerate(cells) if cell and cells.count(cell) == 1]
            if not rare or not block.columns[column] or max(map(len, cells)) > _MAX_CELL_CHARS:
                continue
            row = block.rows[rare[-1]]
            distractors = list(dict.fromkeys(cell for cell in cells if cell and cell != row[column]))
            if row[0] and distractors:
                return self._ask(f"{row[0]}: {block.columns[column]}?", row[column], distractors, "")
        return None

    def _item(self, heading: str, block: ItemList) -> Question | None:
        """Ask which item belongs to a list; items of other lists are distractors."""
        other_items = [item for other in self._lists if other is not block for item in other.items if len(item) <= _MAX_ITEM_CHARS]
        items = [item for item in block.items if len(item) <= _MAX_ITEM_CHARS]
        if len(other_items) < 2 or not items or not self._phrases.belongs or heading.casefold() in _GENERIC_HEADINGS:
            return None
        return self._ask(self._phrases.belongs.format(heading), max(items, key=self._ranking.score), other_items[:3], "")

    def _gap(self, sentence: str) -> Question | None:
        """Ask for the most important word of a sentence that stands in it once; other words of the text are distractors."""
        if not is_prose(sentence) or len(point_of(sentence)) > _MAX_GAP_CHARS or sentence.rstrip().endswith(":"):
            return None
        keywords = _KEYWORD.findall(point_of(sentence))
        lower_keywords = [word.casefold() for word in keywords]
        words = sorted(
            {
                word
                for word in keywords
                if lower_keywords.count(word.casefold()) == 1
                and word not in self._answers
                and sentence.find(word) > 0
                and self._may_be_noun(word)
            },
            key=lambda word: (-self._ranking.score(word) * len(word), word),
        )
        if not words or not self._ranking.score(words[0]) or self._language.partition("-")[0] in UNSPACED_LANGUAGES:
            return None
        right = words[0]
        similar_words = list(itertools.islice((word for word in self._words.similar_to(right) if word.casefold() not in lower_keywords), 3))
        if len(similar_words) < 2:
            return None
        end = "" if ends_sentence(point_of(sentence)) else "."
        question = f"{self._phrases.cloze} {point_of(sentence).replace(right, '____', 1)}{end}"
        return self._ask(question, right, similar_words, sentence) if "____" in question else None

    def _may_be_noun(self, word: str) -> bool:
        """Whether a word may be missing: verbs and adverbs are too easy to guess or to mistake."""
        return self._nouns is None or (word.casefold() in self._nouns and not word.endswith(("ed", "ing", "ly", "ould")))

    def _ask(self, question: str, right: str, distractors: Sequence[str], explanation: str) -> Question | None:
        answer = point_of(right)
        options = [each for each in dict.fromkeys(map(point_of, distractors)) if 0 < len(each) <= _MAX_OPTION_CHARS and each != answer]
        options = options[: _MAX_OPTIONS - 1]
        if not options or not 0 < len(answer) <= _MAX_OPTION_CHARS:
            return None
        at = len(question) % (len(options) + 1)
        options.insert(at, answer)
        quiz = Quiz(
            question=question[:500],
            options=tuple(options),
            answer=at,
            explanation=point_of(explanation) if explanation else "",
        )
        return Question(quiz, f"{question.replace('____', '…')} [pause 3s] {self._phrases.answer.format(answer)}")
