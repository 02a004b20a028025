"""Batches of links: import a playlist, a podcast feed or a shared folder."""

from __future__ import annotations

from typing import Any

from flask import Response

from pipelines.lecture_notes import LECTURE_NOTES
from routes.caller import caller, login_required
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.paging import PageQuery, page_response
from routes.urls import base_url
from schemas.accounts import MessageOut
from schemas.batches import BATCH_FIELDS, BatchDetailOut, BatchesOut, BatchIn, BatchItemOut, BatchOut
from services.links import batches as use_case
from services.links.batch_states import BatchRow
from services.links.batches import BatchRequest
from services.links.submit import ImportPolicy

batches = Blueprint("batches", __name__, scope="content", tag="Recordings")


@batches.post("")
@endpoint(rate_limits=("upload",))
@login_required
@batches.input(BatchIn)
@batches.output(BatchDetailOut, status_code=201)
def create_batch(json_data: BatchIn) -> Any:
    """List the recordings of a playlist, feed or folder in the background, then import them one after another."""
    options = {**json_data.model_dump(mode="json", exclude=set(BATCH_FIELDS)), "base_url": base_url()}
    request = BatchRequest(json_data.link(), LECTURE_NOTES.name, options, takes_known=json_data.import_known)
    return _detail(use_case.create(caller(), request, ImportPolicy.from_settings(container().settings)))


@batches.get("")
@login_required
@batches.input(PageQuery, location="query")
@batches.output(BatchesOut)
def list_batches(query_data: PageQuery) -> Response:
    """List the caller's batches, newest first."""
    page = use_case.list_page(caller(), query_data.paging)
    return page_response(BatchesOut(batches=[BatchOut.of(row) for row in page.rows], total=page.total), query_data, page.total)


@batches.get("/<batch_id>")
@login_required
@batches.output(BatchDetailOut)
@batches.doc(responses={404: "Not found"})
def show_batch(batch_id: str) -> Any:
    """Show a batch with the state, progress and error of each item."""
    return _detail(use_case.get(caller(), batch_id))


@batches.post("/<batch_id>/cancel")
@login_required
@batches.output(BatchDetailOut)
@batches.doc(responses={404: "Not found"})
def cancel_batch(batch_id: str) -> Any:
    """Cancel everything of a batch that is unfinished; finished items stay."""
    return _detail(use_case.cancel(caller(), batch_id))


@batches.post("/<batch_id>/retry")
@login_required
@batches.output(BatchDetailOut)
@batches.doc(responses={404: "Not found", 409: "Nothing has failed or was cancelled"})
def retry_batch(batch_id: str) -> Any:
    """Import the failed and cancelled items again, one after another; each continues where it stopped."""
    return _detail(use_case.retry(caller(), batch_id))


@batches.delete("/<batch_id>")
@login_required
@batches.output(MessageOut)
@batches.doc(responses={404: "Not found"})
def delete_batch(batch_id: str) -> Any:
    """Cancel a batch and delete it; its recordings stay."""
    use_case.delete(caller(), batch_id)
    return MessageOut(message="The batch was deleted. Its recordings stay in your library.")


def _detail(row: BatchRow) -> BatchDetailOut:
    items = [BatchItemOut.of(each) for each in use_case.items_of(caller(), row.batch.id)]
    return BatchDetailOut(**BatchOut.of(row).model_dump(), items=items)
