"""Admins list, create, change, suspend and delete users; the audit log records each action."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask

from tests import access_matrix
from tests.conftest import PASSWORD, User, list_stored_keys


def patch(user: User, path: str, **body: Any) -> Any:
    return user.http.patch(path, headers=user.headers, json=body)


def put(user: User, path: str, **body: Any) -> Any:
    return user.http.put(path, headers=user.headers, json=body)


def newest_audit_entry(admin: User) -> dict[str, Any]:
    newest: dict[str, Any] = admin.get("/admin/audit?limit=1").json[0]
    return newest


def test_users_are_searched_paged_and_sorted(app: Flask, admin: User, user: User, stranger: User) -> None:
    page = admin.get("/api/v1/admin/users?limit=2&sort=email")
    assert [each["email"] for each in page.json] == ["ada@example.org", "boss@example.org"]
    assert page.headers["X-Total-Count"] == "3" and 'rel="next"' in page.headers["Link"]
    assert [each["email"] for each in admin.get("/admin/users?q=MALLORY").json] == ["mallory@example.org"]
    assert admin.get("/admin/users?q=%25").json == []  # a character, not a wildcard
    assert [each["email"] for each in admin.get("/admin/users?role=super_admin").json] == ["boss@example.org"]
    assert admin.get("/admin/users?sort=password_hash").status_code == 422
    row = admin.get(f"/admin/users/{user.id}").json
    assert row["last_login"] and row["activity"]["log_ins"] == 1
    assert "password" not in str(row)


def test_activity_includes_documents(app: Flask, admin: User, user: User) -> None:
    access_matrix.create_owned_objects(app, user)
    row = admin.get(f"/admin/users/{user.id}").json
    assert (row["transcription_count"], row["activity"]["failed_jobs"], row["activity"]["bytes"]) == (1, 1, 8)


def test_creating_and_changing_users_is_audited(app: Flask, admin: User) -> None:
    creation = admin.post("/admin/users", json={"email": "new@example.org", "username": "newcomer", "password": PASSWORD, "isAdmin": False})
    assert creation.status_code == 201
    new_id = creation.json["user"]["id"]
    assert admin.post("/admin/users", json={"email": "new@example.org", "password": PASSWORD}).status_code == 409
    assert admin.post("/admin/users", json={"password": PASSWORD}).status_code == 422
    logged_in = app.test_client().post("/api/v1/auth/login", json={"username": "newcomer", "password": PASSWORD})
    assert logged_in.status_code == 200
    response = patch(admin, f"/admin/users/{new_id}", quota_bytes=5, quota_jobs=1, first_name="Nina")
    assert response.json["user"]["quotas"] == {"bytes": 5, "jobs": 1, "uploads_per_day": None}
    entry = newest_audit_entry(admin)
    assert (entry["action"], entry["target_id"], entry["actor_email"]) == ("user.change", new_id, admin.email)
    assert entry["before"] == {"quota_bytes": None, "quota_jobs": None, "first_name": ""}
    assert entry["after"] == {"quota_bytes": 5, "quota_jobs": 1, "first_name": "Nina"}
    assert entry["request_id"] == response.headers["X-Request-ID"]
    assert patch(admin, f"/admin/users/{new_id}", quota_bytes=-1).status_code == 422
    assert PASSWORD not in admin.get("/admin/audit").text


def test_a_suspension_takes_effect_and_can_be_lifted(app: Flask, admin: User, user: User) -> None:
    things = access_matrix.create_owned_objects(app, user)
    assert admin.post(f"/api/v1/admin/users/{user.id}/suspend").json["user"]["status"] == "suspended"
    assert user.get("/list").status_code == 401
    assert newest_audit_entry(admin)["after"] == {"status": "suspended"}
    assert [each["email"] for each in admin.get("/admin/users?status=suspended").json] == [user.email]
    assert admin.post(f"/admin/users/{user.id}/unsuspend").status_code == 200
    login = app.test_client().post("/api/v1/auth/login", json={"email": user.email, "password": PASSWORD})
    user.tokens = login.json
    assert user.get(f"/status/{things.ids['video_id']}").status_code == 200
    assert admin.post(f"/admin/users/{admin.id}/suspend").status_code == 409
    assert admin.post("/admin/users/nobody/suspend").status_code == 404


def test_deleting_a_user_deletes_their_data(app: Flask, admin: User, user: User) -> None:
    things = access_matrix.create_owned_objects(app, user)
    assert len(list_stored_keys(app)) == 3
    assert admin.delete(f"/admin/users/{user.id}").status_code == 200
    assert list_stored_keys(app) == []
    assert user.get("/list").status_code == 401
    assert admin.delete(f"/admin/users/{user.id}").status_code == 404
    assert admin.get(f"/status/{things.ids['video_id']}").status_code == 404
    entry = newest_audit_entry(admin)
    assert (entry["action"], entry["before"]["email"], entry["after"]) == ("user.delete", user.email, {})
    response = admin.delete(f"/admin/users/{admin.id}")
    assert (response.status_code, response.json["detail"]) == (409, "User is admin.")


def test_super_admins_add_and_remove_admins(app: Flask, admin: User, user: User, stranger: User) -> None:
    response = admin.post("/admin/admins", json={"user_id": user.id, "description": "Runs the lab"})
    assert response.json["admin"]["role"] == "admin" and response.json["admin"]["added_by"] == admin.email
    assert user.get("/admin/users").status_code == 200
    for response in (
        user.post("/admin/admins", json={"email": stranger.email}),
        patch(user, f"/admin/users/{stranger.id}", role="admin"),
        patch(user, f"/admin/users/{admin.id}", first_name="Eve"),
        user.post(f"/admin/users/{admin.id}/suspend"),
        user.delete(f"/admin/admins/{admin.id}"),
        user.post("/admin/users", json={"email": "x@example.org", "password": PASSWORD, "role": "admin"}),
    ):
        assert response.status_code == 403, response.text
    assert admin.post("/admin/admins", json={"user_id": user.id}).status_code == 409
    admin_row = put(admin, f"/admin/admins/{user.id}", role="super_admin", description="Runs all labs").json["admin"]
    assert (admin_row["is_super_admin"], admin_row["description"]) == (True, "Runs all labs")
    stats = admin.get("/admin/admins/stats").json
    assert (stats["total_admins"], stats["super_admins"], stats["removed_admins"]) == (2, 2, 0)
    assert put(admin, f"/admin/admins/{user.id}", status="removed").json["admin"] is None
    assert user.get("/admin/users").status_code == 403
    assert admin.get("/admin/admins/stats").json["removed_admins"] == 1
    row = next(each for each in admin.get("/admin/admins").json if each["id"] == user.id)
    assert (row["status"], row["role"], row["is_super_admin"]) == ("removed", "super_admin", False)
    assert [each["email"] for each in admin.get("/admin/admins").json if each["status"] == "active"] == [admin.email]
    assert admin.delete(f"/admin/admins/{admin.id}").status_code == 409  # the last one
    unknown = admin.post("/admin/admins", json={"email": "later@example.org"}).json["admin"]
    assert (unknown["email"], unknown["last_login"]) == ("later@example.org", None)


def test_empty_and_forbidden_changes_are_refused(admin: User, user: User) -> None:
    response = patch(admin, f"/admin/users/{user.id}", emial="new@example.org")
    assert (response.status_code, response.json["code"]) == (422, "validation_failed")
    assert "quota_bytes" in response.text
    response = put(user, "/api/v1/users/me", first_name="Augusta", email="other@example.org")
    assert response.status_code == 422 and "email" in response.json["message"]
    profile = put(user, "/api/v1/users/me", first_name="Augusta", email=user.email, role="admin")
    assert (profile.status_code, profile.json["first_name"], profile.json["role"]) == (200, "Augusta", "user")


def test_a_user_without_verified_address_cannot_become_admin(app_with: Callable[..., Flask], admin: User, user: User) -> None:
    mailing = app_with(smtp_host="127.0.0.1", smtp_port=9, smtp_from="lectern@example.org").test_client()
    response = mailing.post("/admin/admins", headers=admin.headers, json={"email": user.email})
    assert (response.status_code, response.json["code"]) == (409, "conflict")
    assert mailing.post("/admin/admins", headers=admin.headers, json={"email": "new@example.org"}).status_code == 200
    assert admin.post("/admin/admins", json={"email": user.email}).status_code == 409  # also on a server without e-mail
    assert admin.post("/admin/admins", json={}).status_code == 400  # as Thakii documents
    assert admin.post("/admin/admins", json={"user_id": "unknown"}).status_code == 404
    assert admin.post("/admin/admins", json={"user_id": user.id}).status_code == 200


def test_adding_an_admin_again_is_refused(admin: User) -> None:
    response = admin.post("/admin/admins", json={"email": admin.email, "role": "admin"})
    assert response.status_code == 409
    assert admin.get("/admin/admins").json[0]["role"] == "super_admin"


def test_a_suspended_user_learns_it_with_the_right_password_only(admin: User, user: User) -> None:
    admin.post(f"/api/v1/admin/users/{user.id}/suspend")
    wrong, right = (
        user.http.post("/api/v1/auth/login", json={"email": user.email, "password": password}) for password in ("a wrong one", PASSWORD)
    )
    assert (wrong.status_code, wrong.json["code"]) == (401, "bad_credentials")
    assert (right.status_code, right.json["code"]) == (403, "account_suspended") and "administrator" in right.json["hint"]
