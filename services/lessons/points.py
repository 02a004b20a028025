"""Sentences as points on a slide: complete, without what only connects them to other sentences."""

from __future__ import annotations

import re

from lib.text import clean_text
from services.lessons.sentences import shorten, split_sentences

MAX_POINT_CHARS = 320
_GOOD_CHARS = 150
_MIN_CLAUSE_CHARS = 40
_MIN_MAIN_CHARS = 20
_OPENING = re.compile(
    r"^(?:however|moreover|furthermore|therefore|thus|hence|also|similarly|likewise|in addition|in particular|in other words|for example"
    r"|for instance|e\.g\.|that is|as such|of course|in general|in short|again|note that|note|finally|besides|allerdings|jedoch|außerdem"
    r"|daher|deshalb|zum beispiel|beispielsweise|en effet|par exemple|cependant|en particulier|además|por ejemplo|sin embargo"
    r"|inoltre|per esempio|tuttavia|além disso|por exemplo)(?:[,:]|(?<=that))\s+(?=\w)",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"(?:(?<!\s)\s++)?\([^()]{12,}\)")
_SUBORDINATE = re.compile(
    r"^(?:if|when|whenever|as|although|though|since|while|because|after|before|once|until|unless|whether|to|in|on|at|with|by|for|from"
    r"|depending|given|instead|wenn|als|weil|da|obwohl|nachdem|bevor|während|um|bei|nach|si|quand|lorsque|comme|puisque|cuando|aunque"
    r"|como|se|quando|poiché|embora|als|wanneer|omdat)\b",
    re.IGNORECASE,
)
# A main clause before one of these stands alone.
_CLAUSE_ENDS = re.compile(
    r"; | – | — | -- |, (?=(?:which|where|so that|because|but|while|although|whereas|though|since|unless|rather than|even though"
    r"|weil|wobei|sodass|so dass|während|obwohl|aber|denn|sondern|damit|car|mais|ce qui|puisque|alors que|porque|pero|ya que|aunque"
    r"|perché|mentre|anche se|mas|pois|embora|enquanto|omdat|maar|terwijl|hoewel)\b)",
    re.IGNORECASE,
)


def point_of(text: str) -> str:
    """Return a sentence, or an item of several, as one line: shortened where the rest is still a sentence, never cut within one."""
    line = _without_stop(clean_text(text))
    if line.startswith("(") and line.endswith(")") and line.count("(") == 1:
        line = _without_stop(line[1:-1])
    elif line.startswith("(") and line.count("(") > line.count(")"):
        line = line[1:]
    opening = _OPENING.match(line)
    if opening is not None:
        line = line[opening.end() :]
        line = line[:1].upper() + line[1:]
    if len(line) <= _GOOD_CHARS:
        return line
    first = _first_sentences(line)
    if len(first) <= _GOOD_CHARS:
        return first
    short_point = _BRACKETS.sub("", first)
    if len(short_point) <= _GOOD_CHARS:
        return short_point
    clause = _main_clause(short_point)
    return clause or (short_point if len(short_point) <= MAX_POINT_CHARS else shorten(short_point, MAX_POINT_CHARS))


def _first_sentences(line: str) -> str:
    """Return as many of its first sentences as fit, at least one."""
    result = ""
    for sentence in split_sentences(line):
        longer = f"{result} {sentence}".strip()
        if result and len(longer) > _GOOD_CHARS:
            break
        result = longer
    return _without_stop(result or line)


def _main_clause(line: str) -> str:
    """Return the longest part before a subordinate clause that fits; "" if there is none."""
    begins_subordinate = _SUBORDINATE.match(line) is not None
    for match in reversed(list(_CLAUSE_ENDS.finditer(line, 0, _GOOD_CHARS))):
        clause = line[: match.start()]
        if len(clause) < _MIN_CLAUSE_CHARS or clause.count("(") != clause.count(")"):
            continue
        if not begins_subordinate or (len(clause) - clause.rfind(", ") > _MIN_MAIN_CHARS and ", " in clause):
            return clause
    return ""


def _without_stop(line: str) -> str:
    return (line[:-1] if line.endswith((".", "。", ":", "：")) and not line.endswith("..") else line).rstrip() or line
