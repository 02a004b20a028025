"""Accounts and log-ins: who someone is, and until when."""

from services.accounts.callers import ADMIN_ROLES, ROLES, Caller, ServiceCaller
from services.accounts.cleanup import tidy
from services.accounts.login_throttle import PauseRules, TooManyAttempts
from services.accounts.roles import set_role, suspend, unsuspend
from services.accounts.sessions import (
    OpenedSession,
    Visit,
    caller_of,
    close_session,
    list_live,
    live_sessions,
    log_out_everywhere,
    open_session,
    opened,
    revoke,
    rotate_session,
)
from services.accounts.users import authenticate, confirm_password, emails_of, find, is_active, register, static_caller, user_of

__all__ = [
    "ADMIN_ROLES",
    "ROLES",
    "Caller",
    "OpenedSession",
    "PauseRules",
    "ServiceCaller",
    "TooManyAttempts",
    "Visit",
    "authenticate",
    "caller_of",
    "close_session",
    "confirm_password",
    "emails_of",
    "find",
    "is_active",
    "list_live",
    "live_sessions",
    "log_out_everywhere",
    "open_session",
    "opened",
    "register",
    "revoke",
    "rotate_session",
    "set_role",
    "static_caller",
    "suspend",
    "tidy",
    "unsuspend",
    "user_of",
]
