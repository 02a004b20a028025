"""Every door of the house, tried by everybody who may not pass it. A new route is tried too, or fails here until it is listed."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask_jwt_extended import create_access_token
from sqlalchemy import select
from werkzeug.routing import Map, Rule
from werkzeug.test import TestResponse

from tests import access_matrix
from tests.access_matrix import Things
from tests.conftest import User

Route = tuple[str, Rule]
_CHANGING = ("request_id", "timestamp")
_COMING_BY = ("last_used_at", "last_login_at", "status")  # the last: a test suspends users itself


def routes_of(app: Flask) -> list[Route]:
    """Methods and rules of the app's URL map, those that change something last."""
    found = [(method, rule) for rule in app.url_map.iter_rules() for method in sorted(rule.methods - {"HEAD", "OPTIONS"})]
    return sorted(found, key=lambda route: (route[0] in access_matrix.UNSAFE, route[1].rule, route[0]))


def closed_routes(app: Flask) -> list[Route]:
    listed = access_matrix.OPEN | access_matrix.OTHER_KEYS.keys()
    return [(method, rule) for method, rule in routes_of(app) if access_matrix.key_of(method, rule) not in listed]


class Visitor:
    """Somebody who tries doors, with or without a token, which may come as a cookie."""

    def __init__(self, app: Flask, token: str | None = None, *, cookie: bool = False, **headers: str) -> None:
        self._http = app.test_client(use_cookies=False)
        self._map: Map = app.url_map
        shown = {"Cookie": f"access_token={token}"} if cookie else {"Authorization": f"Bearer {token}"}
        self._headers = {**(shown if token else {}), **headers}

    def knock(self, route: Route, things: Things, **body: Any) -> TestResponse:
        method, rule = route
        key = access_matrix.key_of(method, rule)
        known = {**things.ids, **access_matrix.PLAIN, **access_matrix.PATHS.get(rule.rule, {})}
        missing = rule.arguments - known.keys()
        assert not missing, f"{key}: tests/access_matrix.py does not know what {', '.join(missing)} may be"
        path = self._map.bind("localhost").build(rule.endpoint, {name: known[name] for name in rule.arguments}, method=method)
        return self._http.open(path, method=method, headers=self._headers, **(body or access_matrix.body_for(key)))


@pytest.fixture
def owned(app: Flask, user: User) -> Things:
    return access_matrix.things_of(app, user)


@pytest.fixture
def untouched(app: Flask, owned: Things) -> Iterator[None]:
    """Whatever is tried, every row of the database stands as it stood, and there are no more recordings, jobs and admin's acts."""
    before = _rows(app)
    yield
    after = _rows(app)
    for table, rows in before.items():
        assert rows <= after[table], table
    for table in ("recordings", "jobs", "artifacts", "webhooks", "audit_log", "setting_overrides", "processing_servers"):
        assert rows_of(before, table) == rows_of(after, table), table


def rows_of(found: dict[str, set[str]], table: str) -> set[str]:
    assert table in found
    return found[table]


def _rows(app: Flask) -> dict[str, set[str]]:
    """Every row of every table, without what coming by changes."""
    from database import Base, db

    with app.app_context(), db.engine.connect() as reading:
        kept = {table: [column for column in table.columns if column.name not in _COMING_BY] for table in Base.metadata.sorted_tables}
        return {table.name: {repr(tuple(row)) for row in reading.execute(select(*columns))} for table, columns in kept.items()}


def said(answer: TestResponse, things: Things) -> str:
    """What an answer tells, without what differs each time and without what was asked for."""
    text = answer.data.decode(errors="replace")
    if answer.is_json:
        text = json.dumps({name: value for name, value in answer.json.items() if name not in _CHANGING}, sort_keys=True)
    for value in things.ids.values():
        text = text.replace(value, "ID")
    return text


def assert_refused(visitor: Visitor, route: Route, owned: Things, status: int) -> None:
    """Refused with this status, in the same words whether there is such a thing or not."""
    name = access_matrix.key_of(*route)
    nowhere = owned.elsewhere()
    answer, other = visitor.knock(route, owned), visitor.knock(route, nowhere)
    assert answer.status_code == status, f"{name}: {answer.status_code} {answer.text[:300]}"
    assert other.status_code == status, f"{name}, of something that is not there: {other.status_code}"
    assert said(answer, owned) == said(other, nowhere), name
    assert b"Hers alone" not in answer.data and owned.owner_id.encode() not in answer.data, name


def test_nobody_gets_in_without_a_key(app: Flask, stranger: User, owned: Things, untouched: None) -> None:
    there = {access_matrix.key_of(*route): route for route in routes_of(app)}
    assert (
        access_matrix.OPEN | access_matrix.OTHER_KEYS.keys() | access_matrix.BODIES.keys() | access_matrix.ADMINS_ELSEWHERE.keys()
    ) <= there.keys()
    nobody = Visitor(app)
    for route in closed_routes(app):
        assert_refused(nobody, route, owned, 401)
    for key, status in access_matrix.OTHER_KEYS.items():
        assert_refused(nobody, there[key], owned, status)
        assert_refused(Visitor(app, stranger.tokens["access_token"]), there[key], owned, status)
    for key in sorted(access_matrix.OPEN):
        answer = nobody.knock(there[key], owned)
        assert answer.status_code < 500, key
        assert not _names(answer, owned), key


def test_an_expired_token_opens_nothing(app: Flask, user: User, admin: User, owned: Things, untouched: None) -> None:
    with app.app_context():
        for somebody in (user, admin):
            claims = {"user_id": somebody.id, "email": somebody.email, "is_admin": True, "sid": _session_of(somebody)}
            token = create_access_token(somebody.id, additional_claims=claims, expires_delta=dt.timedelta(seconds=-5))
            for route in closed_routes(app):
                assert_refused(Visitor(app, token), route, owned, 401)


def test_a_suspended_user_is_out_at_once(app: Flask, user: User, admin: User, owned: Things, untouched: None) -> None:
    for somebody in (user, admin):
        visitor = Visitor(app, somebody.tokens["access_token"])
        assert visitor.knock(_route(app, "GET /list"), owned).status_code == 200
        _suspend(app, somebody)
        for route in closed_routes(app):
            assert_refused(visitor, route, owned, 401)


def test_a_key_opens_nothing_beyond_its_scopes(app: Flask, user: User, owned: Things, untouched: None) -> None:
    """Her own key, which may read webhooks alone."""
    made = user.post("/api/v1/api-keys", json={"name": "narrow", "scopes": ["webhooks:read"]})
    assert made.status_code == 201, made.text
    visitor = Visitor(app, made.json["key"])
    for route in closed_routes(app):
        key = access_matrix.key_of(*route)
        if key.startswith("GET /api/v1/webhooks"):
            assert visitor.knock(route, owned).status_code == 200, key
        else:
            assert_refused(visitor, route, owned, 403)


@pytest.mark.parametrize("cookie", [False, True])
def test_another_user_finds_nothing_of_hers(app: Flask, stranger: User, owned: Things, untouched: None, cookie: bool) -> None:
    visitor = Visitor(app, stranger.tokens["access_token"], cookie=cookie)
    for route in closed_routes(app):
        key = access_matrix.key_of(*route)
        if access_matrix.is_for_admins(key):
            assert_refused(visitor, route, owned, access_matrix.ADMINS_ELSEWHERE.get(key, 403))
        elif route[1].arguments & owned.ids.keys():
            assert_refused(visitor, route, owned, 404)
        elif route[0] == "GET":
            answer = visitor.knock(route, owned)
            assert answer.status_code == 200, key
            assert not _names(answer, owned), key


def test_another_user_changes_nothing_of_hers_where_no_thing_is_named(app: Flask, owned: Things) -> None:
    """Each door is tried by somebody who came just for it: some end the log-in or the whole account."""
    plain = [route for route in closed_routes(app) if route[0] in access_matrix.UNSAFE and not route[1].arguments & owned.ids.keys()]
    for number, route in enumerate(route for route in plain if not access_matrix.is_for_admins(access_matrix.key_of(*route))):
        newcomer = User(app, f"newcomer-{number}@example.org")
        before = _rows(app)
        answer = Visitor(app, newcomer.tokens["access_token"]).knock(route, owned)
        key, after = access_matrix.key_of(*route), _rows(app)
        assert answer.status_code < 500 and not _names(answer, owned), key
        for table, rows in before.items():
            theirs = {row for row in rows if newcomer.id in row or newcomer.email in row}
            assert rows - theirs <= after[table], f"{key} changed {table}"


def test_a_cookie_from_another_site_changes_nothing(app: Flask, user: User, owned: Things, untouched: None) -> None:
    """Her own browser, sent by somebody else's page."""
    for foreign in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        visitor = Visitor(app, user.tokens["access_token"], cookie=True, **foreign)
        for route in closed_routes(app):
            if route[0] in access_matrix.UNSAFE:
                assert_refused(visitor, route, owned, 403)


def test_an_admin_may_not_what_super_admins_alone_may(app: Flask, stranger: User, admin: User, owned: Things) -> None:
    from database import transaction
    from models import User as Row

    with app.app_context(), transaction() as writing:
        writing.get_one(Row, stranger.id).role = "admin"
        owned.ids["user_id"] = admin.id
    there = {access_matrix.key_of(*route): route for route in routes_of(app)}
    before = _rows(app)
    for key, body in access_matrix.SUPER_ADMINS.items():
        for each in (key, key.replace(" /api/v1/admin/", " /admin/")):
            answer = Visitor(app, stranger.tokens["access_token"]).knock(there[each], owned, **body)
            assert answer.status_code == 403, f"{each}: {answer.status_code} {answer.text[:300]}"
    assert _rows(app) == before


def test_the_owner_finds_all_of_it(app: Flask, user: User, owned: Things) -> None:
    """So that the refusals above are not those of a wrong address."""
    visitor = Visitor(app, user.tokens["access_token"])
    for route in closed_routes(app):
        key = access_matrix.key_of(*route)
        if route[0] == "GET" and not access_matrix.is_for_admins(key):
            assert visitor.knock(route, owned).status_code < 400, key
    for route in closed_routes(app):
        key = access_matrix.key_of(*route)
        if route[0] in ("PATCH", "PUT") and route[1].arguments & owned.ids.keys() and not access_matrix.is_for_admins(key):
            assert visitor.knock(route, owned).status_code == 200, key


def _names(answer: TestResponse, owned: Things) -> list[str]:
    """Which of her ids an answer names."""
    return [value for value in {*owned.ids.values(), owned.owner_id} if re.search(rf"\b{re.escape(value)}\b".encode(), answer.data)]


def _route(app: Flask, key: str) -> Route:
    return next(route for route in routes_of(app) if access_matrix.key_of(*route) == key)


def _session_of(user: User) -> str:
    import base64

    payload = user.tokens["access_token"].split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sid"])


def _suspend(app: Flask, user: User) -> None:
    from database import transaction
    from models import User as Row

    with app.app_context(), transaction() as writing:
        writing.get_one(Row, user.id).status = "suspended"
