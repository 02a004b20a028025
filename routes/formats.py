"""The document formats that Lectern can make."""

from __future__ import annotations

from routes.endpoints import Blueprint
from schemas.formats import FormatOut, FormatsOut
from services.documents import FORMATS

formats = Blueprint("formats", __name__, scope="open", tag="Formats")


@formats.get("")
@formats.output(FormatsOut)
def list_formats() -> FormatsOut:
    """List the document formats, with the labels that users see."""
    return FormatsOut(formats=[FormatOut.of(document_format) for document_format in FORMATS.values()])
