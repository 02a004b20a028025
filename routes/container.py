"""The services behind the routes, as bootstrap put them together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app

if TYPE_CHECKING:
    from bootstrap import Container


def container() -> Container:
    found: Container = current_app.extensions["lectern"]
    return found


def addresses_are_confirmed() -> bool:
    """Whether people are asked to show that their e-mail address is theirs."""
    settings = container().settings
    return bool(settings.smtp_host) and settings.email_verification != "off"
