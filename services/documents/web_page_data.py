"""The data for the script of the HTML document: labels, and a template of the citations of each page."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from services.citations import Citation, bibtex, csl, text
from services.documents.outline import Outline, Page


def page_data(outline: Outline) -> str:
    """Return JSON that may stand in a script element."""
    labels = {name: getattr(outline.labels, name) for name in ("cite", "copy", "copied", "close")}
    data = {"labels": labels, "citations": [_templates(page, outline) for page in outline.pages]}
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")


def _templates(page: Page, outline: Outline) -> dict[str, Any]:
    citation = replace(outline.citation(page, page.start_s), clock="⟦clock⟧", url="⟦url⟧", quote="⟦quote⟧")
    return {**_texts(citation), "unquoted": _texts(replace(citation, quote=""))}


def _texts(citation: Citation) -> dict[str, str]:
    return {"text": text(citation), "bibtex": bibtex(citation), "csl": json.dumps(csl(citation), ensure_ascii=False, indent=1)}
