"""Submit links: a recording without a file, and the job that downloads it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

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
from services.webhooks.subscriptions import JobHook, add_for_job
from tables.columns import new_id


@dataclass(frozen=True)
class Link:
    """What a user sends: the address, a title for the recording, and the password of a share."""

    url: str
    title: str = ""
    password: str = ""
    audio_only: bool = False


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
        )


def submit(
    caller: Caller, link: Link, policy: ImportPolicy, *, conversion: str, options: Mapping[str, Any], hook: JobHook | None = None
) -> tuple[Recording, Job]:
    """Create the recording of a link and queue its download; `conversion` is the pipeline that follows, with these options.

    Raises UrlRefused, IntakePaused, LanguageModelMissing, QuotaExceeded, TooManyUploads and TooManyJobs.
    No name is resolved here: the download checks every address.
    """
    if not policy.accepts_recordings:
        raise errors.IntakePaused
    proofreading.check_engine(str(options.get("proofread") or ""), policy.proofreading)
    policy.addresses.check_literal(*parse_url(link.url))
    language = str(options.get("language") or "")
    speech_to_text.check_language(language, policy.speech)
    recording = _new_recording(caller, link, language)
    with transaction() as session:
        limits.check_uploads(session, caller.user_id, policy.uploads_per_day)
        limits.check_jobs(session, caller.user_id, policy.active_jobs)
        free_bytes = recordings.check_quota(session, caller.user_id, 1, policy.user_quota_bytes)
        session.add(recording)
        session.flush()
        job_options = {
            "audio_only": link.audio_only,
            "language": language,
            "max_bytes": min(policy.max_bytes, free_bytes),
            "quota_bytes": policy.user_quota_bytes,
            "lane_thresholds": dataclasses.astuple(policy.lanes),
            "conversion": conversion,
            "conversion_options": with_prompts(options),
            "is_followed": True,
            **({"sealed_password": encrypt(link.password, policy.signing_key)} if link.password else {}),
        }
        job = queue.submit(user_id=caller.user_id, pipeline=import_jobs.PIPELINE, options=job_options, recording_id=recording.id)
        if hook is not None:
            add_for_job(session, job, hook)
    return recording, job


def _new_recording(caller: Caller, link: Link, language: str) -> Recording:
    given_title = recordings.clean_title(link.title)
    parts = urlsplit(link.url)
    name = recordings.clean_title(unquote(parts.path).rstrip("/").rpartition("/")[2]) or parts.hostname or "recording"
    return Recording(
        id=new_id(),
        user_id=caller.user_id,
        title=(given_title or name)[: recordings.MAX_TITLE_LENGTH],
        has_given_title=bool(given_title),
        filename=keys.safe_filename(name),
        sent_name="",
        storage_key="",
        size_bytes=0,
        sha256="",
        language=language,
        source_url=link.url,
        duration_s=0.0,
        media={},
    )
