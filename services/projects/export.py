"""Export a project as a zip archive: a manifest, its scripts, and the files of its assets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import select

from database import end_read, session
from lib.clock import iso, now
from lib.zip_stream import stream_zip
from models import Artifact, Job, Project
from services.accounts import Caller
from services.library import hidden_formats
from services.projects import access, assets, members
from services.projects import projects as project_reading
from services.projects.assets import Asset
from services.storage import Store
from services.storage.keys import title_as_filename

_FORMAT = 1


@dataclass(frozen=True)
class ProjectExport:
    """`filename`: of the archive; `texts`: contents by name in it; `files`: name in the archive and storage key."""

    filename: str
    texts: Mapping[str, str]
    files: Sequence[tuple[str, str]]


def collect(caller: Caller, project_id: str) -> ProjectExport:
    """Read all rows of a project as its owner or an editor, so that streaming needs no database. Raises NotFound and RoleTooLow."""
    project, _ = access.get(caller, project_id, "editor")
    project_state = project_reading.get(caller, project_id)
    rows = assets.list_assets(caller, project_id)
    documents = _documents([each.recording.id for each in rows if each.recording is not None])
    versions = assets.versions_of(session(), rows)
    entries, files = [], []
    texts: dict[str, str] = {}
    for asset in rows:
        entry = _asset_entry(asset)
        asset_files = _files_of(asset, documents)
        entry["files"] = [{"path": path, **facts} for path, _, facts in asset_files]
        files += [(path, key) for path, key, _ in asset_files]
        if asset.script is not None and (version := versions.get(asset.script.id)) is not None:
            path = f"scripts/{asset.script.id}.json"
            texts[path] = json.dumps(version.script, ensure_ascii=False, indent=1)
            content = texts[path].encode()
            sums = {"size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            entry["files"].append({"path": path, "version": version.number, **sums})
        entries.append(entry)
    manifest = {
        "format": _FORMAT,
        "exported_at": iso(now()),
        "project": {**_facts(project), "status": project_state.status, "script": project_state.script_text},
        "members": [
            {"name": each.name, "email": each.email, "role": each.role, "is_invited": each.is_invited}
            for each in members.list_members(caller, project_id)
        ],
        "jobs": _jobs(project_id),
        "assets": entries,
    }
    filename = f"{title_as_filename(project.name, 'project')}.zip"
    end_read()
    return ProjectExport(filename, {"manifest.json": json.dumps(manifest, ensure_ascii=False, indent=1), **texts}, files)


def stream(export: ProjectExport, store: Store) -> Iterator[bytes]:
    """Yield the bytes of the archive. Files that no longer exist are listed in `missing.json`."""
    return stream_zip(export.texts, [(path, partial(store.read, key)) for path, key in export.files])


def _facts(project: Project) -> dict[str, Any]:
    return {
        "id": project.id,
        "name": project.name,
        "description": project.description,
        "settings": project.settings,
        "metadata": project.details,
        "defaults": project.lesson_options,
        "glossary": project.glossary,
        "created_at": iso(project.created_at),
        "updated_at": iso(project.updated_at),
        "completed_at": iso(project.completed_at),
    }


def _asset_entry(asset: Asset) -> dict[str, Any]:
    row = asset.row
    object_id = row.recording_id or row.script_id or row.file_id
    return {
        "id": row.id,
        "type": row.kind,
        "object_id": object_id,
        "title": asset.title,
        "is_main": row.is_main,
        "metadata": row.details,
        "created_at": iso(row.created_at),
    }


def _files_of(asset: Asset, documents: Mapping[str, Sequence[Artifact]]) -> list[tuple[str, str, dict[str, Any]]]:
    """Return path in the archive, storage key, and size and hash of each file of an asset."""
    if asset.file is not None:
        file = asset.file
        path = f"files/{file.id}/{file.filename}"
        return [(path, file.storage_key, {"size_bytes": file.size_bytes, "sha256": file.sha256, "content_type": file.content_type})]
    recording = asset.recording
    if recording is None:
        return []
    parts = []
    if recording.storage_key:
        facts: dict[str, Any] = {"size_bytes": recording.size_bytes, "sha256": recording.sha256}
        parts.append((f"recordings/{recording.id}/{recording.filename}", recording.storage_key, facts))
    for each in documents.get(recording.id, ()):
        facts = {"size_bytes": each.size_bytes, "sha256": each.sha256, "format": each.format}
        parts.append((f"documents/{recording.id}/{each.format}/{each.filename}", each.storage_key, facts))
    return parts


def _documents(recording_ids: Sequence[str]) -> Mapping[str, Sequence[Artifact]]:
    query = select(Artifact).where(Artifact.recording_id.in_(recording_ids), Artifact.format.not_in(hidden_formats.ALL))
    by_recording: dict[str, list[Artifact]] = {}
    for each in session().execute(query.order_by(Artifact.recording_id, Artifact.format)).scalars() if recording_ids else ():
        by_recording.setdefault(each.recording_id, []).append(each)
    return by_recording


def _jobs(project_id: str) -> list[dict[str, Any]]:
    query = select(Job).where(Job.project_id == project_id).order_by(Job.created_at, Job.id)
    return [
        {
            "id": job.id,
            "pipeline": job.pipeline,
            "state": job.state,
            "created_at": iso(job.created_at),
            "finished_at": iso(job.finished_at),
            "error": job.error_message if job.error_code else None,
        }
        for job in session().execute(query).scalars()
    ]
