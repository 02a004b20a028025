"""Loads the settings and reports all invalid ones at once."""

from __future__ import annotations

from pydantic import ValidationError
from pydantic_settings import SettingsError

from config.settings import Settings


class InvalidSettings(SystemExit):
    """Raised before anything starts, with a message that lists everything that is wrong."""


def load_settings() -> Settings:
    """Read the environment. Raises InvalidSettings."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"  {'.'.join(map(str, part['loc'])).upper() or 'combination'}: {part['msg'].removeprefix('Value error, ')}"
            for part in error.errors()
        ]
        raise InvalidSettings("Lectern can't start. These settings are invalid:\n" + "\n".join(lines)) from error
    except SettingsError as error:
        raise InvalidSettings(f"Lectern can't start. A setting can't be read: {error.__cause__ or error}") from error
