"""Hooks that run inside a write transaction, so that a feature can react to changes of another one which does not import it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, current_app
from sqlalchemy.orm import Session

Hook = Callable[[Session, Any], None]
_HOOKS = "transaction_hooks"  # key in Flask.extensions


def set_hooks(app: Flask, hooks: dict[str, tuple[Hook, ...]]) -> None:
    """Replace the app's hooks, by topic."""
    app.extensions[_HOOKS] = hooks


def run_hooks(topic: str, session: Session, value: Any) -> None:
    """Call the app's hooks of a topic in the current transaction; an exception in a hook rolls it back."""
    for hook in current_app.extensions.get(_HOOKS, {}).get(topic, ()):
        hook(session, value)
