"""The modules that a browser needs for an address of the page, so that it can ask for all of them at once."""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from pathlib import Path

_IMPORT = re.compile(r"""^(?:import|export)\b[^;]*?from "(?P<module>\.[^"]+)";""", re.MULTILINE)
_ROUTE = re.compile(r"""path: /(?P<path>\^.*?\$)/,.*?load\("\./(?P<module>[^"]+)",""")
_ENTRY, _ROUTER = "app.js", "router.js"


def modules_for(web: Path, path: str, language: str) -> tuple[str, ...]:
    """Return the modules of the view at `path`, relative to `web`, with all that they import, and the catalogue of the language."""
    views = [module for pattern, module in _routes(web) if re.search(pattern, path)]
    catalogue = f"messages/{language}.js"
    modules_to_read = [_ENTRY, *views[-1:], *([catalogue] if (web / catalogue).is_file() else [])]
    modules: dict[str, None] = {}
    while modules_to_read:
        module = modules_to_read.pop(0)
        if module not in modules:
            modules[module] = None
            modules_to_read += _imports(web, module)
    return tuple(modules)


def _routes(web: Path) -> tuple[tuple[str, str], ...]:
    path = web / _ROUTER
    return _read_routes(str(path), path.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _read_routes(path: str, modified_ns: int) -> tuple[tuple[str, str], ...]:
    text = Path(path).read_text(encoding="utf-8")
    return tuple((match["path"], match["module"]) for match in _ROUTE.finditer(text))


def _imports(web: Path, module: str) -> tuple[str, ...]:
    path = web / module
    names = _read_imports(str(path), path.stat().st_mtime_ns)
    return tuple(posixpath.normpath(posixpath.join(posixpath.dirname(module), name)) for name in names)


@lru_cache(maxsize=512)
def _read_imports(path: str, modified_ns: int) -> tuple[str, ...]:
    return tuple(match["module"] for match in _IMPORT.finditer(Path(path).read_text(encoding="utf-8")))
