"""Create and change scripts. Every change adds a version; earlier ones stay, and videos are made of the version that was confirmed."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence

from sqlalchemy import delete as delete_rows
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import errors
from database import transaction
from domain import ACTIVE_STATES
from lib.clock import now
from lib.paging import count_rows
from models import Job, Script, ScriptRequest, ScriptVersion
from services.accounts import Caller
from services.accounts.user_lock import lock_user
from services.jobs import queue
from services.lessons.materials import check_new
from services.lessons.script import MAX_SCENES, LessonScript, Scene
from services.projects import access
from services.projects.errors import RoleTooLow
from services.scripts import reading
from services.scripts.errors import ScriptBeingRendered, ScriptChanged, ScriptNotWritten, TooManyScripts, UnknownScene

MAX_SCRIPTS = 2000  # of a user
MAX_VERSIONS = 50  # that are kept of a script, besides those that videos were made of
MAX_USER_BYTES = 256 * 2**20  # of all versions of a user's scripts
_MAX_SCRIPT_BYTES = 2**20

Change = Callable[[LessonScript], LessonScript]


def new_token() -> str:
    """Return the id of a new script."""
    return secrets.token_hex(8)


def check_script_limit(session: Session, user_id: str, count: int) -> None:
    """Raise TooManyScripts if the user may not have `count` more scripts."""
    lock_user(session, user_id)
    if count_rows(Script, Script.user_id == user_id) + count > MAX_SCRIPTS:
        raise TooManyScripts(f"The limit is {MAX_SCRIPTS} scripts.")


def create(caller: Caller, content: LessonScript) -> Script:
    """Store a script that the user has written. Raises TooManyScripts."""
    with transaction() as session:
        check_script_limit(session, caller.user_id, 1)
        row = Script(id=new_token(), user_id=caller.user_id)
        session.add(row)
        session.flush()
        add_version(session, row, content, author="user", author_id=caller.user_id)
    return row


def replace(caller: Caller, script_id: str, content: LessonScript, expected_version: int | None) -> Script:
    """Replace the whole script. `expected_version`: the edited one; None skips the check. Raises NotFound and ScriptChanged."""
    return _replace(caller, script_id, content, expected_version)


def put_scene(caller: Caller, script_id: str, scene: Scene, expected_version: int | None) -> Script:
    """Replace the scene with this id. Raises NotFound, UnknownScene and ScriptChanged."""

    def put(content: LessonScript) -> LessonScript:
        scenes = list(content.scenes)
        scenes[_position(content, scene.id)] = scene
        return with_scenes(content, scenes)

    return change(caller, script_id, put, expected_version, note=f"scene {scene.id}")


def insert_scene(caller: Caller, script_id: str, scene: Scene, position: int | None, expected_version: int | None) -> Script:
    """Insert a scene before this position, from 0; by default at the end. Raises NotFound, Conflict and ScriptChanged."""

    def insert(content: LessonScript) -> LessonScript:
        if any(each.id == scene.id for each in content.scenes):
            raise errors.Conflict(f"The script has a scene {scene.id} already.", hint="Choose another id for the new scene.")
        if len(content.scenes) >= MAX_SCENES:
            raise errors.ValidationFailed(f"A script has at most {MAX_SCENES} scenes.")
        at = len(content.scenes) if position is None else min(position, len(content.scenes))
        return with_scenes(content, [*content.scenes[:at], scene, *content.scenes[at:]])

    return change(caller, script_id, insert, expected_version, note=f"scene {scene.id} added")


def delete_scene(caller: Caller, script_id: str, scene_id: str, expected_version: int | None) -> Script:
    """Delete a scene. Raises NotFound, UnknownScene, ScriptChanged, and ValidationFailed for the only one."""

    def delete(content: LessonScript) -> LessonScript:
        at = _position(content, scene_id)
        if len(content.scenes) == 1:
            raise errors.ValidationFailed("A script has at least one scene.")
        return with_scenes(content, [*content.scenes[:at], *content.scenes[at + 1 :]])

    return change(caller, script_id, delete, expected_version, note=f"scene {scene_id} deleted")


def reorder(caller: Caller, script_id: str, scene_ids: Sequence[str], expected_version: int | None) -> Script:
    """Put the scenes into this order, which names every scene once. Raises NotFound, ValidationFailed and ScriptChanged."""

    def sort(content: LessonScript) -> LessonScript:
        by_id = {scene.id: scene for scene in content.scenes}
        if sorted(scene_ids) != sorted(by_id):
            raise errors.ValidationFailed("scene_ids: name every scene of the script exactly once.")
        return with_scenes(content, [by_id[each] for each in scene_ids])

    return change(caller, script_id, sort, expected_version, note="order")


def restore(caller: Caller, script_id: str, number: int, expected_version: int | None) -> Script:
    """Make an earlier version the current one again, as a new version. Raises NotFound and ScriptChanged."""
    content = reading.content_of(reading.get_version(caller, script_id, number))
    return _replace(caller, script_id, content, expected_version, note=f"version {number} restored")


def delete(caller: Caller, script_id: str) -> None:
    """Delete a script with its versions, and cancel the job that writes it. Raises NotFound and ScriptBeingRendered."""
    with transaction() as session:
        row = _lock_script(session, caller, script_id)
        if row.user_id != caller.user_id:
            raise errors.Forbidden("Only its owner deletes a script; remove it from the project instead.")
        versions = set(session.execute(select(ScriptVersion.id).where(ScriptVersion.script_id == script_id)).scalars())
        rendering = select(Job.options).where(
            Job.user_id == row.user_id, Job.pipeline == reading.RENDER_PIPELINE, Job.state.in_(ACTIVE_STATES)
        )
        if any(options.get("script_version_id") in versions for options in session.execute(rendering).scalars()):
            raise ScriptBeingRendered
        if row.job_id is not None:
            queue.request_cancel(row.job_id, by=caller.email)
        session.delete(row)
        session.flush()
        if row.request_id is not None and count_rows(Script, Script.request_id == row.request_id) == 0:
            session.delete(session.get_one(ScriptRequest, row.request_id))


def change(caller: Caller, script_id: str, edit: Change, expected_version: int | None, *, author: str = "user", note: str = "") -> Script:
    """Add the version that `edit` makes of the current one; an edit without effect adds none. Raises NotFound and ScriptChanged."""
    with transaction() as session:
        row = _editable(session, caller, script_id, expected_version)
        before = reading.content_of(_current(session, row))
        after = edit(before)
        if after != before:
            add_version(session, row, after, author=author, author_id=caller.user_id, note=note)
    return row


def _replace(caller: Caller, script_id: str, content: LessonScript, expected_version: int | None, *, note: str = "") -> Script:
    """Make this content the current version, whatever that is now: a stored script that breaks a newer rule can be replaced."""
    with transaction() as session:
        row = _editable(session, caller, script_id, expected_version)
        if content.model_dump(mode="json") != _current(session, row).script:
            add_version(session, row, content, author="user", author_id=caller.user_id, note=note)
    return row


def _editable(session: Session, caller: Caller, script_id: str, expected_version: int | None) -> Script:
    row = _lock_script(session, caller, script_id)
    if row.version == 0:
        raise ScriptNotWritten
    if expected_version is not None and expected_version != row.version:
        raise ScriptChanged(row.version)
    return row


def _current(session: Session, row: Script) -> ScriptVersion:
    current = (ScriptVersion.script_id == row.id) & (ScriptVersion.number == row.version)
    return session.execute(select(ScriptVersion).where(current)).scalar_one()


def add_version(session: Session, row: Script, content: LessonScript, *, author: str, author_id: str, note: str = "") -> ScriptVersion:
    """Add a version to a locked script and make it the current one; old ones are deleted.

    `author_id`: who has asked for it. Anybody but the owner adds only recordings and pictures that they may open themselves.
    Raises TooManyScripts, ValidationFailed, ImageMissing and RecordingMissing.
    """
    if author_id != row.user_id:
        before = _current(session, row) if row.version else None
        check_new(reading.usable_content(before) if before is not None else None, content, author_id)
    plain = content.model_dump(mode="json")
    size_bytes = len(json.dumps(plain, ensure_ascii=False).encode())
    if size_bytes > _MAX_SCRIPT_BYTES:
        raise errors.ValidationFailed("The script is larger than 1 MiB.")
    newest = select(func.max(ScriptVersion.number)).where(ScriptVersion.script_id == row.id)
    number = (session.execute(newest).scalar_one() or 0) + 1
    _delete_old_versions(session, row, number - MAX_VERSIONS)
    if _stored_bytes(session, row.user_id) + size_bytes > MAX_USER_BYTES:
        raise TooManyScripts(f"All versions of your scripts together have at most {MAX_USER_BYTES >> 20} MiB.")
    version = ScriptVersion(
        script_id=row.id,
        number=number,
        script=plain,
        size_bytes=size_bytes,
        scene_count=len(content.scenes),
        author=author,
        note=note,
    )
    session.add(version)
    row.version, row.title, row.updated_at = number, content.title, now()
    session.flush()
    return version


def _delete_old_versions(session: Session, row: Script, last: int) -> None:
    """Delete the versions up to this number, except for those that a job has rendered."""
    if last < 1:
        return
    old = select(ScriptVersion.id).where(ScriptVersion.script_id == row.id, ScriptVersion.number <= last)
    ids = list(session.execute(old).scalars())
    query = select(Job.options).where(
        Job.user_id == row.user_id, Job.pipeline == reading.RENDER_PIPELINE, Job.options["script_version_id"].as_string().in_(ids)
    )
    rendered_ids = {options["script_version_id"] for options in session.execute(query).scalars()} if ids else set()
    session.execute(delete_rows(ScriptVersion).where(ScriptVersion.id.in_([each for each in ids if each not in rendered_ids])))


def _stored_bytes(session: Session, user_id: str) -> int:
    total = select(func.coalesce(func.sum(ScriptVersion.size_bytes), 0)).join(Script, Script.id == ScriptVersion.script_id)
    return int(session.execute(total.where(Script.user_id == user_id)).scalar_one())


def with_scenes(content: LessonScript, scenes: Sequence[Scene]) -> LessonScript:
    """Return the script with other scenes, validated again."""
    return LessonScript(title=content.title, language=content.language, scenes=tuple(scenes))


def _position(content: LessonScript, scene_id: str) -> int:
    for position, scene in enumerate(content.scenes):
        if scene.id == scene_id:
            return position
    raise UnknownScene


def _lock_script(session: Session, caller: Caller, script_id: str) -> Script:
    query = select(Script).where(Script.id == script_id).with_for_update().execution_options(populate_existing=True)
    row = session.execute(query).scalar_one_or_none()
    if row is None or not (row.user_id == caller.user_id or access.may_use_script(caller.user_id, script_id)):
        raise errors.NotFound("script")
    if row.user_id != caller.user_id and not access.may_use_script(caller.user_id, script_id, "editor"):
        raise RoleTooLow("Viewers of its project don't change a script.")
    return row
