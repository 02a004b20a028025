"""Run-time settings in the admin API.

The documented client of the transcription service fixes `setting_key` and `setting_value`.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, Field

from lib.clock import iso
from schemas.admin.common import Text
from services.operations.settings import SettingInfo


class SettingIn(BaseModel):
    """`value` or its alias `setting_value`; text is converted to the setting's type."""

    value: Any = Field(validation_alias=AliasChoices("value", "setting_value"))
    description: Text | None = None


class NamedSettingIn(SettingIn):
    """`name` or its alias `setting_key`."""

    name: Annotated[str, Field(min_length=1, max_length=60, validation_alias=AliasChoices("name", "setting_key"))]


class SettingOut(BaseModel):
    id: int
    name: str
    value: Any
    default: Any
    source: str = Field(description="default, environment or database.")
    type: str
    description: str
    note: str
    setting_key: str
    setting_value: str
    changed_by: str
    updated_at: str | None

    @classmethod
    def of(cls, setting: SettingInfo) -> SettingOut:
        fields = {
            name: getattr(setting, name) for name in ("name", "value", "default", "source", "type", "description", "note", "changed_by")
        }
        text = str(setting.value).lower() if isinstance(setting.value, bool) else str(setting.value)
        return cls(**fields, id=setting.number, setting_key=setting.name, setting_value=text, updated_at=iso(setting.changed_at))


class SettingChangedOut(BaseModel):
    success: bool = True
    message: str
    setting: SettingOut
