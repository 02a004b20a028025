"""The ledger under random operations and crashes, deliveries of Stripe's events out of order, and an upload whose server is killed."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import random
import sqlite3
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import requests
from flask import Flask

from app import create_app
from bench.context import Context, markdown_table
from bench.credits.ledger_run import LedgerRun
from config import Settings
from database import db, dispose_connections, end_read, session, transaction
from domain import FINAL_STATES
from migrations.upgrade import migrate
from scripts import backends
from scripts.client import Client
from scripts.program import PROJECT
from scripts.server import Server
from scripts.stripe_server import KEY, WEBHOOK_SECRET, StripeServer, sign
from scripts.stripe_server import serve as serve_stripe
from scripts.youtube_server import CLIENT_ID, CLIENT_SECRET, YouTubeServer
from scripts.youtube_server import serve as serve_youtube
from services import accounts
from services.credits import grants, holds
from services.credits.balances import balance
from services.credits.errors import InsufficientCredits
from services.credits.grants import NewGrant, Source

OPERATION_COUNT, USERS, THREADS = 10_000, 20, 50
DELIVERIES, SUBSCRIBERS = 1_000, 4
UPLOAD_BYTES, KILLS = 200 * 2**20, 5
_OPERATION_KINDS = ("grant", "hold", "hold", "hold", "settle", "settle", "release", "refund", "revoke", "expire")


def run(context: Context) -> str:
    sections = [_ledgers(context.folder), _deliveries(context.folder), _upload(context.folder)]
    return "\n\n".join(sections)


def _ledgers(folder: Path) -> str:
    rows = []
    with backends.postgres_server() as postgres, backends.fresh_database(postgres.url) as url:
        for name, database in (("SQLite", {}), ("PostgreSQL", {"database_url": url})):
            settings = Settings(_env_file=None, data_dir=folder / f"ledger-{name}", rate_limits=False, **database)
            app = create_app(settings)
            migrate(app, settings)
            with app.app_context():
                rows.append([name, *_random_operations(), *_race(app)])
                db.session.remove()
                dispose_connections()
    headers = [
        "database",
        "operations",
        "crashes before the commit",
        "repeated after it",
        "seconds",
        "holds of 50 threads",
        "refused",
        "left",
    ]
    return f"Random operations on the ledger; the books balance and equal the statements.\n\n{markdown_table(headers, rows)}"


def _random_operations() -> list[Any]:
    rng = random.Random(11)
    runs = [LedgerRun(accounts.register(email=f"user{number}@example.org", password="long enough").id) for number in range(USERS)]
    crashes = {"": 0, "before": 0, "after": 0}
    start_s = time.monotonic()
    for _ in range(OPERATION_COUNT):
        crash = rng.choices(("", "before", "after"), (6, 1, 1))[0]
        crashes[crash] += 1
        rng.choice(runs).apply(rng.choice(_OPERATION_KINDS), rng.randrange(100), rng.randint(1, 40), crash)
    for each in runs:
        each.check_books()
    return [OPERATION_COUNT, crashes["before"], crashes["after"], f"{time.monotonic() - start_s:.0f}"]


def _race(app: Flask) -> list[Any]:
    user_id = accounts.register(email="race@example.org", password="long enough").id
    with transaction() as write_session:
        grants.add(write_session, user_id, NewGrant("race", Source.BOUGHT, 100, "Bought"))
    results: list[str] = []
    barrier = threading.Barrier(THREADS)

    def spend() -> None:
        with app.app_context():
            barrier.wait()
            for _ in range(4):
                try:
                    with transaction() as write_session:
                        holds.hold(write_session, user_id, 3, "lesson", lifetime_s=60)
                    results.append("held")
                except InsufficientCredits:
                    results.append("refused")

    threads = [threading.Thread(target=spend) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    end_read()
    available = balance(session(), user_id).available
    assert (results.count("held"), available) == (33, 1), (results.count("held"), available)
    return [results.count("held"), results.count("refused"), available]


def _deliveries(folder: Path) -> str:
    stripe = StripeServer({"price_pro": 2900, "price_enterprise": 29900, "price_pack": 500})
    plans = [
        {"name": "free"},
        {"name": "pro", "monthly_credits": 600, "price_ids": ["price_pro"]},
        {"name": "enterprise", "monthly_credits": 6000, "price_ids": ["price_enterprise"]},
    ]
    with serve_stripe(stripe) as url:
        settings = {
            "STRIPE_SECRET_KEY": KEY,
            "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "STRIPE_API_URL": url,
            "CREDITS_ENABLED": "true",
            "CREDIT_PACKS": "price_pack=10",
            "PLANS": json.dumps(plans),
            "LOG_LEVEL": "ERROR",
        }
        with Server(folder / "stripe", settings) as server:
            return _compare_orders(server, stripe)


def _compare_orders(server: Server, stripe: StripeServer) -> str:
    """Let the same things happen to pairs of users; deliver the events of one in order and those of the other shuffled."""
    url, rng = server.url, random.Random(3)
    pairs, shuffled_events = list[tuple[Client, Client]](), list[dict[str, Any]]()
    for _ in range(SUBSCRIBERS):
        pair = []
        for is_ordered in (True, False):
            client = Client(url)
            client.register()
            begin = len(stripe.events)
            for _ in _history(client, stripe):
                if is_ordered:
                    for event in stripe.events[begin:]:
                        assert _deliver(url, event) == 200
                    begin = len(stripe.events)
                    _wait_until(lambda: _unhandled_events(server) == 0, 60)
            if not is_ordered:
                shuffled_events += stripe.events[begin:]
            pair.append(client)
        pairs.append((pair[0], pair[1]))
    deliveries = [(event, {}) for event in shuffled_events]
    while len(deliveries) < DELIVERIES:
        fault = rng.choice(({}, {}, {"secret": "whsec_wrong"}, {"at": time.time() - 3600}))
        deliveries.append((rng.choice(shuffled_events), fault))
    rng.shuffle(deliveries)
    start_s, statuses = time.monotonic(), dict[int, int]()
    for event, fault in deliveries:
        status = _deliver(url, event, **fault)
        statuses[status] = statuses.get(status, 0) + 1
        assert status == (400 if fault else 200)
    seconds = time.monotonic() - start_s
    _wait_until(lambda: all(_state(first) == _state(second) for first, second in pairs), 120)
    counts = ", ".join(f"{count} times {status}" for status, count in sorted(statuses.items()))
    return (
        f"{len(deliveries)} deliveries of {len(shuffled_events)} events of Stripe, shuffled and repeated, with wrong and old signatures:"
        f" {counts}, in {seconds:.0f} s. {SUBSCRIBERS} accounts are in the state of those that got their events in order."
    )


def _wait_until(condition: Callable[[], bool], timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not reached within {timeout_s:.0f} s")
        time.sleep(0.05)


def _unhandled_events(server: Server) -> int:
    """Return the number of stored events that are not handled yet; they are handled every few seconds."""
    with contextlib.closing(sqlite3.connect(f"file:{server.data_dir / 'lectern.db'}?mode=ro", uri=True)) as database:
        return int(database.execute("SELECT count(*) FROM payment_events WHERE due_at IS NOT NULL").fetchone()[0])


def _history(client: Client, stripe: StripeServer) -> Iterator[None]:
    """Buy credits and a subscription, then change, refund and renew them; yield after each step, when its events have been sent."""
    pages = [
        client.call("POST", "/api/v1/subscriptions/checkout", json=order)
        for order in ({"price_id": "price_pack", "quantity": 2}, {"plan": "pro"})
    ]
    charge = stripe.complete(pages[0]["session_id"])
    subscription = stripe.complete(pages[1]["session_id"])
    yield
    stripe.change_price(subscription, "price_enterprise")
    stripe.refund(charge, 300)
    yield
    stripe.renew(subscription, is_paid=False)
    stripe.refund(charge, 200)
    yield
    stripe.pay_late(subscription)
    yield


def _deliver(url: str, event: dict[str, Any], **signature: Any) -> int:
    payload = json.dumps(event)
    headers = {"Stripe-Signature": sign(payload, **signature), "Content-Type": "application/json"}
    return requests.post(f"{url}/api/v1/subscriptions/webhook", data=payload, headers=headers, timeout=60).status_code


def _state(client: Client) -> dict[str, Any]:
    current = client.call("GET", "/api/v1/subscriptions/current")
    grants_ = client.call("GET", "/api/v1/credits/balance")["grants"]
    facts = {name: current[name] for name in ("plan", "status", "in_effect", "current_period_end")}
    return {**facts, "grants": sorted((each["source"], each["amount"], each["left"]) for each in grants_)}


def _upload(folder: Path) -> str:
    youtube = YouTubeServer()
    video = folder / "large.mp4"
    with video.open("wb") as file:  # a playable file with a large box that players skip
        file.write((PROJECT / "samples" / "tiny.mp4").read_bytes())
        file.write(struct.pack(">I4s", UPLOAD_BYTES, b"free") + os.urandom(UPLOAD_BYTES - 8))
    with serve_youtube(youtube) as url:
        settings = {
            "GOOGLE_CLIENT_ID": CLIENT_ID,
            "GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
            "GOOGLE_TOKEN_URL": f"{url}/token",
            "GOOGLE_REDIRECT_URI": "http://127.0.0.1/api/v1/youtube/callback",
            "YOUTUBE_API_URL": url,
            "YOUTUBE_CHUNK_BYTES": str(2 * 2**20),
            "LOG_LEVEL": "WARNING",
        }
        server = Server(folder / "youtube", settings)
        server.start()
        try:
            client = Client(server.url)
            client.register()
            code, state = youtube.allow(client.call("GET", "/api/v1/youtube/oauth")["url"])
            client.call("POST", "/api/v1/youtube/callback", json={"code": code, "state": state})
            recording_id = client.upload(video, formats="txt", language="en")["video_id"]
            assert client.wait(recording_id)["status"] == "completed"
            youtube.pause_s = 0.15  # so that there is time to kill the server
            start_s = time.monotonic()
            client.call("POST", "/api/v1/youtube/upload", json={"recording_id": recording_id})
            stops = _kill_while_uploading(server, youtube)
            youtube.pause_s = 0.0
            status = _wait_for_video(client, recording_id)
            seconds = time.monotonic() - start_s
            content = youtube.contents[status["video_id"]]
            assert len(youtube.videos) == 1 and len(youtube.uploads) == 1, (len(youtube.videos), len(youtube.uploads))
            assert content == video.read_bytes(), len(content)
        finally:
            server.stop()
    return (
        f"An upload of {len(content)} bytes whose server was killed {KILLS} times (after {', '.join(stops)} MiB) ended in {seconds:.0f} s"
        f" with one video, equal byte for byte; {youtube.parts} parts were sent, the minimum is {-(-len(content) // (2 * 2**20))}."
    )


def _kill_while_uploading(server: Server, youtube: YouTubeServer) -> list[str]:
    stops = list[str]()
    for number in range(1, KILLS + 1):
        _wait_until(functools.partial(_has_received, youtube, number * UPLOAD_BYTES // (KILLS + 2)), 300)
        server.kill()
        stops.append(f"{_received_bytes(youtube) / 2**20:.0f}")
        server.start()
    return stops


def _has_received(youtube: YouTubeServer, size_bytes: int) -> bool:
    return _received_bytes(youtube) >= size_bytes


def _received_bytes(youtube: YouTubeServer) -> int:
    return sum(len(each.content) for each in youtube.uploads.values())


def _wait_for_video(client: Client, recording_id: str) -> dict[str, Any]:
    def publication() -> dict[str, Any]:
        newest: dict[str, Any] = client.call("GET", f"/api/v1/youtube/recordings/{recording_id}")["publications"][0]
        return newest

    _wait_until(lambda: publication()["state"] in FINAL_STATES, 600)
    video = publication()
    assert video["state"] == "succeeded", video
    return video
