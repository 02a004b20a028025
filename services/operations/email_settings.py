"""E-mail settings that admins change at run time. They override the environment; the password is stored encrypted.

Only super admins may change the mail server: it receives every e-mail, including password resets. A stored password is never
sent to another server than the one it was entered for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

import errors
from config import Settings
from database import session, transaction
from lib.encryption import encrypt
from models import SettingOverride
from services.accounts import Caller
from services.accounts.account_emails import MailNotConfigured
from services.email.port import Mailer, Message
from services.operations import audit
from services.operations.settings import EMAIL_SETTINGS, ENCRYPTED, parse_value, with_overrides

_SERVER_SETTINGS = ("smtp_host", "smtp_port", "smtp_user", ENCRYPTED, "smtp_tls")  # saved together: a password belongs to its server
_RECIPIENTS = "notification_emails"
_MAX_RECIPIENTS = 50


@dataclass(frozen=True)
class Origin:
    """The source of the e-mail settings and their last change."""

    source: str
    changed_by: str
    changed_at: dt.datetime | None


def origin() -> Origin:
    newest = select(SettingOverride).where(SettingOverride.name.in_(EMAIL_SETTINGS)).order_by(SettingOverride.changed_at.desc()).limit(1)
    row = session().execute(newest).scalar_one_or_none()
    return Origin("database", row.changed_by, row.changed_at) if row else Origin("environment", "", None)


def change(caller: Caller, base: Settings, signing_key: str, values: Mapping[str, Any]) -> None:
    """Change some settings. Raises Forbidden, ValidationFailed."""
    _require_super_admin(caller)
    new_values = {name: parse_value(name, value) for name, value in values.items()}
    with transaction() as session:
        current = _current(session, base)
        new_settings = current.model_copy(update=new_values)
        _check(current, new_settings, new_values)
        names = set(new_values) | (set(_SERVER_SETTINGS) if new_values.keys() & set(_SERVER_SETTINGS) else set())
        _save(session, caller, new_settings, names, signing_key)
        before, after = _audit_values(current, names, new_values), _audit_values(new_settings, names, new_values, after_change=True)
        audit.record(session, caller, "mail.change", ("mail", ""), before, after)


def reset(caller: Caller, base: Settings) -> None:
    """Return to the settings of the environment. Raises Forbidden, ValidationFailed."""
    _require_super_admin(caller)
    with transaction() as session:
        current = _current(session, base)
        _check_verification_possible(base)
        session.execute(delete(SettingOverride).where(SettingOverride.name.in_(EMAIL_SETTINGS)))
        audit.record(
            session,
            caller,
            "mail.reset",
            ("mail", ""),
            _audit_values(current, set(EMAIL_SETTINGS), {}),
            _audit_values(base, set(EMAIL_SETTINGS), {}),
        )


def set_recipients(caller: Caller, base: Settings, addresses: Sequence[str]) -> None:
    """Set the addresses that get a copy of every e-mail about a job. Raises ValidationFailed."""
    _change_recipients(caller, base, lambda _: addresses)


def add_recipient(caller: Caller, base: Settings, address: str) -> None:
    _change_recipients(caller, base, lambda recipients: [*recipients, address])


def remove_recipient(caller: Caller, base: Settings, address: str) -> None:
    """Remove a recipient. Raises NotFound."""

    def without(recipients: Sequence[str]) -> Sequence[str]:
        other_recipients = [each for each in recipients if each.lower() != address.lower()]
        if len(other_recipients) == len(recipients):
            raise errors.NotFound(f"{address[:80]} is not a recipient.")
        return other_recipients

    _change_recipients(caller, base, without)


def send_test(caller: Caller, mailer: Mailer | None, to: str) -> None:
    """Send a test e-mail now. Raises MailNotConfigured without a mail server, TransientError if it does not take the e-mail."""
    if mailer is None:
        raise MailNotConfigured
    mailer.send(Message(to, "Lectern can send e-mail", "This is a test. Lectern's settings for e-mail work.\n"))
    with transaction() as session:
        audit.record(session, caller, "mail.test", ("address", to[:80]))


def _change_recipients(caller: Caller, base: Settings, edit: Callable[[Sequence[str]], Sequence[str]]) -> None:
    with transaction() as session:
        current = _current(session, base)
        recipients = {address.lower(): address for address in edit(current.notification_emails)}  # without duplicates
        if len(recipients) > _MAX_RECIPIENTS:
            raise errors.ValidationFailed(f"recipients: at most {_MAX_RECIPIENTS}")
        new_settings = current.model_copy(update={_RECIPIENTS: tuple(recipients.values())})
        _save(session, caller, new_settings, {_RECIPIENTS}, "")
        audit.record(
            session,
            caller,
            "mail.recipients",
            ("mail", ""),
            _audit_values(current, {_RECIPIENTS}, {}),
            _audit_values(new_settings, {_RECIPIENTS}, {}),
        )


def _require_super_admin(caller: Caller) -> None:
    if not caller.is_super_admin:
        raise errors.Forbidden(
            "Super admin privileges required.",
            hint="The mail server receives every e-mail, including password resets.",
        )


def _current(session: Session, base: Settings) -> Settings:
    rows = session.execute(select(SettingOverride.name, SettingOverride.value).where(SettingOverride.name.in_(EMAIL_SETTINGS))).all()
    return with_overrides(base, dict(tuple(row) for row in rows))


def _check(current: Settings, new_settings: Settings, values: Mapping[str, Any]) -> None:
    _check_verification_possible(new_settings)
    if not new_settings.smtp_host:
        return
    if "@" not in new_settings.mail_sender:
        raise errors.ValidationFailed("from_email: required, the sender address of e-mails")
    if _server(current) != _server(new_settings) and current.smtp_password.get_secret_value() and ENCRYPTED not in values:
        raise errors.ValidationFailed("smtp_password: enter it again, or an empty one, when server, user or encryption change")


def _server(settings: Settings) -> tuple[object, ...]:
    return settings.smtp_host, settings.smtp_port, settings.smtp_user, settings.mail_encryption


def _check_verification_possible(settings: Settings) -> None:
    if settings.email_verification == "required" and not (settings.smtp_host or settings.cognito_client_id):
        raise errors.ValidationFailed("smtp_host: required, as EMAIL_VERIFICATION=required needs e-mail")


def _save(session: Session, caller: Caller, settings: Settings, names: set[str], signing_key: str) -> None:
    for name in sorted(names):
        value = getattr(settings, name)
        row = session.get(SettingOverride, name, populate_existing=True) or SettingOverride(name=name)
        if isinstance(value, SecretStr):
            plain = value.get_secret_value()
            value = encrypt(plain, signing_key) if plain else ""
        row.value, row.changed_by = list(value) if isinstance(value, tuple) else value, caller.email
        session.add(row)


def _audit_values(settings: Settings, names: set[str], values: Mapping[str, Any], *, after_change: bool = False) -> dict[str, Any]:
    """Return the values for the audit log; of the password only whether it is set or was changed."""
    audit_values: dict[str, Any] = {name: getattr(settings, name) for name in names - {ENCRYPTED}}
    if ENCRYPTED in names:
        is_set = bool(settings.smtp_password.get_secret_value())
        audit_values[ENCRYPTED] = "changed" if after_change and is_set and ENCRYPTED in values else "set" if is_set else "none"
    return {name: list(value) if isinstance(value, tuple) else value for name, value in audit_values.items()}
