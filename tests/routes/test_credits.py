"""Credits over HTTP: quotes, charges for jobs, statements, and changes by admins."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from database import session, transaction
from domain import JobState
from lib.clock import now
from models import CreditHold, Job, Project
from models import User as UserRow
from services.accounts import deletion
from services.credits.balances import balance
from services.credits.errors import PayerSuspended
from services.credits.job_charges import JobCharges
from services.credits.policy import CreditPolicy
from services.jobs import queue
from tests.applications import run_with_settings
from tests.conftest import User

PRICES = {"lecture_notes": "3", "lesson": "3", "script_writing.start": "2"}


@pytest.fixture
def charging(app: Flask, settings: Any) -> Iterator[Flask]:
    """The application with credits: each user gets ten."""
    from decimal import Decimal

    prices = {name: Decimal(price) for name, price in PRICES.items()}
    plans = tuple(plan.model_copy(update={"monthly_credits": 0}) for plan in settings.plans)
    with run_with_settings(app, settings, credits_enabled=True, credits_default_balance=10, credit_prices=prices, plans=plans):
        yield app


def balance_of(user: User) -> tuple[int, int, int]:
    balance = user.get("/api/v1/credits/balance").json
    return balance["settled"], balance["held"], balance["available"]


def hold_of(app: Flask, job_id: str) -> CreditHold:
    with app.app_context():
        return session().execute(select(CreditHold).where(CreditHold.job_id == job_id)).scalar_one()


def test_a_conversion_is_quoted_held_and_settled(charging: Flask, tiny: Path) -> None:
    user = User(charging, "ada@example.org")
    assert user.tokens["user"]["credits"] == 10
    assert user.tokens["user"]["subscription_tier"] == "free"
    quote = user.post("/api/v1/credits/quote", json={"kind": "lecture_notes", "minutes": 3.5}).json
    assert (quote["credits"], quote["available"], quote["suffices"]) == (11, 10, False)
    upload = user.upload(tiny).json
    assert user.wait(upload["video_id"])["status"] == "completed"
    assert balance_of(user) == (9, 0, 9)  # a quarter of a minute
    history = user.get("/api/v1/credits/balance").json["history"]
    assert [(each["type"], each["amount"]) for each in history] == [("settle", -1), ("grant", 10)]
    assert user.get("/api/v1/auth/me").json["credits"] == 9
    line = user.get(f"/api/v1/credits/statements/{now():%Y-%m}").json["lines"][-1]
    assert (line["kind"], line["title"]) == ("settle", user.get(f"/status/{upload['video_id']}").json["title"])


def test_every_kind_of_job_is_quoted_from_what_it_reads(charging: Flask) -> None:
    user, editor = User(charging, "ada@example.org"), User(charging, "ben@example.org")
    prices = charging.extensions["lectern"].settings.credit_prices
    prices |= {"voice_over": prices["lesson"]}
    text = " ".join(["Leaves make sugar from light, water and air."] * 40)

    def quote(caller: User = user, **fields: Any) -> dict[str, Any]:
        response = caller.post("/api/v1/credits/quote", json=fields)
        return {"status": response.status_code, **response.json}

    project = user.post("/api/v1/projects", json={"name": "Leaves", "script": text}).json["id"]
    video = quote(kind="video_generation", project_id=project)
    assert video["credits"] > 3 and video["minutes"] > 1
    assert video["credits"] == quote(kind="lesson", project_id=project)["credits"]
    slow = {"kind": "video_generation", "project_id": project, "options": {"speed": 0.8}}
    assert quote(**slow)["minutes"] > video["minutes"]
    assert 0 < quote(kind="voice_synthesis", text=text)["credits"] <= video["credits"]
    assert quote(kind="script_writing")["credits"] == 2
    for body in ({"kind": "lesso", "minutes": 1}, {"kind": "music_generation", "minutes": 1}, {"kind": "lesson"}):
        assert quote(**body)["status"] == 422, body
    assert quote(kind="podcast_video")["credits"] == 0  # these are free here
    assert quote(kind="subtitle_generation", project_id=project)["status"] == 422
    assert quote(editor, kind="video_generation", project_id=project)["status"] == 404

    assert user.post(f"/api/v1/projects/{project}/members", json={"email": editor.email, "role": "editor"}).status_code == 201
    assert editor.post(f"/api/v1/projects/{project}/invitation/accept").status_code == 200
    of_owner = quote(editor, kind="video_generation", project_id=project)
    assert (of_owner["credits"], of_owner["available"], of_owner["suffices"]) == (video["credits"], None, True)
    assert editor.post("/api/v1/jobs/submit", json={"project_id": project}).status_code == 200
    assert balance_of(user)[1] == video["credits"]
    assert quote(editor, kind="video_generation", project_id=project)["suffices"] is False


def test_a_retry_of_many_jobs_goes_on_after_one_that_nobody_can_pay_for(charging: Flask) -> None:
    poor, rich, admin = (User(charging, f"{name}@example.org") for name in ("ada", "mallory", "boss"))
    with charging.app_context(), transaction() as write_session:
        write_session.get_one(UserRow, admin.id).role = "admin"
    charging.extensions["lectern"].shut_down(wait_s=0)
    with charging.app_context():
        ids = [queue.submit(user_id=each.id, pipeline="lesson", options={}, media_s=180).id for each in (poor, rich)]
        with transaction() as write_session:
            for job_id in ids:
                queue.request_cancel(job_id)
            write_session.execute(update(Job).values(state="failed", retryable=True))
        queue.submit(user_id=poor.id, pipeline="lesson", options={}, media_s=180)
    retry = admin.post("/admin/videos/requeue-stuck", json={}).json
    assert (retry["count"], retry["message"]) == (1, "1 queued again, 1 refused.")
    assert [(each["job_id"], each["code"]) for each in retry["refused"]] == [(ids[0], "insufficient_credits")]
    with charging.app_context():
        states = [session().get_one(Job, job_id).state for job_id in ids]
    assert states == ["failed", "queued"] and balance_of(rich) == (10, 9, 1) and balance_of(poor) == (10, 9, 1)


def test_a_job_that_fails_or_is_cancelled_costs_nothing(charging: Flask) -> None:
    user = User(charging, "ada@example.org")
    charging.extensions["lectern"].shut_down(wait_s=0)
    with charging.app_context():
        job_id = queue.submit(user_id=user.id, pipeline="lesson", options={}, media_s=120).id
        assert balance_of(user) == (10, 6, 4)
        queue.request_cancel(job_id)
        assert balance_of(user) == (10, 0, 10)
        queue.retry(job_id)
        assert balance_of(user) == (10, 6, 4)
        claim = queue.claim("w", 30)
        queue.fail(claim, queue.errors.StageFailed("broken"), stage="s", log="")
        assert balance_of(user) == (10, 0, 10)
        free = queue.submit(user_id=user.id, pipeline="lesson", options={}, media_s=9999, is_free=True)
        assert free.payer_id is None


def test_a_job_without_enough_credits_is_refused_and_leaves_nothing(charging: Flask) -> None:
    user, payer = User(charging, "ada@example.org"), User(charging, "payer@example.org")
    charging.extensions["lectern"].shut_down(wait_s=0)
    with charging.app_context():
        with pytest.raises(Exception, match="12, and 10 are available") as excinfo:
            queue.submit(user_id=user.id, pipeline="lesson", options={}, media_s=240)
        assert excinfo.value.status == 402
        assert session().execute(select(Job)).first() is None
        queue.submit(user_id=user.id, pipeline="lesson", options={"start_time": "3:00"}, media_s=240, payer_id=payer.id)
    assert balance_of(user) == (10, 0, 10)
    assert balance_of(payer) == (10, 3, 7)


def held_of(user: User) -> int:
    """Return the held credits; also inside an application context, which remembers the caller of the last request."""
    return balance(session(), user.id).held


def test_deleting_a_running_job_with_its_recording_or_account_returns_its_credits(charging: Flask, tiny: Path) -> None:
    user, payer = User(charging, "ada@example.org"), User(charging, "payer@example.org")
    charging.extensions["lectern"].shut_down(wait_s=0)
    upload = user.upload(tiny).json
    with charging.app_context():
        assert queue.claim("w", 30) is not None
    assert balance_of(user) == (10, 1, 9)
    assert user.delete(f"/api/v1/recordings/{upload['video_id']}?permanent=true").status_code in (200, 204)
    assert balance_of(user) == (10, 0, 10)
    with charging.app_context():
        queue.submit(user_id=user.id, pipeline="lesson", options={}, media_s=60, payer_id=payer.id)
        assert queue.claim("w", 30) is not None
        assert held_of(payer) == 3
        deletion.delete_user(user.id, charging.extensions["lectern"].store)
        assert held_of(payer) == 0


def test_a_retry_is_charged_to_who_pays_now_at_the_price_of_now(charging: Flask) -> None:
    user, payer = User(charging, "ada@example.org"), User(charging, "payer@example.org")
    charging.extensions["lectern"].shut_down(wait_s=0)
    with charging.app_context():
        with transaction() as write_session:
            project = Project(user_id=user.id, payer_id=payer.id, name="Course")
            write_session.add(project)
        project_id = project.id
        order: dict[str, Any] = {"user_id": user.id, "pipeline": "lesson", "options": {}, "project_id": project_id}
        job_id = queue.submit(**order, media_s=60, payer_id=payer.id).id
        assert queue.request_cancel(job_id) == JobState.CANCELLED
        assert held_of(payer) == 0
        with transaction() as write_session:
            write_session.get_one(Project, project_id).payer_id = None  # the payer has left
            write_session.execute(update(CreditHold).values(amount=1))  # the price has changed since
        queue.retry(job_id)
        assert (held_of(user), held_of(payer)) == (3, 0)
        free = queue.submit(**order, media_s=60, is_free=True).id
        queue.request_cancel(free)
        queue.retry(free)
        assert (held_of(user), held_of(payer)) == (3, 0)


def test_suspended_accounts_pay_for_nothing(charging: Flask) -> None:
    user, payer = User(charging, "ada@example.org"), User(charging, "payer@example.org")
    charging.extensions["lectern"].shut_down(wait_s=0)
    with charging.app_context():
        with transaction() as write_session:
            write_session.get_one(UserRow, payer.id).status = "suspended"
        with pytest.raises(PayerSuspended):
            queue.submit(user_id=user.id, pipeline="lesson", options={}, media_s=60, payer_id=payer.id)
        assert session().execute(select(Job)).first() is None


def test_holds_that_outlive_their_job_are_swept(charging: Flask) -> None:
    user = User(charging, "ada@example.org")
    charging.extensions["lectern"].shut_down(wait_s=0)
    policy = CreditPolicy.from_settings(charging.extensions["lectern"].settings)
    with charging.app_context():
        finished_id, running_id = (queue.submit(user_id=user.id, pipeline="lesson", options={}, media_s=60).id for _ in range(2))
        with transaction() as write_session:
            write_session.execute(update(Job).where(Job.id == finished_id).values(state=JobState.FAILED))
            write_session.execute(update(CreditHold).values(expires_at=now()))
        assert JobCharges(lambda: policy).sweep() == 1
    assert balance_of(user) == (10, 3, 7)
    assert hold_of(charging, running_id).expires_at > now()


def test_statements_are_shown_and_exported(charging: Flask) -> None:
    user = User(charging, "ada@example.org")
    month = f"{now():%Y-%m}"
    statement = user.get(f"/api/v1/credits/statements/{month}").json
    assert (statement["opening"], statement["closing"], [line["amount"] for line in statement["lines"]]) == (0, 10, [10])
    response = user.get(f"/api/v1/credits/statements/{month}?format=csv")
    assert response.content_type == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert [(row["kind"], row["balance"]) for row in rows] == [("opening", "0"), ("grant", "10"), ("closing", "10")]
    assert user.get("/api/v1/credits/statements/yesterday").status_code == 422


def test_admins_adjust_refund_and_give_plans(charging: Flask) -> None:
    user, boss = User(charging, "ada@example.org"), User(charging, "boss@example.org")
    with charging.app_context(), transaction() as write_session:
        write_session.get_one(UserRow, boss.id).role = "super_admin"
    path = f"/api/v1/admin/users/{user.id}"
    assert boss.post(f"{path}/credits", json={"amount": 5, "reason": "An apology"}).json["available"] == 15
    response = boss.post(f"{path}/credits", json={"amount": -16, "reason": "Abuse of trials"})
    assert (response.status_code, response.json["code"]) == (409, "too_few_credits")
    assert boss.post(f"{path}/credits", json={"amount": -3, "reason": "Given by mistake"}).json["available"] == 12
    assert boss.post(f"{path}/credits", json={"amount": 0, "reason": "Nothing"}).status_code == 422
    assert user.post(f"{path}/credits", json={"amount": 5, "reason": "For me"}).status_code == 403
    for odd in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-10:00"):
        assert boss.post(f"{path}/credits", json={"amount": 5, "reason": "Odd", "expires_at": odd}).status_code == 422
        assert boss.http.put(f"{path}/plan", headers=boss.headers, json={"plan": "pro", "until": odd}).status_code == 422

    charging.extensions["lectern"].shut_down(wait_s=0)
    with charging.app_context():
        job_id = queue.submit(user_id=user.id, pipeline="script_writing", options={}, media_s=0).id
        claim = queue.claim("w", 30)
        with transaction() as write_session:
            queue.succeed(write_session, claim, warnings=[], metrics={})
    assert balance_of(user) == (10, 0, 10)
    hold = boss.get(f"{path}/credits").json["holds"][0]
    assert (hold["job_id"], hold["state"], hold["settled"]) == (job_id, "settled", 2)
    refund = f"/api/v1/admin/credits/holds/{hold['id']}/refund"
    assert [boss.post(refund, json={"reason": "It was bad"}).json["refunded"] for _ in range(2)] == [2, 0]
    assert balance_of(user) == (12, 0, 12)
    totals = boss.get("/api/v1/admin/credits").json["totals"]
    assert sum(totals.values()) == 0
    assert (totals["issued"], totals["spent"], totals["revoked"]) == (-25, 0, 3)

    assert boss.http.put(f"{path}/plan", headers=boss.headers, json={"plan": "pro"}).status_code == 200
    current = user.get("/api/v1/subscriptions/current").json
    assert (current["plan"], current["status"], current["limits"]["priority"]) == ("pro", "manual", 1)
    assert boss.get(f"{path}/credits").json["manual_plan"] == "pro"
    with charging.app_context():
        assert queue.submit(user_id=user.id, pipeline="lecture_notes", options={}, media_s=0).priority == 1
    assert boss.http.put(f"{path}/plan", headers=boss.headers, json={"plan": None}).status_code == 200
    assert user.get("/api/v1/subscriptions/current").json["status"] == "free"


def test_the_balance_can_be_read_while_credits_are_off(app: Flask, user: User) -> None:
    balance = user.get("/api/v1/credits/balance").json
    assert (balance["enabled"], balance["balance"], balance["tier"]) == (False, 0, "free")
    assert user.post("/api/v1/credits/quote", json={"kind": "lesson", "minutes": 10}).json["credits"] == 0


def test_retries_keep_to_the_limits_of_new_jobs(charging: Flask) -> None:
    user = User(charging, "ada@example.org")
    charging.extensions["lectern"].shut_down(wait_s=0)
    with charging.app_context():
        with transaction() as write_session:
            project = Project(user_id=user.id, name="Course", archived_at=now())
            write_session.add(project)
        project_id = project.id
        job_id = queue.submit(user_id=user.id, pipeline="lesson", options={}, media_s=60, project_id=project_id).id
        queue.request_cancel(job_id)
    path = f"/api/v1/jobs/{job_id}/retry"
    assert user.post(path).json["code"] == "project_archived"
    with charging.app_context(), transaction() as write_session:
        write_session.get_one(Project, project_id).archived_at = None
        write_session.get_one(UserRow, user.id).quota_jobs = 0
    assert user.post(path).json["code"] == "too_many_jobs"
    with charging.app_context(), transaction() as write_session:
        write_session.get_one(UserRow, user.id).quota_jobs = None
    assert user.post(path).json["state"] == "queued"
