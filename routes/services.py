"""The services behind the routes, as bootstrap put them together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app

if TYPE_CHECKING:
    from bootstrap import Services


def services() -> Services:
    found: Services = current_app.extensions["lectern"]
    return found
