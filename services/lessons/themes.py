"""The themes of lessons: colours and fonts as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Theme:
    """Colours as #rrggbb. `palette` colours series, nodes and columns in turn; `heading_fonts` and `body_fonts` are font families.

    `is_dark`: the background is dark, so that code is highlighted in light colours.
    """

    background: str
    surface: str
    text: str
    muted: str
    accent: str
    on_accent: str
    line: str
    palette: tuple[str, ...]
    heading_fonts: tuple[str, ...]
    body_fonts: tuple[str, ...]
    is_dark: bool = False


_SANS = ("Noto Sans", "Liberation Sans", "DejaVu Sans")
_SERIF = ("Noto Serif", "Libertinus Serif")

THEMES: Mapping[str, Theme] = {
    "paper": Theme(
        background="#fbfaf6",
        surface="#f1eee4",
        text="#23262e",
        muted="#686c77",
        accent="#b4492d",
        on_accent="#ffffff",
        line="#d9d4c4",
        palette=("#b4492d", "#2f6690", "#5b8e4a", "#c98a1b", "#7a4f8a", "#3a8c8c"),
        heading_fonts=_SERIF,
        body_fonts=_SANS,
    ),
    "night": Theme(
        background="#12161f",
        surface="#1d2431",
        text="#eef1f6",
        muted="#9aa5b8",
        accent="#5cc8ff",
        on_accent="#0b1018",
        line="#313b4d",
        palette=("#5cc8ff", "#ffb454", "#8bd67f", "#ff7a90", "#c4a1ff", "#4fd6c0"),
        heading_fonts=_SANS,
        body_fonts=_SANS,
        is_dark=True,
    ),
    "ocean": Theme(
        background="#ffffff",
        surface="#eaf3f8",
        text="#0f2a3d",
        muted="#56707f",
        accent="#0b6fa4",
        on_accent="#ffffff",
        line="#c9dde8",
        palette=("#0b6fa4", "#f2803a", "#1f9d8a", "#d1495b", "#6d5bd0", "#8a9a2b"),
        heading_fonts=_SANS,
        body_fonts=_SANS,
    ),
    "contrast": Theme(
        background="#000000",
        surface="#1a1a1a",
        text="#ffffff",
        muted="#d0d0d0",
        accent="#ffd500",
        on_accent="#000000",
        line="#707070",
        palette=("#ffd500", "#4db8ff", "#7dff8a", "#ff8a5c", "#e0a3ff", "#5cfff2"),
        heading_fonts=_SANS,
        body_fonts=_SANS,
        is_dark=True,
    ),
}
