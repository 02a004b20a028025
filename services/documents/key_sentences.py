"""The sentence that says most about a page, for sheets and flashcards."""

from __future__ import annotations

import re

from lib.text import clean_text, ends_sentence
from services.captions.function_words import function_words
from services.documents.outline import Outline, Page
from services.search.analysis import stem, tokens

_MIN_WORDS, _MAX_WORDS = 5, 32
_FIRST_SENTENCES = 12
_GOES_ON_COST = 1.5
_GOES_ON = re.compile(
    r"(and|but|so|or|then|also|second|third|fourth|finally|und|aber|oder|dann|also|zweitens|drittens|schließlich|et|mais|ou|donc|puis|"
    r"y|pero|o|luego|e|ma|poi|mas)\b",
    re.IGNORECASE,
)


def key_sentence(page: Page, outline: Outline) -> str:
    """Return the sentence over a page with the most words of its title and slide, an early one of equal ones; "" without speech.

    Sentences that are too short or long, and questions, come last; those that go on from another one ("And ...", "Second, ...") count less.
    """
    sentences = _sentences(page)[:_FIRST_SENTENCES]
    if not sentences:
        return ""
    title = _stems(page.title, outline.language)
    slide_stems = _stems(" ".join(line for block in page.slide_text if not block.is_code for line in block.lines), outline.language)

    def rank(index: int) -> tuple[bool, float]:
        sentence = sentences[index]
        words = _stems(sentence, outline.language)
        count = len(sentence.split())
        is_plain = _MIN_WORDS <= count <= _MAX_WORDS and not sentence.endswith(("?", "？"))
        goes_on = bool(_GOES_ON.match(sentence))
        return is_plain, 2.0 * len(words & title) + len(words & slide_stems) - 0.4 * index - _GOES_ON_COST * goes_on

    return sentences[max(range(len(sentences)), key=rank)]


def _sentences(page: Page) -> list[str]:
    sentences: list[str] = []
    text = ""
    for passage in page.passages:
        for paragraph in passage.paragraphs:
            for word in paragraph.text.split(" "):
                text = f"{text} {word}"
                if ends_sentence(word):
                    sentences.append(clean_text(text))
                    text = ""
            if text.strip():
                sentences.append(clean_text(text))
                text = ""
    return sentences


def _stems(text: str, language: str) -> set[str]:
    stop_words = function_words(language)
    return {stem(token.text, language) for token in tokens(text) if token.text.lower() not in stop_words}
