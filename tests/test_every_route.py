"""Every route of the URL map, requested with every kind of missing or insufficient credentials. A new route is included automatically."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_jwt_extended import create_access_token
from sqlalchemy import select
from werkzeug.routing import Map, Rule
from werkzeug.test import TestResponse

from config import Settings
from tests import access_matrix
from tests.access_matrix import OwnedObjects
from tests.conftest import User, settings_for

pytestmark = pytest.mark.slow("sends a request to every endpoint for each kind of caller")

Route = tuple[str, Rule]
_PREFIX = "/thakii-be"
_VOLATILE_FIELDS = ("request_id", "timestamp")
_VOLATILE_COLUMNS = ("last_used_at", "last_login_at", "status")  # status: one test suspends users


@pytest.fixture(params=["sqlite-local", "postgres-s3 under a prefix"])
def settings(request: pytest.FixtureRequest, tmp_path: Path, build_settings: Callable[..., Settings]) -> Settings:
    backend, _, prefix = request.param.partition(" ")
    settings = settings_for(backend, request, tmp_path, build_settings)
    return settings.model_copy(update={"url_prefix": _PREFIX if prefix else ""})


def routes_of(app: Flask) -> list[Route]:
    """Return methods and rules of the URL map, read-only methods first."""
    routes = [(method, rule) for rule in app.url_map.iter_rules() for method in sorted(rule.methods - {"HEAD", "OPTIONS"})]
    return sorted(routes, key=lambda route: (route[0] in access_matrix.UNSAFE, route[1].rule, route[0]))


def closed_routes(app: Flask) -> list[Route]:
    exempt_keys = access_matrix.OPEN | access_matrix.OTHER_KEYS.keys()
    return [(method, rule) for method, rule in routes_of(app) if access_matrix.key_of(method, rule) not in exempt_keys]


class RouteClient:
    """A client that requests routes by rule, with a token in the header or in a cookie, or without one."""

    def __init__(self, app: Flask, token: str | None = None, *, cookie: bool = False, **headers: str) -> None:
        self._http = app.test_client(use_cookies=False)
        self._map: Map = app.url_map
        self._prefix = app.extensions["lectern"].settings.url_prefix
        credentials = {"Cookie": f"access_token={token}"} if cookie else {"Authorization": f"Bearer {token}"}
        self._headers = {**(credentials if token else {}), **headers}

    def request(self, route: Route, owned_objects: OwnedObjects, **body: Any) -> TestResponse:
        method, rule = route
        key = access_matrix.key_of(method, rule)
        values = {**owned_objects.ids, **access_matrix.PLAIN, **access_matrix.PATHS.get(rule.rule, {})}
        missing = rule.arguments - values.keys()
        assert not missing, f"{key}: tests/access_matrix.py has no value for {', '.join(missing)}"
        path = self._map.bind("localhost").build(rule.endpoint, {name: values[name] for name in rule.arguments}, method=method)
        return self._http.open(self._prefix + path, method=method, headers=self._headers, **(body or access_matrix.body_for(key)))


@pytest.fixture
def owned_objects(app: Flask, user: User) -> OwnedObjects:
    objects = access_matrix.create_owned_objects(app, user)
    access_matrix.add_converted_parts(app, objects)
    return objects


@pytest.fixture
def database_unchanged(app: Flask, owned_objects: OwnedObjects) -> Iterator[None]:
    """Fail if the test changed or deleted a row, or added a recording, a job or an audit entry."""
    before = _rows(app)
    yield
    after = _rows(app)
    for table, rows in before.items():
        assert rows <= after[table], table
    for table in ("recordings", "jobs", "artifacts", "webhooks", "audit_log", "setting_overrides", "processing_servers"):
        assert rows_of(before, table) == rows_of(after, table), table


def rows_of(snapshot: dict[str, set[str]], table: str) -> set[str]:
    assert table in snapshot
    return snapshot[table]


def _rows(app: Flask) -> dict[str, set[str]]:
    """Return every row of every table, without volatile columns."""
    from database import Base, db

    with app.app_context(), db.engine.connect() as connection:
        columns_of = {
            table: [column for column in table.columns if column.name not in _VOLATILE_COLUMNS]
            for table in Base.metadata.sorted_tables
            if not table.info.get("is_derived")  # written in the background
        }
        return {table.name: {repr(tuple(row)) for row in connection.execute(select(*columns))} for table, columns in columns_of.items()}


def comparable_body(response: TestResponse, owned_objects: OwnedObjects) -> str:
    """Return the body without volatile fields and requested ids."""
    text = response.data.decode(errors="replace")
    if response.is_json:
        text = json.dumps({name: value for name, value in response.json.items() if name not in _VOLATILE_FIELDS}, sort_keys=True)
    for value in owned_objects.ids.values():
        text = text.replace(value, "ID")
    return text


def assert_refused(client: RouteClient, route: Route, owned_objects: OwnedObjects, status: int) -> None:
    """Assert this status, with the same body for an existing object and for a missing one."""
    name = access_matrix.key_of(*route)
    missing_objects = owned_objects.with_other_ids()
    response, other = client.request(route, owned_objects), client.request(route, missing_objects)
    assert response.status_code == status, f"{name}: {response.status_code} {response.text[:300]}"
    assert other.status_code == status, f"{name}, for a missing object: {other.status_code}"
    assert comparable_body(response, owned_objects) == comparable_body(other, missing_objects), name
    assert b"Private lecture" not in response.data and owned_objects.owner_id.encode() not in response.data, name


def test_anonymous_requests_are_refused(app: Flask, stranger: User, owned_objects: OwnedObjects, database_unchanged: None) -> None:
    routes_by_key = {access_matrix.key_of(*route): route for route in routes_of(app)}
    assert (
        access_matrix.OPEN | access_matrix.OTHER_KEYS.keys() | access_matrix.BODIES.keys() | access_matrix.ADMINS_ELSEWHERE.keys()
    ) <= routes_by_key.keys()
    anonymous = RouteClient(app)
    for route in closed_routes(app):
        assert_refused(anonymous, route, owned_objects, 401)
    for key, status in access_matrix.OTHER_KEYS.items():
        assert_refused(anonymous, routes_by_key[key], owned_objects, status)
        assert_refused(RouteClient(app, stranger.tokens["access_token"]), routes_by_key[key], owned_objects, status)
    for key in sorted(access_matrix.OPEN):
        response = anonymous.request(routes_by_key[key], owned_objects)
        assert response.status_code < 500, key
        assert not _ids_in(response, owned_objects), key


def test_expired_tokens_are_refused(app: Flask, user: User, admin: User, owned_objects: OwnedObjects, database_unchanged: None) -> None:
    with app.app_context():
        for account in (user, admin):
            claims = {"user_id": account.id, "email": account.email, "is_admin": True, "sid": _session_of(account)}
            token = create_access_token(account.id, additional_claims=claims, expires_delta=dt.timedelta(seconds=-5))
            for route in closed_routes(app):
                assert_refused(RouteClient(app, token), route, owned_objects, 401)


def test_suspended_users_are_refused_at_once(
    app: Flask, user: User, admin: User, owned_objects: OwnedObjects, database_unchanged: None
) -> None:
    for account in (user, admin):
        client = RouteClient(app, account.tokens["access_token"])
        assert client.request(_route(app, "GET /list"), owned_objects).status_code == 200
        _suspend(app, account)
        for route in closed_routes(app):
            assert_refused(client, route, owned_objects, 401)


def test_a_key_is_refused_outside_its_scopes(app: Flask, user: User, owned_objects: OwnedObjects, database_unchanged: None) -> None:
    """The key belongs to the owner and has the scope webhooks:read."""
    response = user.post("/api/v1/api-keys", json={"name": "narrow", "scopes": ["webhooks:read"]})
    assert response.status_code == 201, response.text
    client = RouteClient(app, response.json["key"])
    for route in closed_routes(app):
        key = access_matrix.key_of(*route)
        if key.startswith("GET /api/v1/webhooks"):
            assert client.request(route, owned_objects).status_code == 200, key
        else:
            assert_refused(client, route, owned_objects, 403)


@pytest.mark.parametrize("cookie", [False, True])
def test_other_users_cannot_read_an_owners_objects(
    app: Flask, stranger: User, owned_objects: OwnedObjects, database_unchanged: None, cookie: bool
) -> None:
    client = RouteClient(app, stranger.tokens["access_token"], cookie=cookie)
    for route in closed_routes(app):
        key = access_matrix.key_of(*route)
        if access_matrix.is_for_admins(key):
            assert_refused(client, route, owned_objects, access_matrix.ADMINS_ELSEWHERE.get(key, 403))
        elif route[1].arguments & owned_objects.ids.keys():
            assert_refused(client, route, owned_objects, 404)
        elif route[0] == "GET":
            response = client.request(route, owned_objects)
            assert response.status_code == access_matrix.NOT_OFFERED.get(key, 200), key
            assert not _ids_in(response, owned_objects), key


def test_other_users_cannot_change_an_owners_objects_at_routes_without_ids(app: Flask, owned_objects: OwnedObjects) -> None:
    """Each route is requested by a new user, because some routes end the session or delete the account."""
    plain = [
        route for route in closed_routes(app) if route[0] in access_matrix.UNSAFE and not route[1].arguments & owned_objects.ids.keys()
    ]
    for number, route in enumerate(route for route in plain if not access_matrix.is_for_admins(access_matrix.key_of(*route))):
        newcomer = User(app, f"newcomer-{number}@example.org")
        before = _rows(app)
        response = RouteClient(app, newcomer.tokens["access_token"]).request(route, owned_objects)
        key, after = access_matrix.key_of(*route), _rows(app)
        assert response.status_code < 500 and not _ids_in(response, owned_objects), key
        for table, rows in before.items():
            newcomers_rows = {row for row in rows if newcomer.id in row or newcomer.email in row}
            assert rows - newcomers_rows <= after[table], f"{key} changed {table}"


def test_cross_site_requests_with_a_cookie_are_refused(
    app: Flask, user: User, owned_objects: OwnedObjects, database_unchanged: None
) -> None:
    """The requests come from the owner's browser, on a page of another site."""
    for foreign in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        client = RouteClient(app, user.tokens["access_token"], cookie=True, **foreign)
        for route in closed_routes(app):
            if route[0] in access_matrix.UNSAFE:
                assert_refused(client, route, owned_objects, 403)


def test_admins_cannot_use_routes_for_super_admins(app: Flask, stranger: User, admin: User, owned_objects: OwnedObjects) -> None:
    from database import transaction
    from models import User as Row

    with app.app_context(), transaction() as session:
        session.get_one(Row, stranger.id).role = "admin"
        owned_objects.ids["user_id"] = admin.id
    routes_by_key = {access_matrix.key_of(*route): route for route in routes_of(app)}
    before = _rows(app)
    for key, body in access_matrix.SUPER_ADMINS.items():
        for each in (key, key.replace(" /api/v1/admin/", " /admin/")):
            response = RouteClient(app, stranger.tokens["access_token"]).request(routes_by_key[each], owned_objects, **body)
            assert response.status_code == 403, f"{each}: {response.status_code} {response.text[:300]}"
    assert _rows(app) == before


def test_the_owner_reaches_every_route(app: Flask, user: User, owned_objects: OwnedObjects) -> None:
    """This proves that the refusals above are not caused by wrong URLs."""
    client = RouteClient(app, user.tokens["access_token"])
    for route in closed_routes(app):
        key = access_matrix.key_of(*route)
        if route[0] == "GET" and not access_matrix.is_for_admins(key):
            assert client.request(route, owned_objects).status_code < 400 or key in access_matrix.NOT_OFFERED, key
    for route in closed_routes(app):
        key = access_matrix.key_of(*route)
        is_change = route[0] in ("PATCH", "PUT") and key not in access_matrix.UPLOADS
        if is_change and route[1].arguments & owned_objects.ids.keys() and not access_matrix.is_for_admins(key):
            assert client.request(route, owned_objects).status_code == 200, key


def test_links_in_responses_open(app: Flask, user: User, owned_objects: OwnedObjects) -> None:
    """Every link to this server in any response leads to a route, under a prefix too."""
    client, base = RouteClient(app, user.tokens["access_token"]), f"http://localhost{app.extensions['lectern'].settings.url_prefix}"
    adapter = app.url_map.bind("localhost")
    links = set()
    for method, rule in routes_of(app):
        if method == "GET":
            response = client.request((method, rule), owned_objects)
            if response.is_json and rule.rule != "/openapi.json":
                text = response.text + response.headers.get("Link", "")
                links |= {(rule.rule, link) for link in re.findall(r"http://localhost[^\s\"<>\\]*", text)}
    assert len(links) > 10
    for source, link in links:
        assert link.startswith(f"{base}/"), f"{source}: {link}"
        assert adapter.allowed_methods(link.removeprefix(base).partition("?")[0].partition("#")[0]), f"{source}: {link}"


def _ids_in(response: TestResponse, owned_objects: OwnedObjects) -> list[str]:
    """Return the owner's ids that a response contains."""
    return [
        value
        for value in {*owned_objects.ids.values(), owned_objects.owner_id}
        if re.search(rf"\b{re.escape(value)}\b".encode(), response.data)
    ]


def _route(app: Flask, key: str) -> Route:
    return next(route for route in routes_of(app) if access_matrix.key_of(*route) == key)


def _session_of(user: User) -> str:
    import base64

    payload = user.tokens["access_token"].split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sid"])


def _suspend(app: Flask, user: User) -> None:
    from database import transaction
    from models import User as Row

    with app.app_context(), transaction() as session:
        session.get_one(Row, user.id).status = "suspended"
