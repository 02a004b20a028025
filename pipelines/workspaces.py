"""Delete the workspaces that no job will use again."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from sqlalchemy import select

from config import Settings
from database import end_read, session
from domain import ACTIVE_STATES
from models import Job, Publication, Recording, Script

_STALE_S = 24 * 3600
_ORPHANED_S = 10  # the run of a deleted recording ends within two seconds


def work_folder(settings: Settings) -> Path:
    """Return the folder of all workspaces."""
    return settings.data_dir / "work"


def delete_abandoned(work_dir: Path) -> None:
    """Delete workspaces that nothing has written to for a day, and at once those of deleted recordings, deleted scripts and ended jobs.

    That of an upload to YouTube names the upload, so that a retry continues it.
    """
    folders = {path.name: path for path in work_dir.glob("*") if path.is_dir()}
    if not folders:
        return
    end_read()
    owners = set(session().execute(select(Recording.id).where(Recording.id.in_(folders))).scalars())
    owners |= set(session().execute(select(Job.id).where(Job.id.in_(folders), Job.state.in_(ACTIVE_STATES))).scalars())
    owners |= set(session().execute(select(Script.id).where(Script.id.in_(folders))).scalars())
    conditions = (Publication.id.in_(folders), Publication.video_id == "")
    owners |= set(session().execute(select(Publication.id).where(*conditions)).scalars())
    end_read()
    for name, path in folders.items():
        if (name not in owners and age_s(path) > _ORPHANED_S) or age_s(path) > _STALE_S:
            shutil.rmtree(path, ignore_errors=True)


def age_s(path: Path) -> float:
    """Return the seconds since a file, or anything in a folder, was last written."""
    try:
        newest = max((child.stat().st_mtime for child in path.rglob("*")), default=path.stat().st_mtime)
    except OSError:
        return 0.0
    return time.time() - newest
