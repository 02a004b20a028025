"""Settings that may be changed while the server runs."""

from __future__ import annotations

from typing import Any

from routes.caller import admins_only, caller
from routes.container import container
from routes.endpoints import Blueprint
from routes.list_responses import list_of
from schemas.admin import NamedSettingIn, SettingIn
from schemas.admin_responses import SettingDoneOut, SettingOut
from services.operations import settings as use_case

settings = Blueprint("settings", __name__, scope="admin", tag="Admin")
_UNKNOWN = {404: "There is no such setting, or it can't be changed while the server runs"}


@settings.get("/settings")
@admins_only
@settings.output(list_of(SettingOut))
def list_settings() -> Any:
    """Each with its value, its default and where the value is from, as a bare array."""
    return [SettingOut.of(each) for each in use_case.list_all(container().runtime_settings.base)]


@settings.post("/settings")
@admins_only
@settings.input(NamedSettingIn)
@settings.output(SettingDoneOut)
@settings.doc(responses=_UNKNOWN)
def set_setting(json_data: NamedSettingIn) -> Any:
    """Change the setting that the body names."""
    return _set(json_data.name, json_data)


@settings.put("/settings/<setting>")
@admins_only
@settings.input(SettingIn)
@settings.output(SettingDoneOut)
@settings.doc(responses=_UNKNOWN)
def change_setting(setting: str, json_data: SettingIn) -> Any:
    """Change a setting, named by its name or its number."""
    return _set(setting, json_data)


@settings.delete("/settings/<setting>")
@admins_only
@settings.output(SettingDoneOut)
@settings.doc(responses=_UNKNOWN)
def reset_setting(setting: str) -> Any:
    """Back to what the environment says."""
    known = use_case.reset(caller(), container().runtime_settings.base, setting)
    container().refresh_settings(at_once=True)
    return SettingDoneOut(message="Setting deleted: the environment's value counts again.", setting=SettingOut.of(known))


def _set(key: str, given: SettingIn) -> SettingDoneOut:
    known = use_case.change(caller(), container().runtime_settings.base, key, given.value, given.description)
    container().refresh_settings(at_once=True)
    return SettingDoneOut(message="Setting changed.", setting=SettingOut.of(known))
