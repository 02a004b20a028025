"""Jobs of the pipeline `link_listing`: they list the recordings of a batch."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

import errors
from database import session as current_session
from database import transaction
from domain import ACTIVE_STATES
from lib.clock import now
from lib.text import clean_text
from models import Batch, BatchItem, Job, Recording
from services.jobs import queue
from services.jobs.job_kind import JobDetails, OutputKind, StoredOutput
from services.library import job_outputs, recordings
from services.links import batch_states, site_cookies
from services.storage import Store

PIPELINE = "link_listing"
OUTPUT = OutputKind("items", "json", "application/json", "items.json")
_MAX_OUTPUT_BYTES = 16 * 2**20
_MAX_NUMBER = 2**53


class ListedItem(BaseModel):
    """A recording in a list; a remote worker may report anything."""

    model_config = ConfigDict(extra="ignore")

    url: str = Field(min_length=8, max_length=2000, pattern=r"^https?://[^\s\x00-\x1f\x7f]+$")
    title: str = Field("", max_length=5000)
    filename: str = Field("", max_length=5000)
    source_id: str = Field("", max_length=5000)
    duration_s: float | None = Field(None, ge=0, le=_MAX_NUMBER)
    size_bytes: int | None = Field(None, ge=0, le=_MAX_NUMBER)


class Listing(BaseModel):
    title: str = Field("", max_length=5000)
    items: list[Any]
    is_truncated: bool = False

    def usable_items(self) -> Iterable[ListedItem]:
        """Yield the items that can be stored; a link that is too long is left out."""
        for each in self.items:
            try:
                yield ListedItem.model_validate(each)
            except ValidationError:
                continue


def load(claim: queue.Claim) -> JobDetails:
    """Return the link of a claimed job."""
    return JobDetails({**claim.options, "sealed_cookies": site_cookies.get_sealed(claim.user_id)}, claim.job_id)


def record(session: Session, claim: queue.Claim, outputs: Sequence[StoredOutput], metrics: Mapping[str, Any]) -> None:
    """Do nothing: `after_record` reads the list, and its object is deleted later."""


def after_record(claim: queue.Claim, store: Store) -> None:
    """Add the listed recordings to the batch. A second attempt changes nothing."""
    batch = current_session().execute(select(Batch).where(Batch.list_job_id == claim.job_id)).scalar_one_or_none()
    if batch is None or batch.listed_at is not None:  # deleted by its user, or filled before a crash
        return
    batch_id, max_items = batch.id, int(claim.options["max_items"])
    listing = _read(store, job_outputs.key_of(claim, OUTPUT))
    with transaction() as session:
        queue.fence(session, claim)
        row = session.execute(select(Batch).where(Batch.id == batch_id).with_for_update()).scalar_one_or_none()
        if row is not None:
            add_items(session, row, listing, max_items)


def _read(store: Store, key: str) -> Listing:
    body = bytearray()
    for block in store.read(key):
        body += block
        if len(body) > _MAX_OUTPUT_BYTES:
            raise errors.NoMediaFound("The list is too long.")
    try:
        return Listing.model_validate_json(bytes(body))
    except ValidationError as error:
        raise errors.ValidationFailed("The list of the recordings is invalid.") from error


def add_items(session: Session, batch: Batch, listing: Listing, max_items: int) -> None:
    """Add listed recordings to a batch without items; those that the user has already are marked."""
    known_ids = {} if batch.takes_known else find_recordings_from_links(session, batch.user_id)
    new_state = batch_states.WAITING if batch.cancelled_at is None else batch_states.CANCELLED
    for position, each in enumerate(itertools.islice(listing.usable_items(), max_items), 1):
        source_id, title = clean_text(each.source_id)[: recordings.MAX_SOURCE_ID_LENGTH], recordings.clean_title(each.title)
        recording_id = known_ids.get(source_id) or known_ids.get(each.url)
        item = BatchItem(
            batch_id=batch.id,
            position=position,
            url=each.url,
            title=(title or recordings.clean_title(each.filename))[: recordings.MAX_TITLE_LENGTH],
            has_title=bool(title),
            source_id=source_id,
            duration_s=each.duration_s,
            size_bytes=each.size_bytes,
            state=batch_states.KNOWN if recording_id else new_state,
            recording_id=recording_id,
        )
        session.add(item)
    batch.title = batch.title or recordings.clean_title(listing.title)[: recordings.MAX_TITLE_LENGTH]
    batch.listed_at, batch.is_truncated = now(), listing.is_truncated or len(listing.items) > max_items


def find_recordings_from_links(session: Session, user_id: str) -> Mapping[str, str]:
    """Return the ids of the user's recordings from links by address and by the site's identifier, unless their download has failed."""
    downloading = exists().where(Job.recording_id == Recording.id, Job.state.in_(ACTIVE_STATES))
    query = select(Recording.id, Recording.source_url, Recording.source_id).where(
        Recording.user_id == user_id,
        Recording.deleted_at.is_(None),
        Recording.source_url != "",
        or_(Recording.storage_key != "", downloading),
    )
    ids_by_source: dict[str, str] = {}
    for recording_id, source_url, source_id in session.execute(query):
        ids_by_source |= {key: recording_id for key in (source_url, source_id) if key}
    return ids_by_source
