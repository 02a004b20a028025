"""Codes of moments, such as `6i6-k7f2`: a time of the recording, and a fingerprint of the words that are spoken then.

The words are found again if their times have changed; without them, or if they were edited, the time counts.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u
_CODE = re.compile(rf"([{_DIGITS}]{{1,8}})(?:-([{_DIGITS}]{{4}}))?")
_STEPS_PER_S = 10
_FINGERPRINT_WORDS = 4
_FINGERPRINT_DIGITS = 4


@dataclass(frozen=True)
class Moment:
    """A time in seconds of the recording, and the fingerprint of the words from it on; "" if it leads to no word."""

    time_s: float
    fingerprint: str = ""


def moment_code(time_s: float, words: Sequence[str] = ()) -> str:
    """Return the code of a time in the recording; `words` are those from it on, of which the first four count."""
    code = _to_digits(max(0, int(time_s * _STEPS_PER_S)))
    fingerprint = _fingerprint(words)
    return f"{code}-{fingerprint}" if fingerprint else code


def parse_moment(code: str) -> Moment | None:
    """Return the moment of a code, None for another text. Capital letters and the letters i, l and o for digits are accepted."""
    match = _CODE.fullmatch(code.lower().translate(str.maketrans("ilo", "110")))
    if match is None:
        return None
    number = 0
    for digit in match[1]:
        number = len(_DIGITS) * number + _DIGITS.index(digit)
    return Moment(number / _STEPS_PER_S, match[2] or "")


def find_moment(moment: Moment, words: Sequence[tuple[float, str]]) -> float | None:
    """Return the present time of the words of a moment, the nearest if they are said several times; None if they are not found.

    `words`: (start in seconds of the recording, text) of each word, in order.
    """
    if not moment.fingerprint:
        return None
    texts = [_letters(text) for _, text in words]
    numbers = [index for index, letters in enumerate(texts) if letters]
    letters = [texts[index] for index in numbers]
    start_times = [
        words[index][0] for at, index in enumerate(numbers) if _hash(letters[at : at + _FINGERPRINT_WORDS]) == moment.fingerprint
    ]
    return min(start_times, key=lambda start_s: abs(start_s - moment.time_s), default=None)


def words_from(words: Sequence[tuple[float, str]], time_s: float) -> Sequence[tuple[float, str]]:
    """Return the words from the one that is spoken at this time on; from the next one in a pause."""
    starts = [start for start, _ in words]
    at = bisect_left(starts, time_s + 0.05)
    return words[max(0, at - 1) if at and (at == len(words) or starts[at] > time_s) else at :]


def _fingerprint(words: Sequence[str]) -> str:
    letters = list(itertools.islice(filter(None, map(_letters, words)), _FINGERPRINT_WORDS))
    return _hash(letters) if letters else ""


def _hash(letters: Sequence[str]) -> str:
    digest = int.from_bytes(hashlib.sha256(" ".join(letters).encode()).digest()[:8])
    return _to_digits(digest % len(_DIGITS) ** _FINGERPRINT_DIGITS).rjust(_FINGERPRINT_DIGITS, _DIGITS[0])


def _letters(text: str) -> str:
    """Return the letters and digits of a word, so that capitals and commas may change."""
    return "".join(filter(str.isalnum, text.casefold()))


def _to_digits(number: int) -> str:
    return "".join(_digits(number))[::-1] or _DIGITS[0]


def _digits(number: int) -> Iterator[str]:
    while number:
        number, digit = divmod(number, len(_DIGITS))
        yield _DIGITS[digit]
