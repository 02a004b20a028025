"""Counts the views of recordings: one per user and day, and one per network and day for visitors without an account.

A visitor can send any User-Agent, and has countless addresses of one IPv6 network.
"""

from __future__ import annotations

import datetime as dt
import hashlib

from sqlalchemy import delete, select, update

from database import insert_into, session, transaction
from lib.clock import now
from models import Recording, RecordingView
from services.accounts import Caller, login_throttle
from services.jobs.queue.recording_lock import lock_recording
from services.library import video_cache


def count(recording: Recording, viewer: Caller | None, ip_address: str) -> None:
    """Count a view, unless it is the owner's or the viewer's second one of the day. `ip_address`: that of the client."""
    if viewer is not None and viewer.user_id == recording.user_id:
        return
    day = now().date().isoformat()
    viewer_key = viewer.user_id if viewer is not None else login_throttle.network_subject(ip_address).key
    key = (recording.id, day, hashlib.sha256(f"{day} {recording.id} {viewer_key}".encode()).hexdigest())
    if session().get(RecordingView, key) is not None:
        return
    with transaction() as write_session:
        if not lock_recording(write_session, key[0]):
            return
        row = insert_into(RecordingView, write_session).values(recording_id=key[0], day=day, viewer=key[2]).on_conflict_do_nothing()
        if write_session.execute(row.returning(RecordingView.day)).first() is not None:
            changes = {"view_count": Recording.view_count + 1, "updated_at": Recording.updated_at}
            write_session.execute(update(Recording).where(Recording.id == key[0]).values(changes))
            video_cache.forget_after_commit(key[0])


def delete_old() -> None:
    """Delete the viewers of earlier days; the counts stay."""
    yesterday = (now().date() - dt.timedelta(days=1)).isoformat()
    if session().execute(select(RecordingView.day).where(RecordingView.day < yesterday).limit(1)).first() is not None:
        with transaction() as write_session:
            write_session.execute(delete(RecordingView).where(RecordingView.day < yesterday))
