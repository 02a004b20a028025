"""Finds the sentence that defines a term, by the words around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from services.captions.function_words import function_words
from services.terms.common_words import is_common

# "The list is the same" and "A hash table is a good idea" define nothing.
_UNINFORMATIVE = (
    r"(?:the\s+(?:same|only|problem|reason|question|point|case)|"
    r"an?\s+(?:lot|bit|little|good|great|nice|bad|big|huge|different|problem|pain|mess|must))\b"
)
_ADVERB = r"(?:basically|essentially|actually|really|usually|just|simply)"
# By language: the words after a term at the start of a sentence, and the words before a term.
_AFTER = {
    "en": rf"(?:(?:is|are)\s+(?:{_ADVERB}\s+)?(?:(?!{_UNINFORMATIVE})(?:an?|the|any|every|one)|"
    r"defined\s+(?:as|by|to)|called|what|how|when|where|nothing\s+but)|"
    rf"was\s+(?!{_UNINFORMATIVE})(?:an?|one)|"  # "the value was the element" tells what happened
    r"are\s+(?!not|all|so|very)(?:(?:\w+\s+){1,3}(?:that|which|who|whose)|(?:\w+\s+)?\w+s\s+of)|"
    r"means|refers?\s+to|denotes?|stands?\s+for|describes?|consists?\s+of|turns?)\b",
    "de": r"(?:ist|sind)\s+(?:ein\w*|der|die|das|jede\w*|nichts)\b|heißt\b|bedeutet\b|bezeichnet\b|nennt\s+man\b|beschreibt\b|"
    r"besteht\s+aus\b",
    "fr": r"(?:est|sont)\s+(?:une?|des|les?|la|l['’])|désigne\b|signifie\b|s['’]appelle\b|se\s+définit\b",
    "es": r"(?:es|son)\s+(?:una?|unos|unas|el|la|los|las)\b|significa\b|se\s+define\b|se\s+llama\b|consiste\s+en\b",
    "it": r"(?:è|sono)\s+(?:un['’]|una?|uno|il|lo|la|i|gli|le)\b|significa\b|si\s+definisce\b|indica\b|consiste\s+in\b",
    "pt": r"(?:é|são)\s+(?:uma?|uns|umas|o|a|os|as)\b|significa\b|define-se\b|chama-se\b|consiste\s+em\b",
}
_BEFORE = {
    "en": r"(?:called|known\s+as|call\s+(?:it|this|that|these|them|such\s+\w+)|term(?:ed)?)\s+(?:an?\s+|the\s+)?",
    "de": r"(?:heißt|heißen|genannt|nennt\s+man|nennen\s+wir|sogenannte\w*|bezeichnet\s+man\s+als|Begriff)\s+"
    r"(?:das\s+|dies\s+|ein\w*\s+|d\w{2}\s+)?",
    "fr": r"(?:appelle|appelée?|nommée?|dite?)\s+(?:une?\s+|les?\s+|la\s+|l['’])?",
    "es": r"(?:llama|llamamos|llamad[oa]|denomina)\s+(?:una?\s+|el\s+|la\s+)?",
    "it": r"(?:chiama|chiamiamo|chiamat[oa]|dett[oa])\s+(?:una?\s+|il\s+|la\s+|un['’])?",
    "pt": r"(?:chama|chamamos|chamad[oa]|denominad[oa])\s+(?:uma?\s+|o\s+|a\s+)?",
}
_AROUND = {"en": r"\bdefine\s+(?:an?\s+|the\s+)?TERM\s+(?:as|to\s+be)\b"}
_CALLED_PATTERN = 1  # the number of the pattern that ends with the term
_NOT_AFTER = {"as", "a", "an", "the"}  # "we call this case a collision" defines no case
# The start of an explanation after a colon, other than of what the term introduces ("with the following syntax: If ...").
_EXPLANATION = r"(?-i:an?|the|any|one|how|what|when|ein\w*|der|die|das|wie|une?|les?|la|un[ao]?|el|los|las|il|lo|i|gli|uma?|os?|as?)\b"
_ARTICLE = (
    r"(?:(?:so|now|and|but|well|here|also|nun|und|aber|donc|et|pues|y)\W+)?"
    r"(?:an?|the|our|ein\w*|der|die|das|une?|les?|la|l['’]|el|los|las|il|lo|gli|uma?|os?|as?)?\s*"
)
_REFERS_BACK = re.compile(
    r"(?:and\s+|so\s+|und\s+|et\s+|y\s+)?"
    r"(?:this|that|it|these|they|such|dies\w*|das|es|man|wir|we|c['’]est|cela|on|esto|eso|se|questo|si|isto|isso)\b",
    re.IGNORECASE,
)
_PRONOUN = r"(?:i|we|you|he|she|it|they|ich|wir|du|sie|er|es|man|je|nous|vous|il|elle|on)"
_QUESTION = re.compile(r"[?？]\s*$")
_OPENINGS = {
    "en": r"(?:So|And|But|Now|Also)\b,?|(?:Okay|OK|Well|Right|Yeah|Yes),",
    "de": r"(?:Und|Aber|Nun|Also)\b,?|(?:Gut|Okay|Ja),",
    "fr": r"(?:Et|Mais|Donc)\b,?|(?:Bon|Alors|Bien),",
    "es": r"(?:Pero|Entonces|Pues)\b,?|(?:Bueno|Bien),",
    "it": r"(?:Ma|Quindi|Allora)\b,?|(?:Bene|Ok),",
    "pt": r"(?:Mas|Então)\b,?|(?:Bom|Bem),",
}
_TAG = re.compile(
    r",\s*(?:right|ok|okay|yes|yeah|no|correct|huh|(?:is|are|does|do|was)n['’]t\s+(?:it|they)|oder|nicht\s+wahr|ne|gell|"
    r"n['’]est-ce\s+pas|non|d['’]accord|verdad|vale|sí|vero|giusto|no\s+é|né|certo)\s*\?$",
    re.IGNORECASE,
)
_MIN_CHARACTERS = 20
_MAX_CHARACTERS = 400


def find_definition(term: str, sentences: Sequence[tuple[str, str]], language: str) -> int | None:
    """Return the index of the sentence that defines the term, None if there is none.

    `sentences`: the sentences that contain the term, each with the form of the term in it.
    """
    code = language[:2].lower()
    for number, pattern in enumerate(_patterns(code)):
        for index, (sentence, form) in enumerate(sentences):
            if number in _matching_patterns(sentence, code):
                match = re.search(pattern.replace("TERM", re.escape(form)), sentence, re.IGNORECASE)
                if match and not (number == _CALLED_PATTERN and _continues_term(sentence[match.end() :], code)):
                    return index
    return None


def _continues_term(text_after: str, language: str) -> bool:
    """Whether the words after a match show that something else is defined, such as a longer phrase."""
    word_match = re.match(r"\s+(\w+)", text_after)
    if word_match is None:
        return False
    word = word_match[1].lower()
    return word in _NOT_AFTER or word_match[1][:1].isupper() or not (word in function_words(language) or is_common(word, language))


@lru_cache(maxsize=20_000)
def _matching_patterns(sentence: str, language: str) -> tuple[int, ...]:
    """Return the numbers of the patterns that the sentence matches for any term; most sentences match none."""
    if not _MIN_CHARACTERS <= len(sentence) <= _MAX_CHARACTERS or _QUESTION.search(without_tag(sentence)):
        return ()
    patterns = _patterns(language)
    return tuple(number for number, pattern in enumerate(patterns) if re.search(pattern.replace("TERM", r"\w.*?"), sentence, re.IGNORECASE))


def as_entry(sentence: str, language: str) -> str:
    """Return a defining sentence in the form for a glossary: without the "so" at its start and the "right?" at its end."""
    opening = _OPENINGS.get(language[:2].lower())
    text = without_tag(sentence)
    while opening and (match := re.match(rf"(?:{opening})\s+(?=\w)", text)):
        text = text[match.end() :]
        text = text[:1].upper() + text[1:]
    return text


def without_tag(sentence: str) -> str:
    """Return a statement without the question at its end, as in "It is a number, right?"."""
    return _TAG.sub(".", sentence.strip())


def points_back(sentence: str) -> bool:
    """Whether a sentence such as "This is called a collision" needs the sentence before it to be understood."""
    return bool(_REFERS_BACK.match(sentence.strip()))


@cache
def _patterns(language: str) -> tuple[str, ...]:
    """Return patterns, the most reliable first; TERM is the term."""
    colon = rf"(?:^{_ARTICLE}|\b(?:the|a|an|der|die|das|la|le|el|il|o)\s+)TERM\s*:\s+(?!{_PRONOUN}\b){_EXPLANATION}"
    if language not in _AFTER:
        return (colon,)
    around = [_AROUND[language]] if language in _AROUND else []
    return (rf"^{_ARTICLE}TERM,?\s+(?:{_AFTER[language]})", rf"{_BEFORE[language]}TERM\b", *around, colon)
