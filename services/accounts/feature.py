"""The background parts of accounts, and the pool that holds their passwords."""

from __future__ import annotations

from collections.abc import Callable

from config import Settings
from services import accounts
from services.accounts.cognito_user_pool import CognitoUserPool
from services.accounts.email_channel import AccountEmailChannel
from services.accounts.local_user_pool import LocalUserPool, SendAccountEmail
from services.accounts.user_pool import Policy, UserPool
from services.feature import Feature

FEATURE = Feature("accounts", channels=lambda context: [AccountEmailChannel(context.mail)], cleanup=lambda _: [accounts.delete_expired])


def user_pool_from_settings(settings: Settings, policy: Policy, send_email: SendAccountEmail, signing_key: Callable[[], str]) -> UserPool:
    """Return Amazon Cognito's pool if an app client is configured, else the local one."""
    local = LocalUserPool(policy, send_email)
    if not settings.cognito_client_id:
        return local
    from services.identity.cognito import CognitoClient, CognitoConfig  # boto3 is slow to import

    return CognitoUserPool(CognitoClient(CognitoConfig.from_settings(settings)), local, policy, signing_key)
