"""Parts of documents that teach nothing: contents, licences, lists of links; and headings as titles."""

from __future__ import annotations

import re
from collections.abc import Sequence


def _headings(text: str) -> frozenset[str]:
    return frozenset(each.strip() for each in " ".join(text.split()).split("|"))


# Headings of sections that a lesson leaves out, in the languages of services/lessons/phrases.py.
_BOILERPLATE = _headings(
    """
    table of contents|contents|toc|license|licence|license information|copyright|copying|changelog|change log|version history
    |release notes|release history|see also|bibliography|further reading|external links|acknowledgements|acknowledgments
    |maintainers|contributors|contributing|reporting bugs|bug reports|colophon|sponsors|badges|translation
    |übersetzung|traduction|traducción|traduzione|tradução|vertaling|перевод|tłumaczenie
    |inhaltsverzeichnis|lizenz|literaturverzeichnis|weblinks|siehe auch|danksagung|impressum
    |table des matières|sommaire|licence|bibliographie|voir aussi|remerciements
    |licencia|bibliografía|véase también|agradecimientos|licenza|bibliografia|vedi anche|ringraziamenti
    |sumário|licença|ver também|agradecimentos|inhoudsopgave|licentie|zie ook|dankwoord
    |содержание|оглавление|лицензия|см. также|المحتويات|الترخيص|目录|参考文献|许可证|目次|参考資料|ライセンス
    """
)
# The same, but only if the section is a list or a line: these words may be the subject of a lesson.
_SHORT_BOILERPLATE = _headings(
    """
    index|author|authors|credits|references|links|status|support|bugs|inhalt|quellen|literatur|autor|autoren
    |références|auteurs|índice|contenido|referencias|autores|indice|riferimenti|autori|referências|referenties|auteurs
    |литература|ссылки|авторы|المراجع
    """
)
_BOILERPLATE_ENDS = (" license", " licence", "-lizenz")
_BOILERPLATE_TEXT = re.compile(
    r"(?:copyright\b|©|\(c\) |permission is (?:hereby )?granted|all rights reserved|licensed under"
    r"|this (?:document|work|file) is licensed)",
    re.IGNORECASE,
)
_BOILERPLATE_STARTS = ("contributing to ", "how to contribute", "license of ", "copyright ")
_NUMBER = re.compile(
    r"^(?:(?:\d{1,2}\.)+\d{0,2}|\d{1,2}|[A-Z]|[IVX]{1,4})[.)](?=\s)\s*|^(?:\d{1,2}\.)+\d{1,2}\s+"
    r"|^[A-Z](?:\.\d{1,2})+\s+|^§\s*\d+\s*"
)
_TRAILING = re.compile(r"(?<![\s.:;,…–—-])[\s.:;,…–—-]++$")
_ABBREVIATION = re.compile(r"\b(?:etc|al|Inc|Ltd|vs|Jr)\.$")
_ADDRESS = re.compile(r"https?://\S+|www\.\S+")
_MAIL_ADDRESS = re.compile(r"[^\s@]{1,64}@[^\s@]{1,255}\.\w+")
_MAX_CONTACT_WORDS = 9
_MIN_NAVIGATION_ITEMS = 3
_NAVIGATION_SHARE = 0.7


def is_boilerplate(heading: str, *, has_text: bool) -> bool:
    """Whether the section below a heading belongs in no lesson. `has_text`: it has several sentences."""
    name = title_of(heading).casefold()
    is_any = name in _BOILERPLATE or name.startswith(_BOILERPLATE_STARTS) or name.endswith(_BOILERPLATE_ENDS)
    return is_any or (name in _SHORT_BOILERPLATE and not has_text)


def is_legal_text(text: str) -> bool:
    """Whether a paragraph is about the rights to the text."""
    return _BOILERPLATE_TEXT.match(text) is not None


def title_of(heading: str) -> str:
    """Return a heading as a title: without its number and the marks at its end, not in capitals only."""
    text = _NUMBER.sub("", heading).strip()
    if not text.endswith(("?", "!")) and not _ABBREVIATION.search(text):
        text = _TRAILING.sub("", text)
    text = text or heading
    words = re.findall(r"[^\W\d_]{2,}", text)
    if text.isupper() and "_" not in text and len(text) > 5 and (len(words) > 1 or len(words[0] if words else "") > 5):
        text = text[:1] + text[1:].lower()
    return text


def is_navigation(items: Sequence[str], are_links: Sequence[bool]) -> bool:
    """Whether a list consists of links to other places or of people: items that are a link and nothing else, or addresses."""
    contacts = sum(_MAIL_ADDRESS.search(item) is not None and len(item.split()) <= _MAX_CONTACT_WORDS for item in items)
    links = sum(is_link or is_address(item) for item, is_link in zip(items, are_links, strict=True))
    return contacts + links >= max(1, _NAVIGATION_SHARE * len(items)) and (contacts > 0 or len(items) >= _MIN_NAVIGATION_ITEMS)


def is_address(text: str) -> bool:
    """Whether a text is the address of a page and little else."""
    return len(_ADDRESS.sub("", text)) < len(text) / 2
