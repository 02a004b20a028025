"""The caller's reference document: the Word file whose styles the caller's DOCX documents take over."""

from __future__ import annotations

from typing import Any

from flask import Response, send_file

from routes.body_limits import accepts_upload
from routes.caller import caller, login_required
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.file_responses import binary_response
from routes.uploads import uploaded_part
from routes.urls import file_url
from schemas.accounts import MessageOut
from schemas.files import PaperQuery, ReferenceDocumentOut, ReferenceStateOut
from services.documents import reference_document as format_of
from services.files import reference_documents as use_case
from services.library.limits import UploadLimits

reference_document = Blueprint("reference_document", __name__, scope="content", tag="Documents")


@reference_document.put("")
@endpoint(rate_limits=("upload",))
@login_required
@accepts_upload
@reference_document.output(ReferenceDocumentOut)
@reference_document.doc(
    responses={400: "No file", 413: "Too large", 422: "No usable Word file"}, extensions={"x-form": "ReferenceDocumentForm"}
)
def put_reference_document() -> Any:
    """Store a Word file (multipart field `file`) whose styles, margins, headers and footers the caller's Word documents take over.

    Only the parts that define these are kept. A file with macros or embedded objects is refused.
    """
    components = container()
    row = use_case.put(caller(), uploaded_part("file"), UploadLimits.from_settings(components.settings), components.store)
    return ReferenceDocumentOut.of(row, file_url(row))


@reference_document.get("")
@login_required
@reference_document.output(ReferenceStateOut)
def show_reference_document() -> Any:
    """Show the caller's reference document, if there is one."""
    row = use_case.find(caller())
    return ReferenceStateOut(document=ReferenceDocumentOut.of(row, file_url(row)) if row else None)


@reference_document.delete("")
@login_required
@reference_document.output(MessageOut)
@reference_document.doc(responses={404: "There is none"})
def delete_reference_document() -> Any:
    """Delete the caller's reference document; Word documents look like the server's again."""
    use_case.remove(caller(), container().store)
    return MessageOut(message="Deleted.")


@reference_document.get("/template")
@login_required
@reference_document.input(PaperQuery, location="query")
@reference_document.doc(responses={200: binary_response("The template", format_of.CONTENT_TYPE)})
def send_template(query_data: PaperQuery) -> Response:
    """Send the built-in reference document, to change its styles in Word."""
    name = f"reference-{query_data.paper}.docx"
    return send_file(format_of.TEMPLATES / name, mimetype=format_of.CONTENT_TYPE, as_attachment=True, download_name=name)
