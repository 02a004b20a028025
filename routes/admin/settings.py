"""Settings that can be changed while the server runs."""

from __future__ import annotations

from typing import Any

from routes.caller import admin_required, caller
from routes.container import container
from routes.endpoints import Blueprint
from routes.list_responses import list_of
from schemas.admin.settings import NamedSettingIn, SettingChangedOut, SettingIn, SettingOut
from services.operations import settings as use_case

settings = Blueprint("settings", __name__, scope="admin", tag="Admin")
_UNKNOWN = {404: "Unknown setting, or one that can't be changed while the server runs"}


@settings.get("/settings")
@admin_required
@settings.output(list_of(SettingOut))
def list_settings() -> Any:
    """List the settings with value, default and source of the value, as a bare array."""
    return [SettingOut.of(setting) for setting in use_case.list_all(container().runtime_settings.base)]


@settings.post("/settings")
@admin_required
@settings.input(NamedSettingIn)
@settings.output(SettingChangedOut)
@settings.doc(responses=_UNKNOWN)
def set_setting(json_data: NamedSettingIn) -> Any:
    """Change the setting named in the body."""
    return _set(json_data.name, json_data)


@settings.put("/settings/<setting>")
@admin_required
@settings.input(SettingIn)
@settings.output(SettingChangedOut)
@settings.doc(responses=_UNKNOWN)
def change_setting(setting: str, json_data: SettingIn) -> Any:
    """Change a setting, given its name or number."""
    return _set(setting, json_data)


@settings.delete("/settings/<setting>")
@admin_required
@settings.output(SettingChangedOut)
@settings.doc(responses=_UNKNOWN)
def reset_setting(setting: str) -> Any:
    """Reset a setting to the environment's value."""
    setting_row = use_case.reset(caller(), container().runtime_settings.base, setting)
    container().refresh_settings(at_once=True)
    return SettingChangedOut(message="Setting reset to the environment's value.", setting=SettingOut.of(setting_row))


def _set(key: str, payload: SettingIn) -> SettingChangedOut:
    setting_row = use_case.change(caller(), container().runtime_settings.base, key, payload.value, payload.description)
    container().refresh_settings(at_once=True)
    return SettingChangedOut(message="Setting changed.", setting=SettingOut.of(setting_row))
