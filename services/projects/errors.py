"""Errors of projects."""

from __future__ import annotations

import errors


class RoleTooLow(errors.Forbidden):
    """Your role in this project does not allow this."""

    code = "project_role_too_low"
    hint = "Ask the owner of the project for another role."


class ProjectWithoutScript(errors.Conflict):
    """This project has no script."""

    code = "project_without_script"
    hint = "Send `script` to PUT /api/v1/projects/ID, or add a script of yours as an asset with `is_main`."


class ProjectIsProcessing(errors.Conflict):
    """The video of this project is being made."""

    code = "project_processing"
    hint = "Wait until its job has ended, or cancel it."


class ProjectArchived(errors.Conflict):
    """This project is archived."""

    code = "project_archived"
    hint = "Restore it with POST /api/v1/projects/ID/restore."


class TooManyProjects(errors.Conflict):
    """You have reached a limit of projects."""

    code = "too_many_projects"
    hint = "Delete what you no longer need."


class RenderInProject(errors.Conflict):
    """This script belongs to another user's project."""

    code = "render_in_project"
    hint = "Make its video in the project: POST /api/v1/jobs/submit with its project_id."
