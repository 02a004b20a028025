"""Accounts, sessions, API keys and login."""

from services.accounts.callers import ADMIN_ROLES, ROLES, Caller, ServiceCaller
from services.accounts.cleanup import delete_expired
from services.accounts.login_throttle import ThrottleLimits, TooManyAttempts
from services.accounts.roles import set_role, suspend, unsuspend
from services.accounts.sessions import (
    ClientInfo,
    OpenedSession,
    caller_of,
    close_session,
    filter_live,
    get_live,
    list_live,
    log_out_everywhere,
    open_session,
    revoke,
    rotate_session,
)
from services.accounts.users import (
    authenticate,
    confirm_password,
    emails_of,
    find_by_login,
    register,
    static_caller,
    token_generation,
    user_of,
)

__all__ = [
    "ADMIN_ROLES",
    "ROLES",
    "Caller",
    "ClientInfo",
    "OpenedSession",
    "ServiceCaller",
    "ThrottleLimits",
    "TooManyAttempts",
    "authenticate",
    "caller_of",
    "close_session",
    "confirm_password",
    "delete_expired",
    "emails_of",
    "filter_live",
    "find_by_login",
    "get_live",
    "list_live",
    "log_out_everywhere",
    "open_session",
    "register",
    "revoke",
    "rotate_session",
    "set_role",
    "static_caller",
    "suspend",
    "token_generation",
    "unsuspend",
    "user_of",
]
