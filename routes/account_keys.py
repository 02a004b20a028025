"""Keys for programs of the caller's."""

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
    """The caller's keys, without the keys themselves."""
    return ApiKeysOut(api_keys=[ApiKeyOut.of(each) for each in api_keys.list_own(caller())])


@account_keys.post("")
@session_required
@account_keys.input(ApiKeyIn)
@account_keys.output(NewApiKeyOut, status_code=201)
@account_keys.doc(responses={409: "There are too many"})
def create_key(json_data: ApiKeyIn) -> Any:
    """Make a key with scopes and maybe an expiry. The answer holds the key, this once."""
    made, key = api_keys.create(caller(), name=json_data.name, scopes=json_data.scopes, life_days=json_data.expires_in_days)
    return NewApiKeyOut(key=key, api_key=ApiKeyOut.of(made))


@account_keys.delete("/<key_id>")
@session_required
@account_keys.output(MessageOut)
@account_keys.doc(responses={404: "Not found"})
def revoke_key(key_id: str) -> Any:
    """End one of the caller's keys at once."""
    api_keys.revoke(caller(), key_id)
    return MessageOut(message="The key has been revoked.")
