"""Members of projects and invitations in the API."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from lib.clock import iso
from services.projects.access import Role
from services.projects.invitations import Invitation
from services.projects.members import Member


class MemberIn(BaseModel):
    email: str = Field(min_length=3, max_length=254, description="The address of a registered user.")
    role: Literal["editor", "viewer"] = "viewer"


class MemberOut(BaseModel):
    user_id: str
    name: str
    email: str = Field(description="Empty for viewers, except their own.")
    role: Role
    is_payer: bool
    is_invited: bool = Field(description="Whether this user has not accepted the invitation yet, and can't see the project.")

    @classmethod
    def of(cls, member: Member) -> MemberOut:
        return cls(
            user_id=member.user_id,
            name=member.name,
            email=member.email,
            role=member.role,
            is_payer=member.is_payer,
            is_invited=member.is_invited,
        )


class MembersOut(BaseModel):
    members: list[MemberOut] = Field(description="The owner first, invited users last; viewers don't see these.")


class InvitationOut(BaseModel):
    project_id: str
    project_name: str
    owner_name: str
    role: Role
    created_at: str | None

    @classmethod
    def of(cls, invitation: Invitation) -> InvitationOut:
        row = invitation.row
        role: Role = "editor" if row.role == "editor" else "viewer"
        name, owner = invitation.project_name, invitation.owner_name
        return cls(project_id=row.project_id, project_name=name, owner_name=owner, role=role, created_at=iso(row.created_at))


class InvitationsOut(BaseModel):
    invitations: list[InvitationOut] = Field(description="Newest first.")
