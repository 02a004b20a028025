"""The assets of projects: recordings, lessons, scripts, pictures and documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

import errors
from database import session as current_session
from database import transaction
from lib.paging import count_rows
from models import Job, Project, ProjectAsset, Recording, Script, ScriptVersion, UploadedFile
from services.accounts import Caller
from services.jobs.queue.recording_lock import lock_recording
from services.projects import access
from services.projects.errors import ProjectIsProcessing, RoleTooLow, TooManyProjects
from services.projects.projects import is_processing, lock_project
from services.scripts import editing, reading

MAX_ASSETS = 1000  # of a project
_LESSON = "lesson"


@dataclass(frozen=True)
class AssetRef:
    """A reference to the object to add: exactly one id is set. `is_main`: the script becomes the one that the video is made of."""

    recording_id: str = ""
    script_id: str = ""
    file_id: str = ""
    is_main: bool = False
    details: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Asset:
    """An asset with the one object that it names."""

    row: ProjectAsset
    recording: Recording | None = None
    script: Script | None = None
    file: UploadedFile | None = None

    @property
    def title(self) -> str:
        if self.recording is not None:
            return self.recording.title
        return self.script.title if self.script is not None else self.file.filename if self.file is not None else ""

    @property
    def storage_key(self) -> str:
        """The key of the stored file; "" for a script."""
        return self.recording.storage_key if self.recording is not None else self.file.storage_key if self.file is not None else ""


def list_assets(caller: Caller, project_id: str) -> Sequence[Asset]:
    """Return the assets that the caller may open, in the order in which they were added. Raises NotFound.

    Recordings in the trash are left out; so are hidden recordings of others, and what belongs to suspended users.
    """
    access.get(caller, project_id)
    query = (
        select(ProjectAsset, Recording, Script, UploadedFile)
        .outerjoin(Recording, Recording.id == ProjectAsset.recording_id)
        .outerjoin(Script, Script.id == ProjectAsset.script_id)
        .outerjoin(UploadedFile, UploadedFile.id == ProjectAsset.file_id)
        .where(ProjectAsset.project_id == project_id)
        .order_by(ProjectAsset.created_at, ProjectAsset.id)
    )
    if not caller.is_admin:
        query = query.where(or_(Recording.id.is_(None), access.may_open_recording(caller.user_id)))
        query = query.where(or_(UploadedFile.id.is_(None), access.may_open_file(caller.user_id)))
    rows = current_session().execute(query).all()
    return [Asset(*row) for row in rows if row[1] is None or row[1].deleted_at is None]


def get(caller: Caller, project_id: str, asset_id: str) -> Asset:
    """Return one asset. Raises NotFound."""
    for each in list_assets(caller, project_id):
        if each.row.id == asset_id:
            return each
    raise errors.NotFound("asset")


def add(caller: Caller, project_id: str, asset_ref: AssetRef) -> str:
    """Add an object of the caller, as the owner or an editor; return the id of the asset, also of one that was there already.

    A script is copied unless it belongs to the owner and the caller may change it: editors of this project may change its scripts.
    Raises NotFound, RoleTooLow, ProjectArchived and TooManyProjects.
    """
    with transaction(on_conflict=errors.Conflict("The asset was added at the same time.")) as session:
        lock_recording(session, asset_ref.recording_id or None)
        project, _ = lock_project(session, caller, project_id, "editor")
        kind, column, object_id = _find(session, caller, project, asset_ref)
        query = select(ProjectAsset).where(ProjectAsset.project_id == project_id, getattr(ProjectAsset, column) == object_id)
        asset = session.execute(query).scalar_one_or_none()
        if asset is None:
            if count_rows(ProjectAsset, ProjectAsset.project_id == project_id) >= MAX_ASSETS:
                raise TooManyProjects(f"A project has at most {MAX_ASSETS} assets.")
            asset = ProjectAsset(project_id=project_id, kind=kind, added_by=caller.user_id, **{column: object_id})
            session.add(asset)
            session.flush()
        if asset_ref.details is not None:
            asset.details = dict(asset_ref.details)
        if asset_ref.is_main:
            _make_main(session, project, asset)
        asset_id: str = asset.id
    return asset_id


def remove(caller: Caller, project_id: str, asset_id: str) -> None:
    """Remove an asset from the project, as the owner or an editor; the object stays. Raises NotFound and RoleTooLow."""
    with transaction() as session:
        project, role = lock_project(session, caller, project_id, "editor")
        asset = session.get(ProjectAsset, asset_id)
        if asset is None or asset.project_id != project_id:
            raise errors.NotFound("asset")
        if asset.is_main and is_processing(session, project):
            raise ProjectIsProcessing
        if role != "owner" and asset.added_by != caller.user_id and asset.kind == _LESSON:
            raise RoleTooLow("Only the owner removes a finished video.")
        session.delete(asset)


def add_recording(session: Session, project_id: str, recording_id: str, kind: str, added_by: str | None) -> None:
    """Add a recording in an open transaction, unless the project has it already."""
    query = select(ProjectAsset.id).where(ProjectAsset.project_id == project_id, ProjectAsset.recording_id == recording_id)
    if session.execute(query).first() is None:
        session.add(ProjectAsset(project_id=project_id, kind=kind, recording_id=recording_id, added_by=added_by))
        session.flush()


def _find(session: Session, caller: Caller, project: Project, asset_ref: AssetRef) -> tuple[str, str, str]:
    """Return kind, column and id of the object. Raises NotFound for one that is not the caller's."""
    if asset_ref.recording_id:
        recording = session.get(Recording, asset_ref.recording_id)
        if recording is None or recording.user_id != caller.user_id or recording.deleted_at is not None:
            raise errors.NotFound("recording")
        render_jobs = select(Job.id).where(Job.recording_id == recording.id, Job.pipeline == reading.RENDER_PIPELINE)
        return (_LESSON if session.execute(render_jobs).first() else "recording"), "recording_id", recording.id
    if asset_ref.script_id:
        return "script", "script_id", _script_of_owner(session, caller, project, asset_ref.script_id)
    file = session.get(UploadedFile, asset_ref.file_id)
    if file is None or file.user_id != caller.user_id:
        raise errors.NotFound("file")
    return file.kind, "file_id", file.id


def _script_of_owner(session: Session, caller: Caller, project: Project, script_id: str) -> str:
    stored_script = reading.get(caller, script_id)
    is_own, is_of_owner = stored_script.row.user_id == caller.user_id, stored_script.row.user_id == project.user_id
    if is_of_owner and (is_own or access.may_use_script(caller.user_id, script_id, "editor")):
        return stored_script.row.id
    if not is_own and not is_of_owner:
        raise errors.NotFound("script")
    _, content = reading.get_written(caller, script_id)
    editing.check_script_limit(session, project.user_id, 1)
    copy = Script(id=editing.new_token(), user_id=project.user_id)
    session.add(copy)
    session.flush()
    editing.add_version(session, copy, content, author="user", author_id=caller.user_id)
    return str(copy.id)


def _make_main(session: Session, project: Project, asset: ProjectAsset) -> None:
    if asset.script_id is None:
        raise errors.ValidationFailed("is_main: only a script can be the one that the video is made of.")
    conditions = (ProjectAsset.project_id == project.id, ProjectAsset.id != asset.id)
    session.execute(update(ProjectAsset).where(*conditions).values(is_main=False))
    if not asset.is_main:
        asset.is_main = True
        project.script_text, project.script_text_version = "", 0


def versions_of(session: Session, assets: Sequence[Asset]) -> dict[str, ScriptVersion]:
    """Return the current versions of the scripts among these assets, by script."""
    ids = [each.script.id for each in assets if each.script is not None]
    current = (ScriptVersion.script_id == Script.id) & (ScriptVersion.number == Script.version)
    query = select(ScriptVersion).join(Script, current).where(Script.id.in_(ids))
    return {each.script_id: each for each in session.execute(query).scalars()} if ids else {}
