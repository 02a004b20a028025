"""The catalogue of the page: each text has a translation with the same placeholders, and no translation is unused."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from scripts.program import PROJECT

_WEB = PROJECT / "web"
_TEXT = r'"((?:[^"\\]|\\.)*)"'
_ENTRY = re.compile(rf"^  {_TEXT}: {_TEXT},$", re.MULTILINE)
_PLACEHOLDER = re.compile(r"\{\w+\}")
_CATALOGUES = sorted((_WEB / "messages").glob("*.js"))


def _unquote(text: str) -> str:
    return str(json.loads(f'"{text}"'))


def catalogue(path: Path) -> dict[str, str]:
    """Return the translations of a catalogue by their English text."""
    return {_unquote(key): _unquote(text) for key, text in _ENTRY.findall(path.read_text(encoding="utf-8"))}


def _used_texts() -> set[str]:
    """The literal texts of `t` and `tn`."""
    texts = set()
    for path in _WEB.rglob("*.js"):
        if "vendor" in path.parts or "messages" in path.parts:
            continue
        source = path.read_text(encoding="utf-8")
        texts |= {_unquote(match[1]) for match in re.finditer(rf"\bt\({_TEXT}", source)}
        texts |= {_unquote(text) for match in re.finditer(rf"\btn\(\s*{_TEXT},\s*{_TEXT}", source) for text in match.groups()}
    return texts


def test_calls_have_literal_texts() -> None:
    calls = {
        f"{path.relative_to(_WEB)}: {match[0]}"
        for path in _WEB.rglob("*.js")
        if "vendor" not in path.parts and path.name != "i18n.js"
        for match in re.finditer(r"\btn?\((?![\s\"])[^)]{0,40}", path.read_text(encoding="utf-8"))
    }
    assert calls == set()


@pytest.mark.parametrize("path", _CATALOGUES, ids=lambda path: path.stem)
def test_a_catalogue_is_complete(path: Path) -> None:
    entries = [(_unquote(key), _unquote(text)) for key, text in _ENTRY.findall(path.read_text(encoding="utf-8"))]
    keys = [key for key, _ in entries]
    assert len(keys) > 800 and len(set(keys)) == len(keys)
    assert sorted(_used_texts() - set(keys)) == [], "add these texts to the catalogue"
    assert sorted(set(keys) - _used_texts()) == [], "no module uses these texts"
    wrong = [key for key, text in entries if not text or not set(_PLACEHOLDER.findall(text)) <= set(_PLACEHOLDER.findall(key))]
    assert wrong == []
