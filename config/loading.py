"""Loads the settings and reports all invalid ones at once."""

from __future__ import annotations

from pydantic import ValidationError
from pydantic_settings import SettingsError

from config.settings import Settings


class InvalidSettings(SystemExit):
    """Raised before anything starts, with a message that lists everything that is wrong."""


def _path(location: tuple[int | str, ...]) -> str:
    """Return where a value stands: the variable, and the part of its value, such as PLANS.0.monthly."""
    return ".".join([*(str(part).upper() for part in location[:1]), *map(str, location[1:])])


def load_settings() -> Settings:
    """Read the environment. Raises InvalidSettings."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [f"  {_path(part['loc']) or 'combination'}: {part['msg'].removeprefix('Value error, ')}" for part in error.errors()]
        raise InvalidSettings("Lectern can't start. These settings are invalid:\n" + "\n".join(lines)) from error
    except SettingsError as error:
        raise InvalidSettings(f"Lectern can't start. A setting can't be read: {error.__cause__ or error}") from error
