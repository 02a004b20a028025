"""Chats: requests for scripts by the names that clients give them, and their progress as events."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from database import end_read, session
from lib.paging import Paging
from lib.process import CancellationCheck
from lib.waiting import before_waiting
from models import ScriptRequest
from services.accounts import Caller
from services.lessons.writer import VARIANTS
from services.scripts import reading
from services.scripts.reading import StoredScript

_POLL_S = 0.2


@dataclass
class ChatProgress:
    """The state of the newest request of a chat that a listener has received."""

    request_id: str = ""
    announced_ids: set[str] = field(default_factory=set)
    is_complete: bool = False


@dataclass(frozen=True)
class ChatEvent:
    """A script that has become ready, or, without one, the end of a request. `scripts` are those that are ready."""

    script: StoredScript | None
    total: int
    scripts: Sequence[StoredScript]


def newest_scripts(caller: Caller, chat_id: str) -> Sequence[StoredScript]:
    """Return the scripts of the newest request of a chat; none for an unknown chat."""
    query = select(ScriptRequest.id).where(ScriptRequest.user_id == caller.user_id, ScriptRequest.chat_id == chat_id)
    request_id = session().execute(query.order_by(ScriptRequest.created_at.desc(), ScriptRequest.id).limit(1)).scalar_one_or_none()
    return scripts_of(caller, request_id) if request_id else ()


def scripts_of(caller: Caller, request_id: str) -> Sequence[StoredScript]:
    """Return the scripts of a request."""
    return sorted(reading.list_page(caller, Paging(1, VARIANTS), request_id=request_id).rows, key=lambda each: each.row.variant)


def wait_for_scripts(caller: Caller, request_id: str, wait_s: float, check: CancellationCheck) -> Sequence[StoredScript]:
    """Return the scripts of a request once all have ended, or as they are after this time. Holds no connection while it waits.

    Raises what `check` raises, which is called while it waits.
    """
    deadline = time.monotonic() + wait_s
    while True:
        end_read()
        scripts = scripts_of(caller, request_id)
        if time.monotonic() >= deadline or not any(each.is_pending for each in scripts):
            return scripts
        check()
        before_waiting()
        time.sleep(_POLL_S)


def new_events(caller: Caller, chat_id: str, progress: ChatProgress) -> Iterator[ChatEvent]:
    """Yield what has happened in a chat since the last call, and note it in `progress`."""
    end_read()
    scripts = newest_scripts(caller, chat_id)
    request_id = str(scripts[0].row.request_id) if scripts else ""
    if request_id != progress.request_id:
        progress.request_id, progress.is_complete = request_id, False
        progress.announced_ids.clear()
    ready = [each for each in scripts if each.state == "ready"]
    for each in ready:
        if each.row.id not in progress.announced_ids:
            progress.announced_ids.add(each.row.id)
            yield ChatEvent(each, len(scripts), ready)
    if scripts and not progress.is_complete and not any(each.is_pending for each in scripts):
        progress.is_complete = True
        yield ChatEvent(None, len(scripts), ready)
