"""Typed settings in groups. The only package that reads the environment."""

from __future__ import annotations

from config.checks import deployment_errors, security_warnings
from config.constants import PROJECT, VERSION
from config.environment import UNUSED_VARIABLES, metrics_folder, share_metrics, unused_variables
from config.keys import signing_key
from config.loading import InvalidSettings, load_settings
from config.settings import GROUPS, Settings

__all__ = [
    "GROUPS",
    "PROJECT",
    "UNUSED_VARIABLES",
    "VERSION",
    "InvalidSettings",
    "Settings",
    "deployment_errors",
    "load_settings",
    "metrics_folder",
    "security_warnings",
    "share_metrics",
    "signing_key",
    "unused_variables",
]
