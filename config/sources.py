"""Settings from secret files, besides environment variables and `.env`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import AliasChoices
from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource


@dataclass(frozen=True)
class UnreadableFile:
    """Stands for the value of a file that can't be read, so that the error is reported together with all others."""

    message: str


class SecretFilesSource(EnvSettingsSource):
    """Read any setting from the file that `NAME_FILE` names, as Docker and Kubernetes mount secrets."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        names = field.validation_alias.choices if isinstance(field.validation_alias, AliasChoices) else [field_name]
        for name in map(str, names):
            path = self.env_vars.get(f"{name}_file".lower()) or self.env_vars.get(f"{name}_FILE")
            if path:
                try:
                    return Path(path).read_text(encoding="utf-8").strip(), field_name, False
                except (OSError, UnicodeDecodeError) as error:
                    return UnreadableFile(f"{name.upper()}_FILE can't be read: {error}"), field_name, False
        return None, field_name, False
