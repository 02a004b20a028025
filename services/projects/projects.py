"""Create, change, list, archive and delete projects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, defer

import errors
from database import session as current_session
from database import transaction
from domain import ACTIVE_STATES, JobState
from lib.clock import now
from lib.paging import Page, Paging, count_rows, fetch_page
from models import Job, Project, ProjectAsset, ProjectMember, Recording, Script, ScriptVersion
from services.accounts import Caller
from services.accounts.user_lock import lock_user
from services.files import files
from services.lessons.script import LessonScript
from services.projects import access, narration
from services.projects.access import Role
from services.projects.errors import ProjectArchived, ProjectIsProcessing, TooManyProjects
from services.scripts import editing, reading

MAX_PROJECTS = 2000  # of a user
MAX_NAME_CHARS = 500
MAX_SCRIPT_CHARS = 400_000
MAX_LISTED_CHARS = 4000  # more than the 500 words that AI Film Studio allows
MAX_GLOSSARY_TERMS = 500
MAX_GLOSSARY_BYTES = 200_000  # as JSON

Status = Literal["draft", "processing", "completed", "failed"]
Scope = Literal["all", "own", "shared"]


@dataclass(frozen=True)
class ProjectChanges:
    """New values; None leaves a field as it is. `script`: a text, or a script with scenes."""

    name: str | None = None
    description: str | None = None
    script: str | LessonScript | None = None
    settings: Mapping[str, Any] | None = None
    details: Mapping[str, Any] | None = None
    lesson_options: Mapping[str, Any] | None = None
    glossary: Sequence[Mapping[str, Any]] | None = None


@dataclass(frozen=True)
class ProjectFilter:
    """Conditions; empty fields match all."""

    scope: Scope = "all"
    status: Status | None = None
    archived: bool = False


@dataclass(frozen=True)
class StoredProject:
    """A project as one of its members sees it. `job`: the newest job that makes its video; `video`: the newest video."""

    row: Project
    role: Role
    job: Job | None
    video: Recording | None
    script: Script | None
    script_text: str

    @property
    def status(self) -> Status:
        if self.job is not None and self.job.state in ACTIVE_STATES:
            return "processing"
        if self.job is not None and self.job.state == JobState.FAILED:
            return "failed"
        return "completed" if self.video is not None else "draft"


def list_page(caller: Caller, filters: ProjectFilter, paging: Paging) -> Page[StoredProject]:
    """List the projects that the caller owns or shares, newest first, with the beginnings of their texts and without glossaries."""
    query = select(Project).where(*_conditions(caller.user_id, filters)).order_by(Project.created_at.desc(), Project.id)
    page = fetch_page(query.options(defer(Project.script_text), defer(Project.glossary)), paging)
    return Page(_with_parts(caller, page.rows, with_texts=False), page.total)


def get(caller: Caller, project_id: str) -> StoredProject:
    """Return a project. Raises NotFound."""
    project, _ = access.get(caller, project_id)
    return _with_parts(caller, [project])[0]


def create(caller: Caller, content: ProjectChanges) -> str:
    """Create a project and return its id. Raises TooManyProjects and TooManyScripts."""
    script = _prepare_script(content.script)
    with transaction() as session:
        lock_user(session, caller.user_id)
        if count_rows(Project, Project.user_id == caller.user_id) >= MAX_PROJECTS:
            raise TooManyProjects(f"The limit is {MAX_PROJECTS} projects.")
        project = Project(user_id=caller.user_id, name="")
        session.add(project)
        _apply(project, content)
        session.flush()
        if script is not None:
            _put_script(session, caller, project, script)
        return project.id


def edit(caller: Caller, project_id: str, changes: ProjectChanges) -> None:
    """Change a project, as its owner or an editor, who adds only recordings and pictures that they may open themselves.

    Raises NotFound, RoleTooLow, ProjectArchived, ImageMissing and RecordingMissing.
    """
    script = _prepare_script(changes.script)
    with transaction() as session:
        project, role = lock_project(session, caller, project_id, "editor")
        if role != "owner":
            _check_logo(caller, project, changes)
        _apply(project, changes)
        project.updated_at = now()
        if script is not None:
            _put_script(session, caller, project, script)


def delete(caller: Caller, project_id: str) -> None:
    """Delete a project, as its owner. Its recordings, scripts and files stay. Raises NotFound, RoleTooLow and ProjectIsProcessing."""
    with transaction() as session:
        project, _ = lock_project(session, caller, project_id, "owner", archived=None)
        if is_processing(session, project):
            raise ProjectIsProcessing
        session.delete(project)


def check_editor(caller: Caller, project_id: str) -> None:
    """Raise NotFound, RoleTooLow or ProjectArchived unless the caller may change the project."""
    project, _ = access.get(caller, project_id, "editor")
    if project.archived_at is not None:
        raise ProjectArchived


def set_archived(caller: Caller, project_id: str, is_archived: bool) -> None:
    """Archive a project or restore it, as its owner. Raises NotFound, RoleTooLow and ProjectIsProcessing."""
    with transaction() as session:
        project, _ = lock_project(session, caller, project_id, "owner", archived=None)
        if is_archived and is_processing(session, project):
            raise ProjectIsProcessing
        project.archived_at = (project.archived_at or now()) if is_archived else None


def lock_project(
    session: Session, caller: Caller, project_id: str, min_role: Role, *, archived: Literal[False] | None = False
) -> tuple[Project, Role]:
    """Return a project locked for a change. `archived`: None allows an archived one. Raises NotFound, RoleTooLow and ProjectArchived."""
    query = select(Project).where(Project.id == project_id).with_for_update().execution_options(populate_existing=True)
    project = session.execute(query).scalar_one_or_none()
    role = None if project is None else access.role_in(caller.user_id, project)
    if project is None or role is None:
        access.get(caller, project_id, "editor")  # tells an admin that viewing is all that is allowed
        raise errors.NotFound("project")
    access.require(role, min_role)
    if archived is False and project.archived_at is not None:
        raise ProjectArchived
    return project, role


def is_processing(session: Session, project: Project) -> bool:
    """Return whether a job of the project is unfinished; one that is being cancelled does not count."""
    query = select(Job.id).where(Job.project_id == project.id, Job.state.in_(ACTIVE_STATES), ~Job.cancel_requested)
    return session.execute(query).first() is not None


def main_script(session: Session, project_id: str) -> Script | None:
    """Return the script that the project's video is made of."""
    query = select(Script).join(ProjectAsset, ProjectAsset.script_id == Script.id)
    return session.execute(query.where(ProjectAsset.project_id == project_id, ProjectAsset.is_main)).scalar_one_or_none()


def _apply(project: Project, changes: ProjectChanges) -> None:
    for name in ("name", "description"):
        value = getattr(changes, name)
        if value is not None:
            setattr(project, name, value)
    for name in ("settings", "details", "lesson_options"):
        value = getattr(changes, name)
        if value is not None:
            setattr(project, name, dict(value))
    if changes.glossary is not None:
        project.glossary = [dict(term) for term in changes.glossary]


def _check_logo(caller: Caller, project: Project, changes: ProjectChanges) -> None:
    """Raise NotFound if a member chooses a logo that they may not open themselves."""
    logo_id = (changes.lesson_options or {}).get("logo_image_id")
    if logo_id and logo_id != project.lesson_options.get("logo_image_id"):
        files.get_readable(caller, logo_id)


def _prepare_script(script: str | LessonScript | None) -> narration.SpokenText | LessonScript | None:
    """Divide a text before the transaction; None for an empty one."""
    if not isinstance(script, str):
        return script
    text = script.strip()
    return narration.divide(text) if text else None


def _put_script(session: Session, caller: Caller, project: Project, script: narration.SpokenText | LessonScript) -> None:
    """Make the script of the project from a text or scenes: a new version of it, or a new script, which belongs to the owner."""
    text, current = "", main_script(session, project.id)
    if isinstance(script, narration.SpokenText):
        text = script.text
        if current is not None and text == _text_of(session, project, current):
            return
        content = script.script(project.name)
    else:
        content = script
    if current is None:
        editing.check_script_limit(session, project.user_id, 1)
        current = Script(id=editing.new_token(), user_id=project.user_id)
        session.add(current)
        session.flush()
        asset = ProjectAsset(project_id=project.id, kind="script", script_id=current.id, is_main=True, added_by=caller.user_id)
        session.add(asset)
    session.refresh(current, with_for_update=True)
    version = editing.add_version(session, current, content, author="user", author_id=caller.user_id)
    project.script_text, project.script_text_version = text, version.number if text else 0


def _text_of(session: Session, project: Project, script: Script) -> str:
    if script.version == project.script_text_version:
        return project.script_text
    current = (ScriptVersion.script_id == script.id) & (ScriptVersion.number == script.version)
    version = session.execute(select(ScriptVersion).where(current)).scalar_one_or_none()
    content = reading.usable_content(version) if version is not None else None
    return narration.text_of(content) if content is not None else ""


def _conditions(user_id: str, filters: ProjectFilter) -> list[ColumnElement[bool]]:
    is_owner = Project.user_id == user_id
    conditions = [{"own": is_owner, "shared": and_(access.is_member(user_id), ~is_owner), "all": access.is_member(user_id)}[filters.scope]]
    conditions.append(Project.archived_at.is_not(None) if filters.archived else Project.archived_at.is_(None))
    if filters.status is not None:
        conditions.append(_has_status(filters.status))
    return conditions


def _has_status(status: Status) -> ColumnElement[bool]:
    """Return the condition that corresponds to `StoredProject.status`."""

    def job_in(*states: str) -> ColumnElement[bool]:
        return select(Job.id).where(Job.id == Project.job_id, Job.state.in_(states)).correlate(Project).exists()

    if status == "processing":
        return job_in(*ACTIVE_STATES)
    if status == "failed":
        return job_in(JobState.FAILED)
    has_video = select(Recording.id).where(Recording.id == Project.recording_id, Recording.deleted_at.is_(None)).correlate(Project).exists()
    is_idle = ~job_in(*ACTIVE_STATES, JobState.FAILED)
    return and_(is_idle, has_video if status == "completed" else ~has_video)


def _with_parts(caller: Caller, projects: Sequence[Project], *, with_texts: bool = True) -> list[StoredProject]:
    """Add job, video, script and role to projects, in as many queries for one as for many."""
    ids = [each.id for each in projects]
    if not ids:
        return []
    session = current_session()
    job_ids = [each.job_id for each in projects if each.job_id]
    job_query = select(Job).where(Job.id.in_(job_ids)).execution_options(populate_existing=True)
    jobs = {job.id: job for job in session.execute(job_query).scalars()}
    video_ids = [each.recording_id for each in projects if each.recording_id]
    video_query = select(Recording).where(Recording.id.in_(video_ids), Recording.deleted_at.is_(None))
    videos = {each.id: each for each in session.execute(video_query).scalars()}
    members = select(ProjectMember).where(ProjectMember.project_id.in_(ids), ProjectMember.user_id == caller.user_id)
    roles: dict[str, Role] = {
        each.project_id: "editor" if each.role == "editor" else "viewer" for each in session.execute(members).scalars()
    }
    scripts = _main_scripts(session, ids)
    texts = _script_texts(session, projects, scripts) if with_texts else _beginnings(session, ids)
    return [
        StoredProject(
            each,
            "owner" if each.user_id == caller.user_id else roles.get(each.id, "viewer"),
            jobs.get(each.job_id or ""),
            videos.get(each.recording_id or ""),
            scripts.get(each.id),
            texts.get(each.id, ""),
        )
        for each in projects
    ]


def _main_scripts(session: Session, project_ids: Sequence[str]) -> dict[str, Script]:
    query = select(ProjectAsset.project_id, Script).join(Script, Script.id == ProjectAsset.script_id)
    rows = session.execute(query.where(ProjectAsset.project_id.in_(project_ids), ProjectAsset.is_main))
    return {row[0]: row[1] for row in rows}


def _beginnings(session: Session, project_ids: Sequence[str]) -> dict[str, str]:
    """Return the first characters of the texts as they were sent."""
    query = select(Project.id, func.substr(Project.script_text, 1, MAX_LISTED_CHARS)).where(Project.id.in_(project_ids))
    return {row[0]: row[1] or "" for row in session.execute(query)}


def _script_texts(session: Session, projects: Sequence[Project], scripts: Mapping[str, Script]) -> dict[str, str]:
    """Return the texts as they were sent, or the narration of scripts that were edited since."""
    texts: dict[str, str] = {}
    ids_by_version: dict[tuple[str, int], list[str]] = {}
    for each in projects:
        script = scripts.get(each.id)
        if script is None:
            continue
        if script.version == each.script_text_version:
            texts[each.id] = each.script_text
        else:
            ids_by_version.setdefault((script.id, script.version), []).append(each.id)
    keys = [and_(ScriptVersion.script_id == script_id, ScriptVersion.number == number) for script_id, number in ids_by_version]
    if keys:
        for version in session.execute(select(ScriptVersion).where(or_(*keys))).scalars():
            content = reading.usable_content(version)
            text = narration.text_of(content) if content is not None else ""
            texts.update(dict.fromkeys(ids_by_version[version.script_id, version.number], text))
    return texts
