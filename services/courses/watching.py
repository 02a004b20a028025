"""The positions up to which users have watched recordings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select

import errors
from database import session, transaction
from models import Recording, WatchPosition
from services.accounts import Caller
from services.jobs.queue.recording_lock import lock_recording
from services.library import videos

_WATCHED_SHARE = 0.9  # what follows is thanks and applause


class WatchPositionsOff(errors.Conflict):
    """This server does not store how far users have watched."""

    code = "watch_positions_off"
    hint = "The operator can set WATCH_POSITIONS=true."


def save(viewer: Caller, recording_id: str, position_s: float) -> WatchPosition:
    """Store a position. A recording that was watched to its end stays watched. Raises NotFound."""
    recording = videos.get_viewable(viewer, recording_id)
    position_s = min(position_s, recording.duration_s)
    is_at_end = position_s >= _WATCHED_SHARE * recording.duration_s
    with transaction(on_conflict=errors.Conflict("Another position was stored at the same time.")) as write_session:
        if not lock_recording(write_session, recording_id):
            raise errors.NotFound("recording")
        row = write_session.get(WatchPosition, (viewer.user_id, recording_id), populate_existing=True)
        if row is None:
            row = WatchPosition(user_id=viewer.user_id, recording_id=recording_id, is_watched=False)
            write_session.add(row)
        row.position_s, row.is_watched = position_s, row.is_watched or is_at_end
    return row


def get(viewer: Caller, recording_id: str) -> WatchPosition | None:
    """Return the position of a recording that the viewer may watch; None if it was not watched. Raises NotFound."""
    videos.get_viewable(viewer, recording_id)
    return session().get(WatchPosition, (viewer.user_id, recording_id))


def forget(viewer: Caller, recording_id: str) -> None:
    """Delete the position of a recording. Raises NotFound."""
    videos.get_viewable(viewer, recording_id)
    of_recording = (WatchPosition.user_id == viewer.user_id, WatchPosition.recording_id == recording_id)
    with transaction() as write_session:
        write_session.execute(delete(WatchPosition).where(*of_recording))


def positions(viewer: Caller | None, recordings: Sequence[Recording]) -> Mapping[str, WatchPosition]:
    """Return the viewer's positions by recording, in one query."""
    if viewer is None or not recordings:
        return {}
    ids = [each.id for each in recordings]
    query = select(WatchPosition).where(WatchPosition.user_id == viewer.user_id, WatchPosition.recording_id.in_(ids))
    return {row.recording_id: row for row in session().execute(query).scalars()}
