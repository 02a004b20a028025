"""Finds the terms of lecture notes: phrases of slides that are also spoken, phrases that are said often, and those that are defined.

No dictionary is needed: a word is a term if slides show it or a sentence defines it, and if it is used as a noun (with an article before
it, or with a capital letter in German). Languages without spaces between words have the short lines of their slides as terms.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from domain import LectureNotes, Segment, Slide
from domain import Word as SpokenWord
from lib.text import clean_text, ends_sentence
from services.search.analysis import fold
from services.terms.definitions import as_entry, find_definition, points_back, without_tag
from services.terms.general_words import is_general, singulars
from services.terms.verbs import names_something
from services.terms.words import BREAK, DETERMINERS, ENGLISH_DETERMINERS, Key, Word, phrases_of, words_of

MAX_TERMS = 150
_MIN_TERMS = 8
_WORDS_PER_TERM = 30
_MIN_SPOKEN, _MIN_SPOKEN_UNSEEN = 2, 3
_MAX_UNSPACED_CHARACTERS = 12
_MIN_NOUN_SHARE = 0.25
_MIN_SMALL_SHARE = 0.25
_MAX_OBJECT_SHARE = 0.3
_MIN_NAME_SHARE = 0.5
_MAX_CAPITAL_SHARE = 0.5
_BEING = "be"  # the stem of "being"
_MAX_SHARE, _MIN_PARAGRAPHS_FOR_SHARE = 0.15, 40


@dataclass(frozen=True)
class Mention:
    """A place in the notes: a slide, or a paragraph by its start in seconds (None for the slide itself).

    `time_s`: of the first sentence of the paragraph with the term. `positions`: where the term is in the text of the paragraph, from 0
    at its start to 1 at its end.
    """

    slide: int
    paragraph_s: float | None
    time_s: float
    positions: tuple[float, ...] = ()


@dataclass(frozen=True)
class Term:
    """A term with its mentions in order; `definition` is "" if no sentence defines it, `defined_at` the place of that sentence."""

    text: str
    mentions: tuple[Mention, ...]
    definition: str = ""
    defined_at: Mention | None = None


@dataclass(frozen=True)
class _Sentence:
    text: str
    place: Mention
    words: tuple[Word, ...]
    start: float  # in the text of its paragraph, from 0 to 1
    share: float  # of the text of its paragraph


@dataclass
class _Candidate:
    spoken_forms: list[tuple[int, str]] = field(default_factory=list)  # (sentence, form)
    slides: dict[int, Mention] = field(default_factory=dict)
    titles: int = 0
    is_word: bool = False
    forms: Counter[str] = field(default_factory=Counter)
    first_forms: Counter[str] = field(default_factory=Counter)  # at the start of a sentence, in small letters
    names: int = 0  # how often it has capital letters inside a sentence, where only names have them
    nouns: int = 0  # how often it follows an article, or is a whole item of a slide
    items: int = 0  # how often it is a whole item of a slide
    objects: int = 0  # how often an article follows it, as one follows a verb: "supports the", "occurring as a"

    @property
    def form(self) -> str:
        """The most frequent form, in small letters where it is often written so."""
        counts: Counter[str] = Counter()
        for form, count in [*self.forms.items(), *self.first_forms.items()]:
            counts[form.lower()] += count
        lower = min(counts, key=lambda form: (-counts[form], len(form), form))
        inside, first = ({form: count for form, count in each.items() if form.lower() == lower} for each in (self.forms, self.first_forms))
        forms = first if first and not any(inside.values()) else inside
        if _MIN_SMALL_SHARE * sum(forms.values()) <= forms.get(lower, -1):
            return lower
        return min(forms, key=lambda form: (-forms[form], form))

    @property
    def is_name(self) -> bool:
        """Whether it has capital letters where only names have them."""
        return self.names > _MIN_NAME_SHARE * self.forms.total()

    @property
    def is_noun(self) -> bool:
        """Whether it is a noun: always a phrase that was one once, a word only if it often is ("the installed", "is installed")."""
        if self.objects > _MAX_OBJECT_SHARE * len(self.spoken_forms):
            return False
        if self.nouns >= max(1.0, _MIN_NOUN_SHARE * len(self.spoken_forms) if self.is_word else 0.0):
            return True
        return self.is_name and (not self.is_word or len({sentence for sentence, _ in self.spoken_forms}) >= _MIN_SPOKEN)


def find_terms(notes: LectureNotes, slide_lines: Mapping[int, Sequence[str]]) -> tuple[Term, ...]:
    """Return the terms in alphabetical order.

    `slide_lines`: the text of each slide by its number, without listings.
    """
    language = (notes.language or "en")[:2].lower()
    sentences = list(_sentences(notes, language))
    candidates: dict[Key, _Candidate] = defaultdict(_Candidate)
    for slide in notes.slides:
        for index, line in enumerate([slide.title, *slide_lines.get(slide.number, ())]):
            _add_line(candidates, clean_text(line), slide, language, is_title=index == 0)
    has_names = language != "de" and _has_small_letters(sentences)
    for number, sentence in enumerate(sentences):
        _add_sentence(candidates, number, sentence, language, has_names=has_names)
    definitions = {key: place for key, each in candidates.items() if (place := _definition(each, sentences, language)) is not None}
    keys = _choose(candidates, definitions, sentences, language)
    terms = [_term(candidates[key], definitions.get(key), sentences, language) for key in keys]
    return tuple(sorted(terms, key=lambda term: (fold(term.text), term.text)))


def _sentences(notes: LectureNotes, language: str) -> Iterator[_Sentence]:
    places = [(slide.number, paragraph) for slide in notes.slides for visit in slide.visits for paragraph in visit.paragraphs]
    places += [(0, paragraph) for paragraph in notes.unplaced]
    for slide, paragraph in sorted(places, key=lambda place: place[1].start_s):
        yield from _sentences_of(paragraph, slide, language)


def _sentences_of(paragraph: Segment, slide: int, language: str) -> Iterator[_Sentence]:
    parts = list(_divide(paragraph.words))
    length, start = max(1, sum(len(spoken_text) for spoken_text, _ in parts)), 0
    for spoken_text, start_s in parts:
        text = clean_text(spoken_text)
        place = Mention(slide, paragraph.start_s, start_s)
        yield _Sentence(text, place, words_of(text, language), start / length, len(spoken_text) / length)
        start += len(spoken_text)


def _divide(words: Sequence[SpokenWord]) -> Iterator[tuple[str, float]]:
    """Yield the text and the start of each sentence."""
    first, last = 0, len(words) - 1
    for index, word in enumerate(words):
        if index < last and (word.text[-1:].isalnum() or not ends_sentence(word.text)):
            continue
        sentence_words = words[first : index + 1]
        start_s = next((each.start_s for each in sentence_words if each.text.strip()), word.start_s)
        yield "".join([each.text for each in sentence_words]), start_s
        first = index + 1


def _add_line(candidates: dict[Key, _Candidate], line: str, slide: Slide, language: str, *, is_title: bool) -> None:
    mention = Mention(slide.number, None, slide.visits[0].time.start_s if slide.visits else 0.0)
    for part in re.split(r"[,;:.()\[\]/|·–—=→]+", line):
        words = words_of(part, language)
        length = sum(not word.folded_text.isdigit() for word in words)
        if any(word.is_unspaced for word in words):
            phrases: list[tuple[Key, str]] = [((part.strip(),), part.strip())] if len(part.strip()) <= _MAX_UNSPACED_CHARACTERS else []
        else:
            phrases = [(key, form) for _, key, form in phrases_of(words)]
        for key, form in phrases:
            candidate = candidates[key]
            candidate.slides.setdefault(slide.number, mention)
            candidate.titles += is_title
            candidate.forms[form] += 0  # a form of speech is preferred: titles have capital letters
            candidate.nouns += 1 < len(key) == length
            candidate.items += len(key) == length


def _add_sentence(candidates: dict[Key, _Candidate], number: int, sentence: _Sentence, language: str, *, has_names: bool) -> None:
    for at, key, form in phrases_of(sentence.words):
        candidate = candidates[key]
        candidate.spoken_forms.append((number, form))
        if at or language == "de":
            candidate.forms[form] += 1
        else:
            candidate.first_forms[_without_first_capital(form)] += 1
        after = sentence.words[at + len(key)] if at + len(key) < len(sentence.words) else None
        before = sentence.words[at - 1] if at else None
        ends_phrase = after is None or not (after.is_content or after.ends_compound)
        is_passive = key[-1] == _BEING and after not in (None, BREAK) and not after.is_function  # "the function being called"
        has_capital = language == "de" and at > 0 and form[:1].isupper()
        has_article = before is not None and before.folded_text in DETERMINERS
        is_owned = "\u2019s " in form and ends_phrase  # Newton's method
        candidate.is_word = len(key) == 1
        if has_names and ends_phrase and at > 0 and form[0].isupper():
            candidate.names += all(word.text[0].isupper() for word in sentence.words[at : at + len(key)] if word.is_content)
        candidate.objects += language == "en" and after is not None and after.folded_text in ENGLISH_DETERMINERS
        candidate.nouns += has_capital or is_owned or (has_article and not is_passive and (ends_phrase or len(key) > 1))
    if not sentence.text.isascii() and any(word.is_unspaced for word in sentence.words):
        for key, candidate in candidates.items():
            if len(key) == 1 and key[0] in sentence.text and not key[0].isascii():
                count = sentence.text.count(key[0])
                candidate.spoken_forms += [(number, key[0])] * count
                candidate.forms[key[0]] += count
                candidate.nouns += count


def _has_small_letters(sentences: Sequence[_Sentence]) -> bool:
    """Whether capital letters tell names from other words: not in subtitles in capital letters, or in headlines' style."""
    return sum(each.text.isupper() or each.text.istitle() for each in sentences if len(each.words) > 1) <= _MAX_CAPITAL_SHARE * len(
        sentences
    )


def _without_first_capital(form: str) -> str:
    """Return a form from the start of a sentence as it is inside one, unless it is an abbreviation or a name of several words."""
    is_name = form[1:2].isupper() or (" " in form and form.rpartition(" ")[2][:1].isupper())
    return form if is_name else form[:1].lower() + form[1:]


def _definition(candidate: _Candidate, sentences: Sequence[_Sentence], language: str) -> int | None:
    if not candidate.is_noun or not candidate.spoken_forms:
        return None
    texts = [(sentences[number].text, form) for number, form in candidate.spoken_forms]
    index = find_definition(texts[0][1], texts, language)
    return None if index is None else candidate.spoken_forms[index][0]


def _choose(
    candidates: Mapping[Key, _Candidate],
    definitions: Mapping[Key, int],
    sentences: Sequence[_Sentence],
    language: str,
) -> list[Key]:
    """Return the best candidates. One that is almost only said as part of a longer one is left out."""
    scores = {key: _score(key, each, key in definitions, language) for key, each in candidates.items()}
    total = len({sentence.place.paragraph_s for sentence in sentences})
    scores |= {
        key: 0.0 for key, each in candidates.items() if len(key) == 1 and key not in definitions and _is_everywhere(each, sentences, total)
    }
    limit = min(MAX_TERMS, max(_MIN_TERMS, sum(len(sentence.words) for sentence in sentences) // _WORDS_PER_TERM))
    keys: list[Key] = []
    inside: Counter[Key] = Counter()
    for key in sorted((key for key, score in scores.items() if score > 0), key=lambda key: (-len(key), -scores[key], key)):
        count_alone = len(candidates[key].spoken_forms) - inside[key]
        if inside[key] and count_alone < _MIN_SPOKEN:
            continue
        keys.append(key)
        for part in _parts(key):
            inside[part] += len(candidates[key].spoken_forms)
    return sorted(keys, key=lambda key: (-scores[key], key))[:limit]


def _is_everywhere(candidate: _Candidate, sentences: Sequence[_Sentence], total: int) -> bool:
    """Whether a term occurs in too many paragraphs of a long talk to be useful in an index. `total`: number of all paragraphs."""
    if total < _MIN_PARAGRAPHS_FOR_SHARE or len(candidate.spoken_forms) <= _MAX_SHARE * total:
        return False
    paragraphs = {sentences[number].place.paragraph_s for number, _ in candidate.spoken_forms}
    return len(paragraphs) > _MAX_SHARE * total


def _parts(key: Key) -> Iterator[Key]:
    for count in range(1, len(key)):
        for at in range(len(key) - count + 1):
            yield key[at : at + count]


def _score(key: Key, candidate: _Candidate, is_defined: bool, language: str) -> float:
    """Return how likely a candidate is a term; 0 if it is none."""
    spoken_count, slides = len(candidate.spoken_forms), len(candidate.slides)
    if not candidate.is_noun or not spoken_count or not names_something(re.split(r"[ -]", candidate.form.lower()), key, language):
        return 0.0
    is_phrase = len(key) > 1
    if not is_phrase and is_general(candidate.form.lower(), language) and not is_defined and not candidate.items:
        return 0.0
    is_established = is_defined or slides > 0 or ((is_phrase or candidate.is_name) and spoken_count >= _MIN_SPOKEN_UNSEEN)
    if not is_established or (not is_phrase and not is_defined and spoken_count < _MIN_SPOKEN):
        return 0.0
    if is_phrase and spoken_count + slides < 2 and not is_defined:
        return 0.0
    return (spoken_count + 2.0 * slides + 3.0 * min(1, candidate.titles) + 4.0 * is_defined) * (1.5 if is_phrase else 1.0)


def _spoken_mentions(candidate: _Candidate, sentences: Sequence[_Sentence]) -> Iterator[Mention]:
    """Yield a mention for each paragraph."""
    by_paragraph: dict[float | None, list[tuple[_Sentence, str]]] = defaultdict(list)
    for number, form in candidate.spoken_forms:
        by_paragraph[sentences[number].place.paragraph_s].append((sentences[number], form))
    for uses in by_paragraph.values():
        yield replace(uses[0][0].place, positions=tuple(dict.fromkeys(_position(sentence, form) for sentence, form in uses)))


def _position(sentence: _Sentence, form: str) -> float:
    """Return where a term is in the text of its paragraph, from 0 to 1."""
    at = max(0, sentence.text.find(form.replace("\u2019s ", "'s ") if "\u2019" not in sentence.text else form))
    return round(sentence.start + sentence.share * at / max(1, len(sentence.text)), 3)


def _term(candidate: _Candidate, definition: int | None, sentences: Sequence[_Sentence], language: str) -> Term:
    text = candidate.form
    mentions = sorted(
        [*candidate.slides.values(), *_spoken_mentions(candidate, sentences)], key=lambda each: (each.time_s, each.paragraph_s is not None)
    )
    if definition is None:
        return Term(text, tuple(mentions))
    sentence = sentences[definition]
    if not re.search(rf"\b{re.escape(text)}\b", sentence.text, re.IGNORECASE):
        form = next(form for number, form in candidate.spoken_forms if number == definition)
        if text.lower() not in singulars(form.lower()):  # another word of the same stem is defined
            text = form
    needs_lead = definition > 0 and points_back(sentence.text) and f"{text}:" not in sentence.text
    lead = f"{sentences[definition - 1].text} " if needs_lead else ""
    return Term(text, tuple(mentions), lead + (without_tag(sentence.text) if lead else as_entry(sentence.text, language)), sentence.place)
