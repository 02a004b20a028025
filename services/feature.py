"""The shape of a feature: the parts that it adds to the application's background work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from config import Settings
from services.outbox.mail_sender import MailSender
from services.outbox.port import Channel
from services.storage import Store

Task = Callable[[], object]


@dataclass(frozen=True)
class Context:
    """The objects from which features build their parts. `current_settings` returns the settings as admins have changed them."""

    settings: Settings
    current_settings: Callable[[], Settings]
    store: Store
    mail: MailSender


def _none(_: Context) -> tuple[()]:
    return ()


@dataclass(frozen=True)
class Feature:
    """One feature. `channels` deliver from the outbox; `recovery` tasks run every few seconds, `cleanup` tasks now and then."""

    name: str
    channels: Callable[[Context], Sequence[Channel]] = _none
    recovery: Callable[[Context], Sequence[Task]] = _none
    cleanup: Callable[[Context], Sequence[Task]] = _none
