"""Submit links: a recording without a file, and the job that downloads it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy.orm import Session

import errors
from config import Settings, signing_key
from database import transaction
from lib.address_guard import AddressPolicy, parse_url
from lib.encryption import encrypt
from models import Job, Recording
from services import proofreading, speech_to_text
from services.accounts import Caller
from services.jobs import queue
from services.jobs.scheduling.scheduler import LaneThresholds
from services.library import limits, recordings
from services.links import import_jobs
from services.prompts import with_prompts
from services.proofreading import ProofreadingOptions
from services.speech_to_text import SpeechOptions
from services.storage import keys
from services.webhooks.subscriptions import JobWebhook, add_for_job
from tables.columns import new_id


@dataclass(frozen=True)
class Link:
    """The request of a user: the address, a title for the recording, and the password of a share.

    `name` is shown until the download ends; `source_id` identifies the recording at its site. Both are known from a list.
    """

    url: str
    title: str = ""
    password: str = ""
    audio_only: bool = False
    name: str = ""
    source_id: str = ""


@dataclass(frozen=True)
class ImportPolicy:
    """The settings that imports depend on. `signing_key` encrypts passwords of shares."""

    addresses: AddressPolicy
    max_bytes: int
    user_quota_bytes: int
    uploads_per_day: int
    active_jobs: int
    lanes: LaneThresholds
    speech: SpeechOptions
    proofreading: ProofreadingOptions
    signing_key: str
    accepts_recordings: bool = True
    batch_max_items: int = 200
    batch_pause_s: float = 5.0

    @classmethod
    def from_settings(cls, settings: Settings) -> ImportPolicy:
        return cls(
            AddressPolicy(allowed_hosts=settings.link_allowed_hosts),
            settings.max_upload_bytes,
            settings.user_quota_bytes,
            settings.user_uploads_per_day,
            settings.user_active_jobs,
            LaneThresholds.from_settings(settings),
            speech_to_text.from_settings(settings),
            proofreading.from_settings(settings),
            signing_key(settings),
            accepts_recordings=settings.transcribing_allowed,
            batch_max_items=settings.link_batch_max_items,
            batch_pause_s=settings.link_batch_pause_s,
        )

    def seal(self, password: str) -> str:
        """Return the password of a share encrypted, or "" if there is none."""
        return encrypt(password, self.signing_key) if password else ""


def submit(
    caller: Caller, link: Link, policy: ImportPolicy, *, conversion: str, options: Mapping[str, Any], webhook: JobWebhook | None = None
) -> tuple[Recording, Job]:
    """Create the recording of a link and queue its download; `conversion` is the pipeline that follows, with these options.

    Raises UrlRefused, IntakePaused, LanguageModelMissing, QuotaExceeded, TooManyUploads and TooManyJobs.
    No name is resolved here: the download checks every address.
    """
    check(link.url, policy, options)
    with transaction() as session:
        recording, job = create(session, caller.user_id, link, policy, conversion=conversion, options=options)
        if webhook is not None:
            add_for_job(session, job, webhook)
    return recording, job


def check(url: str, policy: ImportPolicy, options: Mapping[str, Any]) -> None:
    """Raise UrlRefused, IntakePaused, LanguageModelMissing or ValidationFailed for errors that are known before the download."""
    if not policy.accepts_recordings:
        raise errors.IntakePaused
    proofreading.check_engine(str(options.get("proofread") or ""), policy.proofreading)
    policy.addresses.check_literal(*parse_url(url))
    speech_to_text.check_language(str(options.get("language") or ""), policy.speech)


def create(
    session: Session, user_id: str, link: Link, policy: ImportPolicy, *, conversion: str, options: Mapping[str, Any]
) -> tuple[Recording, Job]:
    """Add the recording and the job of a checked link. Raises QuotaExceeded, TooManyUploads and TooManyJobs."""
    limits.check_uploads(session, user_id, policy.uploads_per_day)
    limits.check_jobs(session, user_id, policy.active_jobs)
    free_bytes = recordings.check_quota(session, user_id, 1, policy.user_quota_bytes)
    recording = _new_recording(user_id, link, str(options.get("language") or ""))
    session.add(recording)
    session.flush()
    job_options = {
        "audio_only": link.audio_only,
        "language": recording.language,
        "max_bytes": min(policy.max_bytes, free_bytes),
        "quota_bytes": policy.user_quota_bytes,
        "lane_thresholds": dataclasses.astuple(policy.lanes),
        "conversion": conversion,
        "conversion_options": with_prompts(options),
        "is_followed": True,
        **({"sealed_password": policy.seal(link.password)} if link.password else {}),
    }
    job = queue.submit(user_id=user_id, pipeline=import_jobs.PIPELINE, options=job_options, recording_id=recording.id)
    return recording, job


def _new_recording(user_id: str, link: Link, language: str) -> Recording:
    given_title = recordings.clean_title(link.title)
    parts = urlsplit(link.url)
    name = recordings.clean_title(unquote(parts.path).rstrip("/").rpartition("/")[2]) or parts.hostname or "recording"
    return Recording(
        id=new_id(),
        user_id=user_id,
        title=(given_title or link.name or name)[: recordings.MAX_TITLE_LENGTH],
        has_given_title=bool(given_title),
        filename=keys.safe_filename(link.name or name),
        sent_name="",
        storage_key="",
        size_bytes=0,
        sha256="",
        language=language,
        source_url=link.url,
        source_id=link.source_id,
        duration_s=0.0,
        media={},
    )
