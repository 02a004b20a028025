"""Invitations to projects: somebody is a member of another user's project only after they have accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

import errors
from database import notify_after_commit, transaction
from database import session as current_session
from models import Delivery, Notice, Project, ProjectInvitation, ProjectMember, User
from services.accounts import Caller
from services.accounts.suspension import is_active
from services.library.videos import owner_name
from services.outbox.topics import DELIVERIES_WAITING
from services.projects.access import Role

NOTICE, EVENT, EMAIL_CHANNEL = "project_invitation", "project.invitation", "invitation_mail"


@dataclass(frozen=True)
class Invitation:
    """An invitation as the invited user sees it."""

    row: ProjectInvitation
    project_name: str
    owner: User

    @property
    def owner_name(self) -> str:
        """The name of the owner, or their address: the invited user must know who invites them."""
        return owner_name(self.owner) or self.owner.email


def list_invitations(caller: Caller) -> Sequence[Invitation]:
    """Return the invitations of the caller, newest first; not those of suspended users."""
    query = _invitations().where(ProjectInvitation.user_id == caller.user_id)
    query = query.order_by(ProjectInvitation.created_at.desc(), ProjectInvitation.project_id)
    return [Invitation(row[0], row[1], row[2]) for row in current_session().execute(query)]


def find(project_id: str, user_id: str) -> Invitation | None:
    """Return an invitation; None after it was answered or withdrawn, and if the owner is suspended."""
    query = _invitations().where(ProjectInvitation.project_id == project_id, ProjectInvitation.user_id == user_id)
    row = current_session().execute(query).one_or_none()
    return None if row is None else Invitation(row[0], row[1], row[2])


def invite(session: Session, project: Project, user: User, role: Role) -> None:
    """Invite a user to a locked project, with a notice and an e-mail; a second invitation only changes the role."""
    invitation = session.get(ProjectInvitation, (project.id, user.id))
    if invitation is not None:
        invitation.role = role
        return
    session.add(ProjectInvitation(project_id=project.id, user_id=user.id, role=role))
    session.add(Notice(user_id=user.id, kind=NOTICE, project_id=project.id, title=project.name))
    session.add(Delivery(channel=EMAIL_CHANNEL, event=EVENT, user_id=user.id, body=project.id))
    notify_after_commit(DELIVERIES_WAITING)
    session.flush()


def accept(caller: Caller, project_id: str) -> None:
    """Make the caller a member of the project that has invited them. Raises NotFound."""
    with transaction() as session:
        role = _answer(session, caller, project_id)
        session.add(ProjectMember(project_id=project_id, user_id=caller.user_id, role=role))


def decline(caller: Caller, project_id: str) -> None:
    """Delete the invitation of the caller. Raises NotFound."""
    with transaction() as session:
        _answer(session, caller, project_id)


def withdraw(session: Session, project_id: str, user_id: str) -> bool:
    """Delete an invitation to a locked project, with its notice; return whether there was one."""
    invitation = session.get(ProjectInvitation, (project_id, user_id))
    if invitation is None:
        return False
    session.delete(invitation)
    session.execute(delete(Notice).where(Notice.user_id == user_id, Notice.kind == NOTICE, Notice.project_id == project_id))
    session.flush()
    return True


def _answer(session: Session, caller: Caller, project_id: str) -> str:
    """Delete the invitation of the caller and return the role that it offers. Raises NotFound."""
    session.execute(select(Project.id).where(Project.id == project_id).with_for_update())
    invitation = find(project_id, caller.user_id)
    if invitation is None:
        raise errors.NotFound("invitation")
    role = invitation.row.role
    withdraw(session, project_id, caller.user_id)
    return role


def _invitations() -> Select[ProjectInvitation, str, User]:
    query = select(ProjectInvitation, Project.name, User).join(Project, Project.id == ProjectInvitation.project_id)
    return query.join(User, User.id == Project.user_id).where(is_active(Project.user_id)).execution_options(populate_existing=True)
