"""The members of projects, and who pays for their jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, or_, select

import errors
from database import session, transaction
from lib.paging import count_rows
from models import Project, ProjectAsset, ProjectInvitation, ProjectMember, Recording, UploadedFile, User
from services.accounts import Caller
from services.accounts.users import find_by_email
from services.library.videos import owner_name
from services.projects import access, invitations
from services.projects.access import Role
from services.projects.errors import RoleTooLow, TooManyProjects
from services.projects.projects import lock_project

MAX_MEMBERS = 100  # of a project


@dataclass(frozen=True)
class Member:
    """A person of a project. The owner is the first one."""

    user_id: str
    name: str
    email: str
    role: Role
    is_payer: bool
    is_invited: bool = False  # and has not answered yet


def list_members(caller: Caller, project_id: str) -> Sequence[Member]:
    """Return the owner and the members, in the order in which they were added, then those who are invited. Raises NotFound.

    Viewers see only their own e-mail address, and no invited users.
    """
    project, role = access.get(caller, project_id)
    query = select(User, ProjectMember.role).join(ProjectMember, ProjectMember.user_id == User.id)
    rows = session().execute(query.where(ProjectMember.project_id == project_id).order_by(ProjectMember.created_at, User.id)).all()
    owner = session().get_one(User, project.user_id)
    payer_id = payer_of(project)
    roles: list[tuple[User, Role]] = [(owner, "owner"), *((user, "editor" if each == "editor" else "viewer") for user, each in rows)]
    sees_all = role != "viewer" or caller.is_admin
    members = [
        Member(user.id, owner_name(user), user.email if sees_all or user.id == caller.user_id else "", each, user.id == payer_id)
        for user, each in roles
    ]
    return [*members, *_list_invited(project_id)] if sees_all else members


def _list_invited(project_id: str) -> list[Member]:
    query = select(User, ProjectInvitation.role).join(ProjectInvitation, ProjectInvitation.user_id == User.id)
    query = query.where(ProjectInvitation.project_id == project_id).order_by(ProjectInvitation.created_at, User.id)
    rows = session().execute(query)
    return [Member(user.id, owner_name(user), user.email, "editor" if role == "editor" else "viewer", False, True) for user, role in rows]


def put(caller: Caller, project_id: str, email: str, role: Role) -> str:
    """Invite a user, or change the role of a member or an invited user, as the owner; return their id.

    Raises NotFound, RoleTooLow, ProjectArchived, TooManyProjects, and Conflict for the owner.
    """
    with transaction(on_conflict=errors.Conflict("That user was invited at the same time.")) as write_session:
        project, _ = lock_project(write_session, caller, project_id, "owner")
        user = find_by_email(email)
        if user is None or user.status != "active":
            raise errors.NotFound("No active user has this e-mail address.", hint="Ask that person to register first.")
        if user.id == project.user_id:
            raise errors.Conflict("The owner has all rights already.")
        member = write_session.get(ProjectMember, (project_id, user.id))
        if member is None:
            members = count_rows(ProjectMember, ProjectMember.project_id == project_id)
            if members + count_rows(ProjectInvitation, ProjectInvitation.project_id == project_id) >= MAX_MEMBERS:
                raise TooManyProjects(f"A project has at most {MAX_MEMBERS} members.")
            invitations.invite(write_session, project, user, role)
        else:
            member.role = role
        if role == "viewer" and project.payer_id == user.id:
            project.payer_id = None
        user_id: str = user.id
    return user_id


def remove(caller: Caller, project_id: str, user_id: str) -> None:
    """Remove a member and the recordings and files of theirs, as the owner or as that member, or withdraw an invitation.

    A payer who leaves pays no longer.

    Raises NotFound, RoleTooLow and Conflict.
    """
    with transaction() as write_session:
        project, role = lock_project(write_session, caller, project_id, "viewer", archived=None)
        if role != "owner" and user_id != caller.user_id:
            raise RoleTooLow("Only the owner removes other members.")
        if user_id == project.user_id:
            raise errors.Conflict("The owner can't leave the project.", hint="Delete or archive it.")
        member = write_session.get(ProjectMember, (project_id, user_id))
        if member is None and role == "owner" and invitations.withdraw(write_session, project_id, user_id):
            return
        if member is None:
            raise errors.NotFound("member")
        write_session.delete(member)
        recordings = select(Recording.id).where(Recording.user_id == user_id)
        files = select(UploadedFile.id).where(UploadedFile.user_id == user_id)
        is_members_own = or_(ProjectAsset.recording_id.in_(recordings), ProjectAsset.file_id.in_(files))
        write_session.execute(delete(ProjectAsset).where(ProjectAsset.project_id == project_id, is_members_own))
        if project.payer_id == user_id:
            project.payer_id = None


def payer_of(project: Project) -> str:
    """Return who pays for the jobs of a project."""
    return project.payer_id or project.user_id


def offer_to_pay(caller: Caller, project_id: str) -> None:
    """Make the caller, an editor or the owner, the payer of the project. Users can set only themselves. Raises NotFound and RoleTooLow."""
    with transaction() as write_session:
        project, role = lock_project(write_session, caller, project_id, "editor")
        project.payer_id = None if role == "owner" else caller.user_id


def stop_paying(caller: Caller, project_id: str) -> None:
    """Let the owner pay again, as the owner or as the payer. Raises NotFound and RoleTooLow."""
    with transaction() as write_session:
        project, role = lock_project(write_session, caller, project_id, "viewer", archived=None)
        if role != "owner" and project.payer_id != caller.user_id:
            raise RoleTooLow("Only the owner and the payer may do this.")
        project.payer_id = None
