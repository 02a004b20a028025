"""Static paths take precedence over paths with parameters: /admins/stats never means the admin "stats", whatever the method."""

from __future__ import annotations

from collections import defaultdict

from flask import Flask, request
from werkzeug.exceptions import MethodNotAllowed


def methods_by_static_path(app: Flask) -> dict[str, set[str]]:
    """Return the methods of every path without parameters."""
    methods: dict[str, set[str]] = defaultdict(set)
    for rule in app.url_map.iter_rules():
        if not rule.arguments:
            methods[rule.rule] |= rule.methods or set()
    return dict(methods)


def reserve_static_segments(methods: dict[str, set[str]]) -> None:
    """Raise MethodNotAllowed if a static path only matched a rule with parameters, because of the method."""
    if request.view_args and request.path in methods:
        raise MethodNotAllowed(valid_methods=sorted(methods[request.path]))
