"""Thakii's batch import: list the videos of a share, import all or some of them, and follow the import."""

from __future__ import annotations

import dataclasses
import mimetypes
from typing import Any

from pydantic import BaseModel, Field

import errors
from lib.paging import Paging
from pipelines.lecture_notes import LECTURE_NOTES
from routes.caller import caller, login_required
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.urls import base_url
from schemas.options import LectureOptions
from schemas.thakii_batches import (
    BatchJobOut,
    BatchJobsOut,
    BatchStatusOut,
    BatchVideoOut,
    ImportedOut,
    ListedVideo,
    ListedVideosOut,
    SelectionIn,
    ShareIn,
    SubmittedOut,
    name_of,
)
from services import downloaders
from services.downloaders import Collection, LinkItem
from services.links import batches as use_case
from services.links import listings
from services.links.batch_states import BatchRow
from services.links.batches import BatchRequest
from services.links.submit import ImportPolicy, Link

thakii_batches = Blueprint("thakii_batches", __name__, scope="content", tag="Lectures")


class JobsQuery(BaseModel):
    limit: int = Field(20, ge=1, le=200)


@thakii_batches.post("/list-videos")
@endpoint(rate_limits=("upload",))
@login_required
@thakii_batches.input(ShareIn, arg_name="body")
@thakii_batches.output(ListedVideosOut)
def list_videos(body: ShareIn) -> Any:
    """List the videos of a share, playlist or feed without importing them."""
    collection = _list(body)
    videos = [ListedVideo.of(item, _type_of(item)) for item in collection.items]
    return ListedVideosOut(videos=videos, total_count=len(videos), total_size=_size(collection))


@thakii_batches.post("/import-videos")
@endpoint(rate_limits=("upload",))
@login_required
@thakii_batches.input(SelectionIn, arg_name="body")
@thakii_batches.output(ImportedOut)
def import_videos(body: SelectionIn) -> Any:
    """Import the selected videos of a share, given by name or address, or as rows of list-videos."""
    collection = _list(body)
    by_key = {key: item for item in collection.items for key in (name_of(item), item.url)}
    items_by_url: dict[str, LinkItem] = {}
    missing = []
    for each in body.selected_videos:
        keys = [each] if isinstance(each, str) else [each.download_url, each.name]
        item = next((by_key[key] for key in keys if key in by_key), None)
        if item is None:
            missing.append({"name": keys[-1] or keys[0], "error": "The share has no such video."})
        else:
            items_by_url[item.url] = item
    if not items_by_url:
        raise errors.NotFound("The share has none of these videos.", hint="Send names or addresses as /batch-import/list-videos has them.")
    batch = _create(body, dataclasses.replace(collection, items=tuple(items_by_url.values())))
    videos = [BatchVideoOut.of(row) for row in use_case.items_of(caller(), batch.batch.id)]
    return ImportedOut(
        batch_id=batch.batch.id,
        total_count=len(videos) + len(missing),
        success_count=len(videos),
        failed_count=len(missing),
        imported_videos=[{"name": each.video_name, **each.model_dump()} for each in videos],
        failed_videos=missing,
    )


@thakii_batches.post("/submit")
@endpoint(rate_limits=("upload",))
@login_required
@thakii_batches.input(ShareIn, arg_name="body")
@thakii_batches.output(SubmittedOut)
def submit_batch(body: ShareIn) -> Any:
    """Import all videos of a share, playlist or feed, one after another."""
    collection = _list(body)
    batch = _create(body, collection)
    return SubmittedOut(
        job_id=batch.batch.id,
        total_videos=batch.total,
        total_size=_size(collection),
        message="The videos are imported one after another.",
    )


@thakii_batches.get("/status/<batch_id>")
@login_required
@thakii_batches.output(BatchStatusOut)
@thakii_batches.doc(responses={404: "Not found"})
def show_batch_status(batch_id: str) -> Any:
    """Show the progress of a batch and of each of its videos."""
    row = use_case.get(caller(), batch_id)
    videos = [BatchVideoOut.of(each) for each in use_case.items_of(caller(), batch_id)]
    return BatchStatusOut(**BatchJobOut.of(row).model_dump(), videos=videos)


@thakii_batches.get("/jobs")
@login_required
@thakii_batches.input(JobsQuery, location="query")
@thakii_batches.output(BatchJobsOut)
def list_batch_jobs(query_data: JobsQuery) -> Any:
    """List the newest batches of the caller."""
    page = use_case.list_page(caller(), Paging(1, query_data.limit))
    return BatchJobsOut(jobs=[BatchJobOut.of(row) for row in page.rows], total=page.total)


def _list(body: ShareIn) -> Collection:
    settings = container().settings
    link = Link(body.share_url, password=body.password)
    return listings.list_now(caller(), link, ImportPolicy.from_settings(settings), downloaders.from_settings(settings))


def _create(body: ShareIn, collection: Collection) -> BatchRow:
    options = {**LectureOptions().model_dump(mode="json"), "base_url": base_url()}
    request = BatchRequest(Link(body.share_url, password=body.password), LECTURE_NOTES.name, options)
    return use_case.create_listed(caller(), request, ImportPolicy.from_settings(container().settings), collection)


def _size(collection: Collection) -> int:
    return sum(item.size_bytes or 0 for item in collection.items)


def _type_of(item: LinkItem) -> str:
    return mimetypes.guess_type(item.filename or item.url.partition("?")[0])[0] or "video/mp4"
