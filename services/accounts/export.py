"""Export an account as a zip archive that is streamed while it is built; needs no disk space and holds no connection."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import InstrumentedAttribute

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
class _Source:
    """The rows of a table that belong to a user: `owner` is the column with the user's id, of the table or of its parent."""

    table: type[Base]
    owner: InstrumentedAttribute[str] | InstrumentedAttribute[str | None]
    order: tuple[InstrumentedAttribute[Any], ...] = ()

    def rows(self, user_id: str) -> Sequence[Any]:
        """Return the rows of a user."""
        query = select(self.table) if self.owner.class_ is self.table else select(self.table).join(self.owner.class_)
        return session().execute(query.where(self.owner == user_id).order_by(*self.order)).scalars().all()


_SOURCES = {
    "profile": _Source(User, User.id),
    "recordings": _Source(Recording, Recording.user_id, (Recording.created_at,)),
    "documents": _Source(Artifact, Recording.user_id, (Artifact.recording_id, Artifact.format)),
    "jobs": _Source(Job, Job.user_id, (Job.created_at,)),
    "sessions": _Source(LoginSession, LoginSession.user_id),
    "identities": _Source(Identity, Identity.user_id),
    "api_keys": _Source(ApiKey, ApiKey.user_id),
    "webhooks": _Source(Webhook, Webhook.user_id),
    "glossary": _Source(GlossaryTerm, GlossaryTerm.user_id, (GlossaryTerm.term,)),
    "batches": _Source(Batch, Batch.user_id, (Batch.created_at,)),
    "batch_items": _Source(BatchItem, Batch.user_id, (BatchItem.batch_id, BatchItem.position)),
    "script_requests": _Source(ScriptRequest, ScriptRequest.user_id, (ScriptRequest.created_at,)),
    "scripts": _Source(Script, Script.user_id, (Script.created_at,)),
    "projects": _Source(Project, Project.user_id, (Project.created_at,)),
    "project_members": _Source(ProjectMember, Project.user_id),
    "project_invitations": _Source(ProjectInvitation, Project.user_id),
    "project_assets": _Source(ProjectAsset, Project.user_id, (ProjectAsset.project_id, ProjectAsset.created_at)),
    "memberships": _Source(ProjectMember, ProjectMember.user_id),
    "invitations": _Source(ProjectInvitation, ProjectInvitation.user_id),
    "files": _Source(UploadedFile, UploadedFile.user_id, (UploadedFile.created_at,)),
    "courses": _Source(Course, Course.user_id, (Course.created_at,)),
    "course_recordings": _Source(CourseRecording, Course.user_id, (Course.created_at, CourseRecording.position)),
    "watch_positions": _Source(WatchPosition, WatchPosition.user_id),
    "bookmarks": _Source(Bookmark, Bookmark.user_id, (Bookmark.recording_id, Bookmark.time_s)),
    "likes": _Source(RecordingLike, RecordingLike.user_id),
    "comments": _Source(Comment, Comment.user_id, (Comment.created_at,)),
    "credit_transactions": _Source(CreditTransaction, CreditTransaction.user_id, (CreditTransaction.created_at,)),
    "credit_entries": _Source(CreditEntry, CreditEntry.user_id, (CreditEntry.id,)),
    "credit_grants": _Source(CreditGrant, CreditGrant.user_id, (CreditGrant.created_at,)),
    "subscriptions": _Source(Subscription, Subscription.user_id, (Subscription.created_at,)),
    "youtube_accounts": _Source(YouTubeAccount, YouTubeAccount.user_id),
    "publications": _Source(Publication, Publication.user_id, (Publication.created_at,)),
    "notices": _Source(Notice, Notice.user_id, (Notice.created_at,)),
}


@dataclass(frozen=True)
class Export:
    """`tables`: rows by file name; `files`: name in the archive and storage key; `script_versions`: name and id of each."""

    tables: Mapping[str, Sequence[Mapping[str, Any]]]
    files: Sequence[tuple[str, str]]
    script_versions: Sequence[tuple[str, str]] = ()


def collect(caller: Caller) -> Export:
    """Read all rows of the caller, except for the versions of scripts, which may be large together."""
    tables = {name: source.rows(caller.user_id) for name, source in _SOURCES.items()}
    files = [file for recording in tables["recordings"] for file in _of_recording(recording)]
    files += [(f"documents/{each.recording_id}/{each.format}/{each.filename}", each.storage_key) for each in tables["documents"]]
    files += [(f"files/{each.id}/{each.filename}", each.storage_key) for each in tables["files"]]
    versions = select(ScriptVersion.id, ScriptVersion.script_id, ScriptVersion.number).join(Script).where(Script.user_id == caller.user_id)
    version_rows = session().execute(versions.order_by(ScriptVersion.script_id, ScriptVersion.number))
    script_files = [(f"scripts/{row.script_id}/{row.number}.json", row.id) for row in version_rows]
    tables_as_dicts = {name: [_plain(row) for row in rows] for name, rows in tables.items()}
    end_read()
    return Export(tables_as_dicts, files, script_files)


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
    public_values = {name: value for name, value in values.items() if name not in _SECRETS | _INTERNAL}
    return {name: iso(value) if hasattr(value, "astimezone") else value for name, value in public_values.items()}
