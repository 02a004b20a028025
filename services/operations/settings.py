"""Settings that admins change at run time. They are stored in the database and override the environment.

Only settings that are read at each use can be changed; others need a restart. The e-mail settings are changed together in
services/operations/email_settings.py, which encrypts the password.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import structlog
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select

import errors
from config import Settings, signing_key
from database import engine, session, transaction
from lib.encryption import decrypt
from lib.validation_messages import readable
from models import SettingOverride
from services.accounts import Caller
from services.operations import audit, prompts

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
    "transcribing_allowed",
)
SUPER_ADMIN_ONLY = ("webhook_allow_private", "servers_allow_private")  # protect the internal network
ENCRYPTED = "smtp_password"
EMAIL_SETTINGS = ("smtp_host", "smtp_port", "smtp_user", ENCRYPTED, "smtp_from", "smtp_from_name", "smtp_tls", "notification_emails")
PROMPT_SETTINGS = {"active_transcribe_prompt_id": "transcribe", "active_proofread_prompt_id": "proofread"}  # Ezra's keys
_CACHE_S = 3.0


@dataclass(frozen=True)
class SettingInfo:
    """A setting. `number`: its position in the list, for clients that use numbers; `source`: database, environment or default."""

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
    """The settings of the environment with the overrides of the database, cached for a few seconds."""

    def __init__(self, base: Settings) -> None:
        self.base = base
        self._current = base
        self._loaded_at = 0.0
        self._lock = threading.Lock()

    def current(self, *, at_once: bool = False) -> Settings:
        """Return the current settings; may query the database, so call this outside transactions."""
        if not at_once and time.monotonic() - self._loaded_at < _CACHE_S:
            return self._current
        if not self._lock.acquire(blocking=at_once):  # another thread loads; an outage delays one request, not all
            return self._current
        try:
            self._loaded_at = time.monotonic()
            with engine().connect() as connection:
                rows = connection.execute(select(SettingOverride.name, SettingOverride.value)).all()
            self._current = with_overrides(self.base, dict(tuple(row) for row in rows))
        finally:
            self._lock.release()
        return self._current


def with_overrides(base: Settings, overrides: Mapping[str, Any]) -> Settings:
    """Return the settings with overrides applied. Overrides that are not valid in this version are ignored and logged."""
    values = {}
    for name, value in overrides.items():
        try:
            values[name] = parse_value(name, _decrypt(base, value) if name == ENCRYPTED else value)
        except (errors.ValidationFailed, KeyError):
            log.warning("setting_override_ignored", name=name)
    usable_values = {name: value for name, value in values.items() if name in CHANGEABLE or name in EMAIL_SETTINGS}
    return base.model_copy(update=usable_values) if usable_values else base


def _decrypt(base: Settings, sealed_password: Any) -> str:
    """Return the stored password, or "" if the signing key has changed since; never the password of the environment."""
    password = decrypt(sealed_password, signing_key(base)) if sealed_password else ""
    if password is None:
        log.warning("mail_password_unreadable", hint="The signing key has changed: set the password again at /admin/email/config.")
    return password or ""


def parse_value(name: str, value: Any) -> Any:
    """Return the value in the type of the setting. Raises ValidationFailed."""
    field = Settings.model_fields[name]
    if isinstance(value, bool) and field.annotation is not bool:
        raise errors.ValidationFailed(f"{name}: must not be true or false")
    kind: Any = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        raise errors.ValidationFailed(f"{name}: {readable(error.errors()[0]['msg'])}") from None


def list_all(base: Settings) -> list[SettingInfo]:
    rows = {row.name: row for row in session().execute(select(SettingOverride)).scalars()}
    settings = [_describe(number, name, rows.get(name), base) for number, name in enumerate(CHANGEABLE, start=1)]
    return settings + [_describe_prompt(number, name) for number, name in enumerate(PROMPT_SETTINGS, start=len(settings) + 1)]


def _describe_prompt(number: int, name: str) -> SettingInfo:
    """Describe the choice of a prompt as a setting, whose value is the number of the prompt, or None."""
    kind = PROMPT_SETTINGS[name]
    active_prompt = prompts.find_active(kind)
    return SettingInfo(
        number=number,
        name=name,
        value=active_prompt.prompt.id if active_prompt else None,
        default=None,
        source="database" if active_prompt else "default",
        type="int",
        description=f"Number of the active prompt of the kind {kind}.",
        note="",
        changed_by="",
        changed_at=None,
    )


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
    """Find a setting by name or number. Raises NotFound."""
    name_or_number = key.lower()
    setting = next((each for each in list_all(base) if name_or_number in (each.name, str(each.number))), None)
    if setting is None:
        raise errors.NotFound(
            f"The setting {key[:60]} cannot be changed at run time.", hint=f"These can: {', '.join((*CHANGEABLE, *PROMPT_SETTINGS))}."
        )
    return setting


def change(caller: Caller, base: Settings, key: str, value: Any, note: str | None = None) -> SettingInfo:
    """Change a setting. Raises NotFound, ValidationFailed, and Forbidden if only super admins may change it."""
    setting = _check_may_change(caller, find(base, key))
    if setting.name in PROMPT_SETTINGS:
        prompts.activate(caller, _prompt_id(setting.name, value), PROMPT_SETTINGS[setting.name])
        return find(base, key)
    new_value = parse_value(setting.name, value)
    with transaction() as session:
        row = session.get(SettingOverride, setting.name, populate_existing=True) or SettingOverride(name=setting.name)
        row.value, row.changed_by = new_value, caller.email
        row.description = setting.note if note is None else note
        session.add(row)
        audit.record(session, caller, "setting.change", ("setting", setting.name), {"value": setting.value}, {"value": new_value})
    return find(base, key)


def reset(caller: Caller, base: Settings, key: str) -> SettingInfo:
    """Return to the value of the environment. Raises NotFound, and Forbidden if only super admins may change the setting."""
    setting = _check_may_change(caller, find(base, key))
    if setting.name in PROMPT_SETTINGS:
        if setting.value is not None:
            prompts.deactivate(caller, setting.value)
        return find(base, key)
    with transaction() as session:
        row = session.get(SettingOverride, setting.name)
        if row is not None:
            session.delete(row)
            before, after = {"value": setting.value}, {"value": getattr(base, setting.name)}
            audit.record(session, caller, "setting.reset", ("setting", setting.name), before, after)
    return find(base, key)


def _prompt_id(name: str, value: Any) -> int:
    text = str(value)
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise errors.ValidationFailed(f"{name}: must be the number of a prompt")
    return int(text)


def _check_may_change(caller: Caller, setting: SettingInfo) -> SettingInfo:
    if setting.name in SUPER_ADMIN_ONLY and not caller.is_super_admin:
        raise errors.Forbidden("Only super admins may change settings that protect the internal network.")
    return setting
