"""A citation as text, BibTeX and CSL-JSON (https://docs.citationstyles.org/)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from lib.text import clean_text

_WORDS = {
    "en": ("Lecture {}", "slide {}", "at {}"),
    "de": ("Vorlesung {}", "Folie {}", "bei {}"),
    "fr": ("Cours {}", "diapositive {}", "à {}"),
    "es": ("Clase {}", "diapositiva {}", "en {}"),
    "it": ("Lezione {}", "diapositiva {}", "a {}"),
    "pt": ("Aula {}", "slide {}", "em {}"),
    "ar": ("المحاضرة {}", "الشريحة {}", "عند {}"),
    "he": ("הרצאה {}", "שקופית {}", "בזמן {}"),
    "ru": ("Лекция {}", "слайд {}", "время {}"),
    "uk": ("Лекція {}", "слайд {}", "час {}"),
    "pl": ("Wykład {}", "slajd {}", "czas {}"),
    "nl": ("College {}", "dia {}", "op {}"),
    "tr": ("Ders {}", "slayt {}", "zaman {}"),
    "el": ("Διάλεξη {}", "διαφάνεια {}", "στο {}"),
    "th": ("บรรยายครั้งที่ {}", "สไลด์ {}", "เวลา {}"),
    "zh": ("第 {} 讲", "幻灯片 {}", "{}"),
    "ja": ("第 {} 回", "スライド {}", "{}"),
    "ko": ("강의 {}", "슬라이드 {}", "{}"),
    "hi": ("व्याख्यान {}", "स्लाइड {}", "समय {}"),
}
_BIBTEX_SPECIAL = re.compile(r"([\\{}%&$#_~^])")
_BIBTEX_ESCAPES = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


@dataclass(frozen=True)
class Citation:
    """A moment of a recording. `lecture_number` is its place in the course, 0 outside of one; `slide` is 0 without a slide.

    `clock` is the time as readers see it; `date` is ISO 8601 or ""; `quote` are the words at the moment.
    """

    title: str
    clock: str
    url: str
    author: str = ""
    course: str = ""
    lecture_number: int = 0
    date: str = ""
    slide: int = 0
    quote: str = ""
    language: str = "en"


def label(citation: Citation) -> str:
    """Return where the moment is: "Lecture 5, slide 12 at 14:03"."""
    lecture, slide, at = _WORDS.get(citation.language[:2], _WORDS["en"])
    place = slide.format(citation.slide) if citation.slide else ""
    if citation.lecture_number:
        place = ", ".join(filter(None, [lecture.format(citation.lecture_number), place]))
    place = " ".join(filter(None, [place, at.format(citation.clock)]))
    return place[:1].upper() + place[1:]


def text(citation: Citation) -> str:
    """Return the citation as one line: quote, author, title, course, place, date and address."""
    quote = f"“{citation.quote}” — " if citation.quote else ""
    facts = [citation.author, citation.title, citation.course, label(citation), citation.date]
    return f"{quote}{', '.join(filter(None, facts))}. {citation.url}".rstrip()


def bibtex(citation: Citation) -> str:
    """Return an entry of type `misc`, which every BibTeX style has."""
    fields = {
        "author": f"{{{_escape(citation.author)}}}" if citation.author else "",  # the inner braces keep the name as it is
        "title": _escape(citation.title),
        "howpublished": _escape(", ".join(filter(None, ["Lecture recording", citation.course]))),
        "year": citation.date[:4],
        "note": _escape(label(citation)),
        "url": citation.url,
        "abstract": _escape(citation.quote),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{_key(citation)},", *lines, "}"]) + "\n"


def csl(citation: Citation) -> dict[str, Any]:
    """Return an item of CSL-JSON, which Zotero and other reference managers read."""
    item: dict[str, Any] = {
        "id": _key(citation),
        "type": "speech",
        "genre": "Lecture recording",
        "title": citation.title,
        "URL": citation.url,
        "locator": label(citation),
        "language": citation.language,
    }
    if citation.author:
        item["author"] = [{"literal": citation.author}]
    if citation.course:
        item["event-title"] = citation.course
    if match := _DATE.match(citation.date):
        item["issued"] = {"date-parts": [[int(part) for part in match.groups()]]}
    if citation.quote:
        item["abstract"] = citation.quote
    return item


def _key(citation: Citation) -> str:
    """Return a key such as `lovelace2026:14:03`: the author's last name or the title's first word, the year and the time."""
    names = re.findall(r"[a-z0-9]+", _plain(citation.author))[-1:] or re.findall(r"[a-z0-9]{3,}", _plain(citation.title))
    return f"{next(iter(names), 'lecture')}{citation.date[:4]}:{citation.clock}"


def _plain(value: str) -> str:
    """Return a text in small letters without accents: keys of BibTeX are ASCII."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", value.casefold()) if not unicodedata.combining(sign))


def _escape(value: str) -> str:
    return _BIBTEX_SPECIAL.sub(lambda match: _BIBTEX_ESCAPES.get(match[0], f"\\{match[0]}"), clean_text(value))
