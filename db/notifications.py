"""Notifications within one process: subscribers of a topic are called after the commit of a transaction that notified it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Mapping

from flask import Flask, current_app
from sqlalchemy.orm import Session

from db.engine import db

_PENDING_TOPICS = "pending_topics"  # key in Session.info
_SUBSCRIBERS = "commit_subscribers"  # key in Flask.extensions


Subscriber = Callable[[Collection[str]], object]


def notify_after_commit(topic: str, *values: str) -> None:
    """Call the app's subscribers of `topic` once the current write transaction has been committed, with all values that it has notified."""
    topics: dict[str, set[str]] | None = db.session().info.get(_PENDING_TOPICS)
    if topics is None:
        raise RuntimeError("Notifications are only allowed inside `with transaction()`.")
    topics.setdefault(topic, set()).update(values)


def subscribe(app: Flask, topic: str, callback: Subscriber) -> Callable[[], None]:
    """Call `callback` after each commit that has notified `topic`; it must be quick and must not raise. Return the unsubscribe function."""
    callbacks: list[Subscriber] = app.extensions.setdefault(_SUBSCRIBERS, {}).setdefault(topic, [])
    callbacks.append(callback)

    def unsubscribe() -> None:
        with contextlib.suppress(ValueError):
            callbacks.remove(callback)

    return unsubscribe


def collect_topics(session: Session) -> None:
    """Allow notifications in this session until `take_topics`."""
    session.info[_PENDING_TOPICS] = {}


def take_topics(session: Session) -> Mapping[str, Collection[str]]:
    """Return the topics that have been notified since `collect_topics`, with their values."""
    topics: dict[str, set[str]] = session.info.pop(_PENDING_TOPICS, {})
    return topics


def call_subscribers(topics: Mapping[str, Collection[str]]) -> None:
    """Call the app's subscribers of these topics."""
    for topic, values in topics.items():
        for callback in tuple(current_app.extensions.get(_SUBSCRIBERS, {}).get(topic, ())):
            callback(values)
