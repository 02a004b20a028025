"""How e-mail goes out, set by admins while the server runs: laid over the environment's settings like others, the password encrypted.

Whoever names the mail server reads every letter, those that set a password among them: that is for super admins. And no password that
is kept goes to another server than the one that it was given for.
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

_SERVER_SETTINGS = ("smtp_host", "smtp_port", "smtp_user", ENCRYPTED, "smtp_tls")  # change together: a password belongs to its server
_RECIPIENTS = "notification_emails"
_MAX_RECIPIENTS = 50


@dataclass(frozen=True)
class Origin:
    """Where the settings for e-mail are from, and who changed them last."""

    source: str
    changed_by: str
    changed_at: dt.datetime | None


def origin() -> Origin:
    newest = select(SettingOverride).where(SettingOverride.name.in_(EMAIL_SETTINGS)).order_by(SettingOverride.changed_at.desc()).limit(1)
    row = session().execute(newest).scalar_one_or_none()
    return Origin("database", row.changed_by, row.changed_at) if row else Origin("environment", "", None)


def change(caller: Caller, base: Settings, signing_key: str, given: Mapping[str, Any]) -> None:
    """Set what is given; the rest stays. Raises Forbidden and ValidationFailed."""
    _require_super_admin(caller)
    good = {name: parse_value(name, value) for name, value in given.items()}
    with transaction() as writing:
        known = _current(writing, base)
        then = known.model_copy(update=good)
        _check(known, then, good)
        names = set(good) | (set(_SERVER_SETTINGS) if good.keys() & set(_SERVER_SETTINGS) else set())
        _save(writing, caller, then, names, signing_key)
        audit.record(
            writing, caller, "mail.change", ("mail", ""), _audit_values(known, names, good), _audit_values(then, names, good, anew=True)
        )


def reset(caller: Caller, base: Settings) -> None:
    """Back to what the environment says. Raises Forbidden and ValidationFailed."""
    _require_super_admin(caller)
    with transaction() as writing:
        known = _current(writing, base)
        _check_verification_possible(base)
        writing.execute(delete(SettingOverride).where(SettingOverride.name.in_(EMAIL_SETTINGS)))
        audit.record(
            writing,
            caller,
            "mail.reset",
            ("mail", ""),
            _audit_values(known, set(EMAIL_SETTINGS), {}),
            _audit_values(base, set(EMAIL_SETTINGS), {}),
        )


def set_recipients(caller: Caller, base: Settings, addresses: Sequence[str]) -> None:
    """Who gets a copy of every letter about a job. Raises ValidationFailed."""
    _change_recipients(caller, base, lambda _: addresses)


def add_recipient(caller: Caller, base: Settings, address: str) -> None:
    _change_recipients(caller, base, lambda known: [*known, address])


def remove_recipient(caller: Caller, base: Settings, address: str) -> None:
    """Raises NotFound."""

    def without(known: Sequence[str]) -> Sequence[str]:
        left = [each for each in known if each.lower() != address.lower()]
        if len(left) == len(known):
            raise errors.NotFound(f"{address[:80]} gets no copies.")
        return left

    _change_recipients(caller, base, without)


def send_test(caller: Caller, mailer: Mailer | None, to: str) -> None:
    """Send a test e-mail now. Raises MailNotConfigured without a mail server, TransientError if it does not take the e-mail."""
    if mailer is None:
        raise MailNotConfigured
    mailer.send(Message(to, "Lectern can send e-mail", "This is a test. Lectern's settings for e-mail work.\n"))
    with transaction() as writing:
        audit.record(writing, caller, "mail.test", ("address", to[:80]))


def _change_recipients(caller: Caller, base: Settings, changed: Callable[[Sequence[str]], Sequence[str]]) -> None:
    with transaction() as writing:
        known = _current(writing, base)
        wanted = {address.lower(): address for address in changed(known.notification_emails)}  # one of each
        if len(wanted) > _MAX_RECIPIENTS:
            raise errors.ValidationFailed(f"recipients: at most {_MAX_RECIPIENTS}")
        then = known.model_copy(update={_RECIPIENTS: tuple(wanted.values())})
        _save(writing, caller, then, {_RECIPIENTS}, "")
        audit.record(
            writing,
            caller,
            "mail.recipients",
            ("mail", ""),
            _audit_values(known, {_RECIPIENTS}, {}),
            _audit_values(then, {_RECIPIENTS}, {}),
        )


def _require_super_admin(caller: Caller) -> None:
    if not caller.is_super_admin:
        raise errors.Forbidden(
            "Super admin privileges required.",
            hint="Whoever names the mail server reads every letter, also those that set a password.",
        )


def _current(writing: Session, base: Settings) -> Settings:
    rows = writing.execute(select(SettingOverride.name, SettingOverride.value).where(SettingOverride.name.in_(EMAIL_SETTINGS))).all()
    return with_overrides(base, dict(tuple(row) for row in rows))


def _check(known: Settings, then: Settings, given: Mapping[str, Any]) -> None:
    _check_verification_possible(then)
    if not then.smtp_host:
        return
    if "@" not in then.mail_sender:
        raise errors.ValidationFailed("from_email: is needed, the address that e-mail comes from")
    moved = (known.smtp_host, known.smtp_port, known.smtp_user, known.mail_encryption) != (
        *(then.smtp_host, then.smtp_port, then.smtp_user),
        then.mail_encryption,
    )
    if moved and known.smtp_password.get_secret_value() and ENCRYPTED not in given:
        raise errors.ValidationFailed("smtp_password: give it once more, or an empty one, where server, user or encryption change")


def _check_verification_possible(then: Settings) -> None:
    if then.email_verification == "required" and not (then.smtp_host or then.cognito_client_id):
        raise errors.ValidationFailed("smtp_host: is needed while EMAIL_VERIFICATION is required; nobody new could log in")


def _save(writing: Session, caller: Caller, then: Settings, names: set[str], signing_key: str) -> None:
    for name in sorted(names):
        value = getattr(then, name)
        row = writing.get(SettingOverride, name, populate_existing=True) or SettingOverride(name=name)
        if isinstance(value, SecretStr):
            plain = value.get_secret_value()
            value = encrypt(plain, signing_key) if plain else ""
        row.value, row.changed_by = list(value) if isinstance(value, tuple) else value, caller.email
        writing.add(row)


def _audit_values(settings: Settings, names: set[str], given: Mapping[str, Any], *, anew: bool = False) -> dict[str, Any]:
    """For the audit log: of the password only whether there is one, and whether it was set anew."""
    told: dict[str, Any] = {name: getattr(settings, name) for name in names - {ENCRYPTED}}
    if ENCRYPTED in names:
        is_set = bool(settings.smtp_password.get_secret_value())
        told[ENCRYPTED] = "set anew" if anew and is_set and ENCRYPTED in given else "set" if is_set else "none"
    return {name: list(value) if isinstance(value, tuple) else value for name, value in told.items()}
