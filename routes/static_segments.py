"""Fixed paths beside paths with a name in them: /admins/stats is never the admin called "stats", whatever the method."""

from __future__ import annotations

from collections import defaultdict

from flask import Flask, request
from werkzeug.exceptions import MethodNotAllowed


def methods_of_fixed_paths(app: Flask) -> dict[str, set[str]]:
    """What each path without a name in it takes."""
    taken: dict[str, set[str]] = defaultdict(set)
    for rule in app.url_map.iter_rules():
        if not rule.arguments:
            taken[rule.rule] |= rule.methods or set()
    return dict(taken)


def reserve_static_segments(taken: dict[str, set[str]]) -> None:
    """Raises MethodNotAllowed where only a rule with a name would take this method."""
    if request.view_args and request.path in taken:
        raise MethodNotAllowed(valid_methods=sorted(taken[request.path]))
