"""Export an account as a zip archive that is streamed while it is built; needs no disk space and holds no connection."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import inspect, select

import errors
from database import Base, end_read, session
from lib.clock import iso
from lib.zip_stream import stream_zip
from models import (
    ApiKey,
    Artifact,
    Batch,
    BatchItem,
    Bookmark,
    Comment,
    Course,
    CourseRecording,
    CreditEntry,
    CreditGrant,
    CreditTransaction,
    GlossaryTerm,
    Identity,
    Job,
    LoginSession,
    Notice,
    Project,
    ProjectAsset,
    ProjectInvitation,
    ProjectMember,
    Publication,
    Recording,
    RecordingLike,
    Script,
    ScriptRequest,
    ScriptVersion,
    Subscription,
    UploadedFile,
    User,
    WatchPosition,
    Webhook,
    YouTubeAccount,
)
from services.accounts.callers import Caller
from services.storage import Store

_SECRETS = {
    "password_hash",
    "refresh_token_id",
    "previous_refresh_token_id",
    "upstream_refresh_token",
    "key_hash",
    "secret",
    "storage_key",
    "subtitles_key",
    "sealed_password",
    "sealed_token",
}
_INTERNAL = {"worker", "lease_expires_at", "error_log"}


@dataclass(frozen=True)
class Export:
    """`tables`: rows by file name; `files`: name in the archive and storage key; `script_versions`: name and id of each."""

    tables: Mapping[str, Sequence[Mapping[str, Any]]]
    files: Sequence[tuple[str, str]]
    script_versions: Sequence[tuple[str, str]] = ()


def collect(caller: Caller) -> Export:
    """Read all rows of the caller, except for the versions of scripts, which may be large together."""
    user_id = caller.user_id
    recordings = _rows(select(Recording).where(Recording.user_id == user_id).order_by(Recording.created_at))
    documents = _rows(select(Artifact).join(Recording).where(Recording.user_id == user_id).order_by(Artifact.recording_id, Artifact.format))
    uploaded = _rows(select(UploadedFile).where(UploadedFile.user_id == user_id).order_by(UploadedFile.created_at))
    tables = {
        "profile": _rows(select(User).where(User.id == user_id)),
        "recordings": recordings,
        "documents": documents,
        "jobs": _rows(select(Job).where(Job.user_id == user_id).order_by(Job.created_at)),
        "sessions": _rows(select(LoginSession).where(LoginSession.user_id == user_id)),
        "identities": _rows(select(Identity).where(Identity.user_id == user_id)),
        "api_keys": _rows(select(ApiKey).where(ApiKey.user_id == user_id)),
        "webhooks": _rows(select(Webhook).where(Webhook.user_id == user_id)),
        "glossary": _rows(select(GlossaryTerm).where(GlossaryTerm.user_id == user_id).order_by(GlossaryTerm.term)),
        "batches": _rows(select(Batch).where(Batch.user_id == user_id).order_by(Batch.created_at)),
        "batch_items": _rows(
            select(BatchItem).join(Batch).where(Batch.user_id == user_id).order_by(BatchItem.batch_id, BatchItem.position)
        ),
        "script_requests": _rows(select(ScriptRequest).where(ScriptRequest.user_id == user_id).order_by(ScriptRequest.created_at)),
        "scripts": _rows(select(Script).where(Script.user_id == user_id).order_by(Script.created_at)),
        "projects": _rows(select(Project).where(Project.user_id == user_id).order_by(Project.created_at)),
        "project_members": _rows(select(ProjectMember).join(Project).where(Project.user_id == user_id)),
        "project_invitations": _rows(select(ProjectInvitation).join(Project).where(Project.user_id == user_id)),
        "project_assets": _rows(
            select(ProjectAsset).join(Project).where(Project.user_id == user_id).order_by(ProjectAsset.project_id, ProjectAsset.created_at)
        ),
        "memberships": _rows(select(ProjectMember).where(ProjectMember.user_id == user_id)),
        "invitations": _rows(select(ProjectInvitation).where(ProjectInvitation.user_id == user_id)),
        "files": uploaded,
        "courses": _rows(select(Course).where(Course.user_id == user_id).order_by(Course.created_at)),
        "course_recordings": _rows(
            select(CourseRecording).join(Course).where(Course.user_id == user_id).order_by(Course.created_at, CourseRecording.position)
        ),
        "watch_positions": _rows(select(WatchPosition).where(WatchPosition.user_id == user_id)),
        "bookmarks": _rows(select(Bookmark).where(Bookmark.user_id == user_id).order_by(Bookmark.recording_id, Bookmark.time_s)),
        "likes": _rows(select(RecordingLike).where(RecordingLike.user_id == user_id)),
        "comments": _rows(select(Comment).where(Comment.user_id == user_id).order_by(Comment.created_at)),
        "credit_transactions": _rows(
            select(CreditTransaction).where(CreditTransaction.user_id == user_id).order_by(CreditTransaction.created_at)
        ),
        "credit_entries": _rows(select(CreditEntry).where(CreditEntry.user_id == user_id).order_by(CreditEntry.id)),
        "credit_grants": _rows(select(CreditGrant).where(CreditGrant.user_id == user_id).order_by(CreditGrant.created_at)),
        "subscriptions": _rows(select(Subscription).where(Subscription.user_id == user_id).order_by(Subscription.created_at)),
        "youtube_accounts": _rows(select(YouTubeAccount).where(YouTubeAccount.user_id == user_id)),
        "publications": _rows(select(Publication).where(Publication.user_id == user_id).order_by(Publication.created_at)),
        "notices": _rows(select(Notice).where(Notice.user_id == user_id).order_by(Notice.created_at)),
    }
    files = [file for recording in recordings for file in _of_recording(recording)]
    files += [(f"documents/{each.recording_id}/{each.format}/{each.filename}", each.storage_key) for each in documents]
    files += [(f"files/{each.id}/{each.filename}", each.storage_key) for each in uploaded]
    versions = select(ScriptVersion.id, ScriptVersion.script_id, ScriptVersion.number).join(Script).where(Script.user_id == user_id)
    numbered = session().execute(versions.order_by(ScriptVersion.script_id, ScriptVersion.number))
    named = [(f"scripts/{row.script_id}/{row.number}.json", row.id) for row in numbered]
    tables_as_dicts = {name: [_plain(row) for row in rows] for name, rows in tables.items()}
    end_read()
    return Export(tables_as_dicts, files, named)


def stream(export: Export, store: Store) -> Iterator[bytes]:
    """Yield the bytes of the archive. Files that no longer exist are listed in `missing.json`. Needs the context of the application."""
    texts = {f"{name}.json": json.dumps(rows, ensure_ascii=False, indent=1) for name, rows in export.tables.items()}
    scripts = [(name, partial(_version, version_id)) for name, version_id in export.script_versions]
    return stream_zip(texts, [*scripts, *((name, partial(store.read, key)) for name, key in export.files)])


def _version(version_id: str) -> Iterator[bytes]:
    row = session().get(ScriptVersion, version_id)
    if row is None:
        raise errors.NotFound("version")
    content = json.dumps(_plain(row), ensure_ascii=False, indent=1).encode()
    session().expunge(row)
    end_read()
    yield content


def _rows(query: Any) -> Sequence[Any]:
    return session().execute(query).scalars().all()


def _of_recording(recording: Recording) -> list[tuple[str, str]]:
    if not recording.storage_key:  # its download has not ended
        return []
    files = [(f"recordings/{recording.id}/{recording.filename}", recording.storage_key)]
    if recording.subtitles_key:
        files.append((f"recordings/{recording.id}/{PurePosixPath(recording.subtitles_key).name}", recording.subtitles_key))
    return files


def _plain(row: Base) -> dict[str, Any]:
    """Return the row without secrets and internal columns."""
    values = {column.key: getattr(row, column.key) for column in inspect(row).mapper.column_attrs}
    exported = {name: value for name, value in values.items() if name not in _SECRETS | _INTERNAL}
    return {name: iso(value) if hasattr(value, "astimezone") else value for name, value in exported.items()}
