"""API keys of the caller."""

from __future__ import annotations

from typing import Any

from routes.caller import caller, login_required, session_required
from routes.endpoints import Blueprint
from schemas.accounts import MessageOut
from schemas.api_keys import ApiKeyIn, ApiKeyOut, ApiKeysOut, NewApiKeyOut
from services.accounts import api_keys

account_keys = Blueprint("account_keys", __name__, scope="account", tag="Accounts")


@account_keys.get("")
@login_required
@account_keys.output(ApiKeysOut)
def list_keys() -> Any:
    """List the API keys of the caller, without the secrets."""
    return ApiKeysOut(api_keys=[ApiKeyOut.of(each) for each in api_keys.list_own(caller())])


@account_keys.post("")
@session_required
@account_keys.input(ApiKeyIn)
@account_keys.output(NewApiKeyOut, status_code=201)
@account_keys.doc(responses={409: "Too many API keys"})
def create_key(json_data: ApiKeyIn) -> Any:
    """Create an API key with scopes and an optional expiry. The key itself is shown in this response only."""
    api_key, key = api_keys.create(caller(), name=json_data.name, scopes=json_data.scopes, life_days=json_data.expires_in_days)
    return NewApiKeyOut(key=key, api_key=ApiKeyOut.of(api_key))


@account_keys.delete("/<key_id>")
@session_required
@account_keys.output(MessageOut)
@account_keys.doc(responses={404: "Not found"})
def revoke_key(key_id: str) -> Any:
    """Revoke an API key of the caller."""
    api_keys.revoke(caller(), key_id)
    return MessageOut(message="The key has been revoked.")
