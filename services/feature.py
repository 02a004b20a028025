"""The shape of a feature: the parts that it adds to the application's background work."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from config import Settings
from database import Hook
from services.outbox.mail_sender import MailSender
from services.outbox.port import Channel
from services.storage import Store

Task = Callable[[], object]


@dataclass(frozen=True)
class Context:
    """The objects from which features build their parts. `current_settings` returns the settings as admins have changed them.

    `known_settings` returns those that were read last: it makes no query, so it can be called inside a transaction.
    """

    settings: Settings
    current_settings: Callable[[], Settings]
    store: Store
    mail: MailSender
    known_settings: Callable[[], Settings]


def _none(_: Context) -> tuple[()]:
    return ()


def _no_hooks(_: Context) -> Mapping[str, Hook]:
    return {}


@dataclass(frozen=True)
class Feature:
    """One feature. `channels` deliver from the outbox; `recovery` tasks run every few seconds, `cleanup` tasks now and then.

    `hooks` run inside transactions of other features, by topic (db/hooks.py).
    """

    name: str
    channels: Callable[[Context], Sequence[Channel]] = _none
    recovery: Callable[[Context], Sequence[Task]] = _none
    cleanup: Callable[[Context], Sequence[Task]] = _none
    hooks: Callable[[Context], Mapping[str, Hook]] = _no_hooks
