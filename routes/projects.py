"""Projects: what belongs to a video, its members, and the video itself."""

from __future__ import annotations

from typing import Any

from flask import Response

from routes.body_limits import accepts_json
from routes.caller import caller, login_required
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.file_responses import binary_response, set_filename
from routes.list_responses import list_of
from routes.paging import PageQuery, page_response
from routes.streams import file_urls
from routes.urls import file_url
from schemas.accounts import MessageOut
from schemas.project_assets import AssetIn, AssetOut, AssetsOut
from schemas.project_members import InvitationOut, InvitationsOut, MemberIn, MemberOut, MembersOut
from schemas.projects import ListedProjectOut, ProjectIn, ProjectOut, ProjectPatch, RenderProjectIn
from schemas.recordings import JobOut
from services.projects import assets, export, invitations, members, rendering
from services.projects import projects as use_case
from services.projects.assets import Asset
from services.projects.projects import ProjectFilter, Scope, Status, StoredProject
from services.scripts.rendering import JobLimits

projects = Blueprint("projects", __name__, scope="content", tag="Projects")
_MAX_PROJECT_BYTES = 2 * 2**20
_NOT_FOUND = {404: "Not found"}
_EDIT = {403: "The caller's role does not allow it", **_NOT_FOUND, 409: "The project is archived, or its video is being made"}


class ProjectsQuery(PageQuery):
    scope: Scope = "all"
    status: Status | None = None
    archived: bool = False


@projects.get("")
@login_required
@projects.input(ProjectsQuery, location="query")
@projects.output(list_of(ListedProjectOut))
def list_projects(query_data: ProjectsQuery) -> Response:
    """List the projects that the caller owns or shares, newest first, as a bare array; the headers have the total.

    Scripts and glossaries are left out.
    """
    filters = ProjectFilter(query_data.scope, query_data.status, query_data.archived)
    page = use_case.list_page(caller(), filters, query_data.paging)
    return page_response([ListedProjectOut.of(each, _video_urls(each)) for each in page.rows], query_data, page.total)


@projects.post("")
@login_required
@accepts_json(_MAX_PROJECT_BYTES)
@projects.input(ProjectIn)
@projects.output(ProjectOut, status_code=201)
@projects.doc(responses={409: "Too many projects or scripts"})
def create_project(json_data: ProjectIn) -> Any:
    """Create a project."""
    return _load_project_out(use_case.create(caller(), json_data.changes()))


@projects.get("/<project_id>")
@login_required
@projects.output(ProjectOut)
@projects.doc(responses=_NOT_FOUND)
def show_project(project_id: str) -> Any:
    """Show a project with its status and the addresses of its video."""
    return _load_project_out(project_id)


@projects.put("/<project_id>")
@login_required
@accepts_json(_MAX_PROJECT_BYTES)
@projects.input(ProjectPatch)
@projects.output(ProjectOut)
@projects.doc(responses=_EDIT)
def change_project(project_id: str, json_data: ProjectPatch) -> Any:
    """Change a project. Fields that are left out stay; a new script is a new version."""
    use_case.edit(caller(), project_id, json_data.changes())
    return _load_project_out(project_id)


@projects.patch("/<project_id>")
@login_required
@accepts_json(_MAX_PROJECT_BYTES)
@projects.input(ProjectPatch)
@projects.output(ProjectOut)
@projects.doc(responses=_EDIT)
def patch_project(project_id: str, json_data: ProjectPatch) -> Any:
    """Change a project; the same as PUT."""
    use_case.edit(caller(), project_id, json_data.changes())
    return _load_project_out(project_id)


@projects.delete("/<project_id>")
@login_required
@projects.output(MessageOut)
@projects.doc(responses=_EDIT)
def delete_project(project_id: str) -> Any:
    """Delete a project; its recordings, scripts and files stay."""
    use_case.delete(caller(), project_id)
    return MessageOut(message="Deleted.")


@projects.post("/<project_id>/archive")
@login_required
@projects.output(ProjectOut)
@projects.doc(responses=_EDIT)
def archive_project(project_id: str) -> Any:
    """Archive a project: it leaves the list and can't be changed."""
    use_case.set_archived(caller(), project_id, True)
    return _load_project_out(project_id)


@projects.post("/<project_id>/restore")
@login_required
@projects.output(ProjectOut)
@projects.doc(responses=_EDIT)
def restore_project(project_id: str) -> Any:
    """Restore an archived project."""
    use_case.set_archived(caller(), project_id, False)
    return _load_project_out(project_id)


@projects.post("/<project_id>/render")
@endpoint(rate_limits=("upload",))
@login_required
@projects.input(RenderProjectIn)
@projects.output(JobOut, status_code=201)
@projects.doc(responses={**_EDIT, 409: "No script, or another video is being made"})
def render_project(project_id: str, json_data: RenderProjectIn) -> Any:
    """Make the video of the project's script in the background."""
    job_limits = JobLimits.from_settings(container().settings)
    return JobOut.of(rendering.submit(caller(), project_id, json_data.changes(), job_limits))


@projects.get("/<project_id>/export")
@login_required
@projects.doc(responses={200: binary_response("A zip archive with `manifest.json` and all files", "application/zip"), **_NOT_FOUND})
def export_project(project_id: str) -> Response:
    """Export a project: a manifest, its scripts, and the files of all assets in one zip archive, which is made while it is sent."""
    content = export.collect(caller(), project_id)
    response = Response(export.stream(content, container().store), mimetype="application/zip")
    set_filename(response, content.filename)
    return response


@projects.get("/<project_id>/members")
@login_required
@projects.output(MembersOut)
@projects.doc(responses=_NOT_FOUND)
def list_members(project_id: str) -> Any:
    """List the owner and the members."""
    return _members(project_id)


@projects.post("/<project_id>/members")
@endpoint(rate_limits=("comment",))
@login_required
@projects.input(MemberIn)
@projects.output(MembersOut, status_code=201)
@projects.doc(responses={403: "Only the owner adds members", 404: "No such project, or no such user"})
def add_member(project_id: str, json_data: MemberIn) -> Any:
    """Invite a registered user as an editor or a viewer, or change their role.

    Whoever is invited gets a notice and an e-mail, and is a member once they have accepted.
    """
    members.put(caller(), project_id, json_data.email, json_data.role)
    return _members(project_id)


@projects.delete("/<project_id>/members/<user_id>")
@login_required
@projects.output(MessageOut)
@projects.doc(responses={403: "Only the owner removes others", **_NOT_FOUND, 409: "The owner can't leave"})
def remove_member(project_id: str, user_id: str) -> Any:
    """Remove a member, withdraw an invitation, or leave the project."""
    members.remove(caller(), project_id, user_id)
    return MessageOut(message="Removed.")


@projects.get("/invitations")
@login_required
@projects.output(InvitationsOut)
def list_invitations() -> Any:
    """List the invitations of the caller to projects of others, newest first."""
    return InvitationsOut(invitations=[InvitationOut.of(each) for each in invitations.list_invitations(caller())])


@projects.post("/<project_id>/invitation/accept")
@login_required
@projects.output(ProjectOut)
@projects.doc(responses=_NOT_FOUND)
def accept_invitation(project_id: str) -> Any:
    """Accept the caller's invitation; return the project."""
    invitations.accept(caller(), project_id)
    return _load_project_out(project_id)


@projects.post("/<project_id>/invitation/decline")
@login_required
@projects.output(MessageOut)
@projects.doc(responses=_NOT_FOUND)
def decline_invitation(project_id: str) -> Any:
    """Decline the caller's invitation."""
    invitations.decline(caller(), project_id)
    return MessageOut(message="Declined.")


@projects.put("/<project_id>/payer")
@login_required
@projects.output(MembersOut)
@projects.doc(responses=_EDIT)
def offer_to_pay(project_id: str) -> Any:
    """Make the caller pay for all jobs of the project, also those that other members start."""
    members.offer_to_pay(caller(), project_id)
    return _members(project_id)


@projects.delete("/<project_id>/payer")
@login_required
@projects.output(MembersOut)
@projects.doc(responses=_EDIT)
def stop_paying(project_id: str) -> Any:
    """Let the owner pay again."""
    members.stop_paying(caller(), project_id)
    return _members(project_id)


@projects.get("/<project_id>/assets")
@login_required
@projects.output(AssetsOut)
@projects.doc(responses=_NOT_FOUND)
def list_assets(project_id: str) -> Any:
    """List the recordings, lessons, scripts, pictures and documents of a project."""
    return AssetsOut(assets=[_asset_out(each) for each in assets.list_assets(caller(), project_id)])


@projects.post("/<project_id>/assets")
@login_required
@projects.input(AssetIn)
@projects.output(AssetOut, status_code=201)
@projects.doc(responses={**_EDIT, 404: "No such project, or not an object of the caller"})
def add_asset(project_id: str, json_data: AssetIn) -> Any:
    """Add a recording, a script or an uploaded file of the caller; the members of the project see it from then on."""
    return _asset_out(assets.get(caller(), project_id, assets.add(caller(), project_id, json_data.to_ref())))


@projects.get("/<project_id>/assets/<asset_id>")
@login_required
@projects.output(AssetOut)
@projects.doc(responses=_NOT_FOUND)
def show_asset(project_id: str, asset_id: str) -> Any:
    """Show one asset."""
    return _asset_out(assets.get(caller(), project_id, asset_id))


@projects.delete("/<project_id>/assets/<asset_id>")
@login_required
@projects.output(MessageOut)
@projects.doc(responses=_EDIT)
def remove_asset(project_id: str, asset_id: str) -> Any:
    """Remove an asset from the project; the object itself stays."""
    assets.remove(caller(), project_id, asset_id)
    return MessageOut(message="Removed.")


def _load_project_out(project_id: str) -> ProjectOut:
    return _project_out(use_case.get(caller(), project_id))


def _project_out(project: StoredProject) -> ProjectOut:
    return ProjectOut.of(project, _video_urls(project))


def _video_urls(project: StoredProject) -> tuple[str, str]:
    return file_urls(project.video) if project.video is not None else ("", "")


def _members(project_id: str) -> MembersOut:
    return MembersOut(members=[MemberOut.of(each) for each in members.list_members(caller(), project_id)])


def _asset_out(asset: Asset) -> AssetOut:
    if asset.recording is not None:
        return AssetOut.of(asset, file_urls(asset.recording)[0])
    return AssetOut.of(asset, file_url(asset.file) if asset.file is not None else "")
