"""Spoken English without a meaning."""

from __future__ import annotations

import random

_WORDS = tuple(
    word
    for line in (
        "so here we look at the next part and you see how it goes",
        "because every node has two of them which is why I use that one",
    )
    for word in line.split()
)


def random_phrase(rng: random.Random, least: int, most: int) -> str:
    return " ".join(rng.choice(_WORDS) for _ in range(rng.randint(least, most)))
