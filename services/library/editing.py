"""Changes that users make to the facts of a recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from database import transaction
from domain import Visibility
from lib.text import clean_text
from services.accounts import Caller
from services.library import rendering
from services.library.recordings import get_locked
from services.operations import audit

MAX_DESCRIPTION_CHARS = 10_000
MAX_TAGS = 30
MAX_TAG_CHARS = 50


@dataclass(frozen=True)
class RecordingChanges:
    """New values; None leaves a field as it is."""

    title: str | None = None
    author: str | None = None
    description: str | None = None
    tags: Sequence[str] | None = None
    visibility: Visibility | None = None
    comments_allowed: bool | None = None
    automatic_streams: bool | None = None


def edit(caller: Caller, recording_id: str, changes: RecordingChanges) -> None:
    """Change a recording. A new title or author renders the documents again; a title also renames the downloads. Raises NotFound."""
    values = {name: value for name, value in asdict(changes).items() if value is not None}
    with transaction() as session:
        recording = get_locked(session, caller, recording_id)
        before = {name: getattr(recording, name) for name in values}
        for name, value in values.items():
            setattr(recording, name, value)
        if changes.title is not None:
            recording.has_given_title = True
            if changes.title != before["title"]:
                rendering.rename_downloads(session, recording)
        if any(values[name] != before[name] for name in ("title", "author") if name in values):
            rendering.request(session, recording)
        action = "recording.rename" if set(values) == {"title"} else "recording.edit"
        audit.record_if_other_user(session, caller, recording.user_id, action, ("recording", recording_id), before, values)


def clean_description(text: str) -> str:
    """Return the text in lines without control characters, cut off after the maximum length."""
    return "\n".join(map(clean_text, text.splitlines())).strip()[:MAX_DESCRIPTION_CHARS]


def clean_tags(tags: Sequence[str]) -> list[str]:
    """Return the tags in lower case, without repetitions and empty ones, in their order."""
    return list(dict.fromkeys(tag for each in tags if (tag := clean_text(each).lower()[:MAX_TAG_CHARS].strip())))
