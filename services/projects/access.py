"""Permissions in projects, and those of members for the recordings, scripts and jobs that belong to a project."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import ColumnElement, exists, or_, select

import errors
from database import session
from models import Job, Project, ProjectAsset, ProjectMember, Recording, UploadedFile, User
from services.accounts.callers import Caller
from services.accounts.suspension import is_active
from services.projects.errors import RoleTooLow

Role = Literal["owner", "editor", "viewer"]
MEMBER_ROLES: tuple[Role, ...] = ("editor", "viewer")
_RANKS: dict[Role, int] = {"viewer": 1, "editor": 2, "owner": 3}


def role_in(user_id: str, project: Project) -> Role | None:
    """Return the user's role; None for a user who is not a member, and for the members of a suspended user's project."""
    if project.user_id == user_id:
        return "owner"
    member = session().get(ProjectMember, (project.id, user_id))
    if member is None or session().get_one(User, project.user_id).status != "active":
        return None
    return "editor" if member.role == "editor" else "viewer"


def get(caller: Caller, project_id: str, min_role: Role = "viewer") -> tuple[Project, Role]:
    """Return a project with the caller's role in it; admins may read any. Raises NotFound and RoleTooLow."""
    project = session().get(Project, project_id, populate_existing=True)
    role = None if project is None else role_in(caller.user_id, project)
    if role is None and caller.is_admin:
        role = "viewer"
    if project is None or role is None:
        raise errors.NotFound("project")
    require(role, min_role)
    return project, role


def require(role: Role, min_role: Role) -> None:
    """Raise RoleTooLow unless the role includes the needed one."""
    if _RANKS[role] < _RANKS[min_role]:
        raise RoleTooLow(f"You are {'an' if role == 'editor' else 'a'} {role}; this needs the role {min_role}.")


def is_member(user_id: str) -> ColumnElement[bool]:
    """Return the condition that the user owns or shares a project. Those of suspended users are not shared."""
    member = exists().where(ProjectMember.project_id == Project.id, ProjectMember.user_id == user_id).correlate(Project)
    return or_(Project.user_id == user_id, member & is_active(Project.user_id))


def may_open_recording(user_id: str) -> ColumnElement[bool]:
    """Return the condition that a member may open a recording of a project: not hidden ones of others, and those of suspended users."""
    return or_(Recording.user_id == user_id, Recording.hidden_at.is_(None) & is_active(Recording.user_id))


def may_open_file(user_id: str) -> ColumnElement[bool]:
    """Return the condition that a member may open an uploaded file of a project: not those of suspended users."""
    return or_(UploadedFile.user_id == user_id, is_active(UploadedFile.user_id))


def is_of_member(project: Project) -> ColumnElement[bool]:
    """Return the condition that a recording belongs to the owner or a present member of the project."""
    members = select(ProjectMember.user_id).where(ProjectMember.project_id == project.id)
    return or_(Recording.user_id == project.user_id, Recording.user_id.in_(members))


def shares_recording(user_id: str) -> ColumnElement[bool]:
    """Return the condition that a recording is an asset of a project of the user. Not hidden ones and those of suspended users."""
    query = select(ProjectAsset.id).join(Project, Project.id == ProjectAsset.project_id)
    query = query.where(ProjectAsset.recording_id == Recording.id, is_member(user_id))
    return Recording.hidden_at.is_(None) & is_active(Recording.user_id) & query.correlate(Recording).exists()


def may_watch(user_id: str, recording: Recording) -> bool:
    """Return whether a recording of another user is an asset of a project of this user."""
    query = select(Recording.id).where(Recording.id == recording.id, shares_recording(user_id))
    return session().execute(query).first() is not None


def may_use_script(user_id: str, script_id: str, min_role: Role = "viewer") -> bool:
    """Return whether the user's role in a project with this script includes the needed one."""
    query = select(Project).join(ProjectAsset, ProjectAsset.project_id == Project.id).where(ProjectAsset.script_id == script_id)
    roles = [role_in(user_id, project) for project in session().execute(query.where(is_member(user_id))).scalars()]
    return any(role is not None and _RANKS[role] >= _RANKS[min_role] for role in roles)


def may_use_job(user_id: str, job: Job, min_role: Role = "viewer") -> bool:
    """Return whether the user's role in the project of a job includes the needed one."""
    project = session().get(Project, job.project_id) if job.project_id else None
    role = role_in(user_id, project) if project is not None else None
    return role is not None and _RANKS[role] >= _RANKS[min_role]
