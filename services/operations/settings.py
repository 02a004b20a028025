"""Settings that admins may change while the server runs: kept in the database, they count instead of the environment's.

Only such as are read anew at each use may be changed; the others need a start. Those for e-mail are changed together, by
services/operations/email_settings.py, which keeps the one secret among them encrypted.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import structlog
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select

import errors
from config import Settings, signing_key
from database import db, session, transaction
from lib.encryption import decrypt
from models import SettingOverride
from services.accounts import Caller
from services.operations import audit

log = structlog.get_logger(__name__)
CHANGEABLE = (
    "registration_open",
    "max_upload_bytes",
    "max_duration_s",
    "user_quota_bytes",
    "user_active_jobs",
    "user_uploads_per_day",
    "signed_url_s",
    "webhook_allow_private",
    "servers_allow_private",
)
SUPER_ADMIN_ONLY = ("webhook_allow_private", "servers_allow_private")  # what keeps outsiders' requests off the inner network
ENCRYPTED = "smtp_password"
EMAIL_SETTINGS = ("smtp_host", "smtp_port", "smtp_user", ENCRYPTED, "smtp_from", "smtp_from_name", "smtp_tls", "notification_emails")
_CACHE_S = 3.0


@dataclass(frozen=True)
class SettingInfo:
    """One setting. `number` is its place in the list, for clients that name settings by numbers; `source`: where its value is from."""

    number: int
    name: str
    value: Any
    default: Any
    source: str
    type: str
    description: str
    note: str
    changed_by: str
    changed_at: dt.datetime | None


class RuntimeSettings:
    """The environment's settings with the database's laid over them; looks again when what it knows is some seconds old."""

    def __init__(self, base: Settings) -> None:
        self.base = base
        self._now = base
        self._looked_at = 0.0
        self._lock = threading.Lock()

    def current(self, *, at_once: bool = False) -> Settings:
        """Outside of transactions, as it may ask the database."""
        if not at_once and time.monotonic() - self._looked_at < _CACHE_S:
            return self._now
        if not self._lock.acquire(blocking=at_once):  # somebody looks already; a database that is away holds up one request, not all
            return self._now
        try:
            self._looked_at = time.monotonic()
            with db.engine.connect() as reading:
                rows = reading.execute(select(SettingOverride.name, SettingOverride.value)).all()
            self._now = with_overrides(self.base, dict(tuple(row) for row in rows))
        finally:
            self._lock.release()
        return self._now


def with_overrides(base: Settings, changed: Mapping[str, Any]) -> Settings:
    """The settings with what was changed, without what this version no longer takes: that must not keep it from serving."""
    good = {}
    for name, value in changed.items():
        try:
            good[name] = parse_value(name, _decrypt(base, value) if name == ENCRYPTED else value)
        except (errors.ValidationFailed, KeyError):
            log.warning("changed_setting_ignored", name=name)
    kept = {name: value for name, value in good.items() if name in CHANGEABLE or name in EMAIL_SETTINGS}
    return base.model_copy(update=kept) if kept else base


def _decrypt(base: Settings, sealed: Any) -> str:
    """The password as it was given; "" where the signing key is another one by now. The environment's is not sent in its place."""
    opened = decrypt(sealed, signing_key(base)) if sealed else ""
    if opened is None:
        log.warning("mail_password_unreadable", hint="The signing key has changed: set the password again at /admin/email/config.")
    return opened or ""


def parse_value(name: str, value: Any) -> Any:
    """The value as its setting's type, or ValidationFailed."""
    field = Settings.model_fields[name]
    if isinstance(value, bool) and field.annotation is not bool:
        raise errors.ValidationFailed(f"{name}: true and false are no values of it")
    kind: Any = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        raise errors.ValidationFailed(f"{name}: {error.errors()[0]['msg']}") from None


def list_all(base: Settings) -> list[SettingInfo]:
    rows = {row.name: row for row in session().execute(select(SettingOverride)).scalars()}
    return [_describe(number, name, rows.get(name), base) for number, name in enumerate(CHANGEABLE, start=1)]


def _describe(number: int, name: str, row: SettingOverride | None, base: Settings) -> SettingInfo:
    field = Settings.model_fields[name]
    return SettingInfo(
        number=number,
        name=name,
        value=row.value if row else getattr(base, name),
        default=field.default,
        source="database" if row else "environment" if name in base.model_fields_set else "default",
        type=getattr(field.annotation, "__name__", str(field.annotation)),
        description=field.description or "",
        note=row.description if row else "",
        changed_by=row.changed_by if row else "",
        changed_at=row.changed_at if row else None,
    )


def find(base: Settings, key: str) -> SettingInfo:
    """By name or number. Raises NotFound."""
    wanted = key.lower()
    found = next((each for each in list_all(base) if wanted in (each.name, str(each.number))), None)
    if found is None:
        raise errors.NotFound(f"No setting {key[:60]} can be changed while the server runs.", hint=f"These can: {', '.join(CHANGEABLE)}.")
    return found


def change(caller: Caller, base: Settings, key: str, value: Any, note: str | None = None) -> SettingInfo:
    """Raises NotFound, ValidationFailed, and Forbidden where a mere admin turns a guard."""
    known = _check_may_change(caller, find(base, key))
    good = parse_value(known.name, value)
    with transaction() as writing:
        row = writing.get(SettingOverride, known.name, populate_existing=True) or SettingOverride(name=known.name)
        row.value, row.changed_by = good, caller.email
        row.description = known.note if note is None else note
        writing.add(row)
        audit.record(writing, caller, "setting.change", ("setting", known.name), {"value": known.value}, {"value": good})
    return find(base, key)


def reset(caller: Caller, base: Settings, key: str) -> SettingInfo:
    """Back to the environment's value. Raises NotFound, and Forbidden where a mere admin turns a guard."""
    known = _check_may_change(caller, find(base, key))
    with transaction() as writing:
        row = writing.get(SettingOverride, known.name)
        if row is not None:
            writing.delete(row)
            before, after = {"value": known.value}, {"value": getattr(base, known.name)}
            audit.record(writing, caller, "setting.reset", ("setting", known.name), before, after)
    return find(base, key)


def _check_may_change(caller: Caller, known: SettingInfo) -> SettingInfo:
    if known.name in SUPER_ADMIN_ONLY and not caller.is_super_admin:
        raise errors.Forbidden("Super admins alone may change what guards the inner network.")
    return known


def as_dicts(shown: Sequence[SettingInfo]) -> list[Mapping[str, Any]]:
    return [dataclasses.asdict(each) for each in shown]
