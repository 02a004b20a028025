"""Facts of recordings that searches filter by, as terms. No word of a text begins like them."""

from __future__ import annotations

from domain import ProcessingStatus, Visibility
from models import Recording

EXISTING = "\u00a7existing"
PUBLIC = "\u00a7public"


def owner(user_id: str) -> str:
    return f"\u00a7owner{user_id.replace('-', '')}"


def language(code: str) -> str:
    return f"\u00a7language{base_language(code)}"


def base_language(code: str) -> str:
    """Return the language of a code such as `pt-BR`."""
    return "".join(filter(str.isalnum, code.replace("_", "-").partition("-")[0].lower()))


def marks_of(recording: Recording, language_code: str, *, is_owner_active: bool) -> list[str]:
    """Return the marks of a recording; none for one in the trash. What suspended users have published is not public."""
    if recording.deleted_at is not None:
        return []
    is_ready = recording.processing_status == ProcessingStatus.COMPLETED and recording.storage_key != ""
    is_public = is_ready and is_owner_active and recording.visibility == Visibility.PUBLIC and recording.hidden_at is None
    public = [PUBLIC] if is_public else []
    return [EXISTING, owner(recording.user_id), language(language_code), *public]
