"""Mathematics as signs in one line."""

from __future__ import annotations

from services.lessons.rendering.maths_words.table import MathsWords

SIGNS = MathsWords(
    symbols={},
    functions={},
    function="{}",
    half="1/2",
    fraction="{top} / {bottom}",
    long_fraction="{top} / {bottom}",
    binomial="({top} {bottom})",
    roots={"2": "√", "3": "∛", "4": "∜"},
    root="{} √",
    powers=dict(zip("0123456789n", "⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ", strict=True)),
    power="^ {}",
    index="",
    start="",
    end="…",
    of_range="",
    over="",
    of="",
    limit="",
    limit_arrow="→",
    after_limit="",
    arrow="⟶",
    matrix="",
    indices=dict(zip("0123456789ijkn", "₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₙ", strict=True)),
    has_brackets=True,
)
"""The signs themselves, for text without formulas and for voices, which read them in their language."""
