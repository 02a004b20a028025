"""Notifications within one process: subscribers of a topic are called after the commit of a transaction that notified it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable

from flask import Flask, current_app
from sqlalchemy.orm import Session

from database.engine import db

_PENDING_TOPICS = "pending_topics"  # key in Session.info
_SUBSCRIBERS = "commit_subscribers"  # key in Flask.extensions


def notify_after_commit(topic: str) -> None:
    """Call the app's subscribers of `topic` once the current write transaction has been committed."""
    topics: set[str] | None = db.session().info.get(_PENDING_TOPICS)
    if topics is None:
        raise RuntimeError("Notifications are only allowed inside `with transaction()`.")
    topics.add(topic)


def subscribe(app: Flask, topic: str, callback: Callable[[], object]) -> Callable[[], None]:
    """Call `callback` after each commit that has notified `topic`; it must be quick and must not raise. Return the unsubscribe function."""
    callbacks: list[Callable[[], object]] = app.extensions.setdefault(_SUBSCRIBERS, {}).setdefault(topic, [])
    callbacks.append(callback)

    def unsubscribe() -> None:
        with contextlib.suppress(ValueError):
            callbacks.remove(callback)

    return unsubscribe


def collect_topics(session: Session) -> None:
    """Allow notifications in this session until `take_topics`."""
    session.info[_PENDING_TOPICS] = set()


def take_topics(session: Session) -> set[str]:
    """Return the topics that have been notified since `collect_topics`."""
    topics: set[str] = session.info.pop(_PENDING_TOPICS, set())
    return topics


def call_subscribers(topics: Iterable[str]) -> None:
    """Call the app's subscribers of these topics."""
    for topic in topics:
        for callback in tuple(current_app.extensions.get(_SUBSCRIBERS, {}).get(topic, ())):
            callback()
