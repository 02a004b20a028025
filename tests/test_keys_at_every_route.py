"""API keys at every route: the scopes that they need, and the routes that no key may use."""

from __future__ import annotations

import pytest
from flask import Flask

from routes.endpoints import required_scope, scope_of
from services.accounts.scopes import ScopeMissing
from tests import access_matrix
from tests.access_matrix import OwnedObjects
from tests.conftest import User
from tests.test_every_route import RouteClient, assert_refused, closed_routes, database_unchanged, owned_objects, routes_of

__all__ = ["database_unchanged", "owned_objects"]  # fixtures


def key_of(user: User, *scopes: str) -> str:
    response = user.post("/api/v1/api-keys", json={"name": "narrow", "scopes": list(scopes)})
    assert response.status_code == 201, response.text
    key: str = response.json["key"]
    return key


def test_a_key_without_the_scope_is_refused_at_every_route(
    app: Flask, user: User, admin: User, owned_objects: OwnedObjects, database_unchanged: None
) -> None:
    for account in (user, admin):
        client = RouteClient(app, key_of(account, "webhooks:read"))
        for route in closed_routes(app):
            key = access_matrix.key_of(*route)
            if not key.startswith("GET /api/v1/webhooks"):
                assert_refused(client, route, owned_objects, 403)


def test_no_key_without_admin_scopes_reaches_admin_routes_or_changes_an_account(
    app: Flask, admin: User, owned_objects: OwnedObjects, database_unchanged: None
) -> None:
    scopes = ("content:read", "content:write", "webhooks:read", "webhooks:write", "account:read")
    client = RouteClient(app, key_of(admin, *scopes))
    account_paths = ("/api/v1/users", "/api/v1/auth", "/api/v1/api-keys", "/api/v1/youtube/accounts", "/auth")
    for route in closed_routes(app):
        key = access_matrix.key_of(*route)
        if access_matrix.is_for_admins(key) or (route[0] in access_matrix.UNSAFE and route[1].rule.startswith(account_paths)):
            assert_refused(client, route, owned_objects, 403)
        elif route[1].arguments & owned_objects.ids.keys():
            assert_refused(client, route, owned_objects, 404)


def test_every_endpoint_declares_its_scope(app: Flask) -> None:
    without_scope = {rule.rule for rule in app.url_map.iter_rules() if scope_of(app, rule.endpoint) is None}
    assert without_scope == set(), "declare a scope: Blueprint(..., scope=...) or @endpoint(scope=...)"


def test_only_open_endpoints_need_no_login(app: Flask) -> None:
    with_login = {access_matrix.key_of(*route) for route in closed_routes(app)}
    is_open = {access_matrix.key_of(*route) for route in routes_of(app) if scope_of(app, route[1].endpoint) == "open"}
    assert is_open.isdisjoint(with_login)


def test_an_undeclared_endpoint_refuses_keys() -> None:
    app = Flask(__name__)
    app.add_url_rule("/undeclared", view_func=lambda: "content")
    with app.test_request_context("/undeclared"), pytest.raises(ScopeMissing):
        required_scope()
