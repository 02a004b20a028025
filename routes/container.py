"""The container of services that bootstrap built for this app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app

if TYPE_CHECKING:
    from bootstrap import Container


def container() -> Container:
    services: Container = current_app.extensions["lectern"]
    return services


def addresses_are_confirmed() -> bool:
    """Whether users verify their e-mail addresses on this server."""
    settings = container().settings
    return bool(settings.smtp_host) and settings.email_verification != "off"
