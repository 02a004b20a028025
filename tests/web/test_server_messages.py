"""The sentences of the server, the stages and the formats in the languages of the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from pipelines.registry import PIPELINES
from scripts.program import PROJECT
from services.documents import FORMATS
from tests.web.server_sentences import detail_sentences, error_sentences, setting_sentences, warning_sentences
from tests.web.test_messages import catalogue

_CATALOGUES = sorted((PROJECT / "web/messages/server").glob("*.js"))
_PLACEHOLDER = re.compile(r"\{\d\}")


@pytest.mark.parametrize("path", _CATALOGUES, ids=lambda path: path.stem)
def test_the_sentences_of_the_server_are_translated(path: Path) -> None:
    sentences = catalogue(path)
    codes = {code for code, text in error_sentences() if text not in sentences}
    assert codes == set(), "messages or hints of these errors"
    for missing in (detail_sentences(), warning_sentences(), setting_sentences()):
        assert missing - set(sentences) == set(), f"add them to {path.name}"
    different = [
        text for text, translation in sentences.items() if not set(_PLACEHOLDER.findall(translation)) <= set(_PLACEHOLDER.findall(text))
    ]
    assert different == []


def test_every_pipeline_stage_and_format_has_a_label() -> None:
    labels = (PROJECT / "web/views/labels.js").read_text(encoding="utf-8")
    assert {name for name in PIPELINES if not re.search(rf"^  {name}: t\(", labels, re.MULTILINE)} == set()
    stages = {stage.name for pipeline in PIPELINES.values() for stage in pipeline.stages if not stage.name.startswith("document")}
    assert {name for name in stages if not re.search(rf"^  {name}: t\(", labels, re.MULTILINE)} == set()
    formats = (PROJECT / "web/formats.js").read_text(encoding="utf-8")
    named_alike = {"pdf", "docx", "json"}
    assert {name for name in FORMATS if not re.search(rf"\b{name}: t\(", formats)} == named_alike


def test_sentences_are_put_together_from_their_parts(browser: Browser) -> None:
    """Messages with details, values, several fields and hints inside a sentence; what is unknown stays as it is."""
    page = browser.new_page(locale="de-DE")
    try:
        page.route("http://page.test/**", lambda route: route.fulfill(**_file(route.request.url)))
        page.goto("http://page.test/")
        texts = page.evaluate(
            """async (texts) => {
                const module = await import("/web/server_text.js");
                await module.loadServerTexts();
                return texts.map(module.fromServer);
            }""",
            list(_EXAMPLES),
        )
        assert texts == list(_EXAMPLES.values())
    finally:
        page.close()


_EXAMPLES = {
    "Your storage quota is used up. 1500000 of 2000000 bytes are used; 600000 more would exceed the quota.": (
        "Ihr Speicherplatz ist aufgebraucht. 1.500.000 von 2.000.000 Byte sind belegt; 600.000 weitere wären zu viel."
    ),
    "It does not exist, or it is not yours. There is no such recording.": (
        "Das gibt es nicht, oder es gehört Ihnen nicht. Nicht gefunden: Aufnahme."
    ),
    "Some fields are missing or invalid. email: Field required; count: Input should be less than or equal to 3": (
        "Einige Angaben fehlen oder sind ungültig. email: Angabe fehlt; count: höchstens 3"
    ),
    "A formula is invalid or uses LaTeX that Lectern does not support. Scene s3 (formula): A formula ends too early.": (
        "Eine Formel ist ungültig oder verwendet LaTeX, das Lectern nicht unterstützt. Szene s3 (formula): Eine Formel endet zu früh."
    ),
    "The pdf was not created. No installed font supports some of the text. Ask the operator to install the named packages, then retry.": (
        "Das Dokument (pdf) wurde nicht erzeugt. Keine installierte Schrift enthält alle Zeichen des Textes. "
        "Bitten Sie den Betreiber, die genannten Pakete zu installieren, und versuchen Sie es noch einmal."
    ),
    "Very many slides: 12.5 a minute.": "Sehr viele Folien: 12,5 in der Minute.",
    "A program ended with an error. ffmpeg: Invalid data found": "Ein Programm endete mit einem Fehler. ffmpeg: Invalid data found",
    "Something else.": "Something else.",
    "": "",
}


def _file(url: str) -> dict[str, str]:
    path = PROJECT / url.removeprefix("http://page.test/")
    if not path.is_file():
        return {"body": "<!doctype html><title>Test</title>", "content_type": "text/html"}
    return {"body": path.read_text(encoding="utf-8"), "content_type": "text/javascript"}
