"""The page's requests exist in the API, and its first load is small."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator

import requests

from scripts.program import PROJECT
from scripts.server import Server

_WEB = PROJECT / "web"
_PATH = re.compile(r"""["`](?P<path>(?:\$\{basePath\})?/api/v1/[^"`?]*)""")
_CALL = re.compile(r"""(?:call|request)\("(?P<method>[A-Z]+)", ["`](?P<path>/api/v1/[^"`?]*)""")
_IMPORT = re.compile(r"""^(?:import|export)[^;]*?from "(?P<module>\./[^"]+|\.\./[^"]+)";""", re.MULTILINE)
_MAX_FIRST_LOAD_BYTES = 120_000


def _sources() -> Iterator[tuple[str, str]]:
    for path in sorted(_WEB.rglob("*.js")):
        if "vendor" not in path.parts:
            yield path.relative_to(_WEB).as_posix(), path.read_text(encoding="utf-8")


def _matches(path: str, known_path: str, *, whole: bool) -> bool:
    """Whether a path of the page, with its placeholders, may be this path of the OpenAPI document, or the beginning of it."""
    parts, known_parts = path.removeprefix("${basePath}").rstrip("/").split("/"), known_path.rstrip("/").split("/")
    known_parts = known_parts if whole else known_parts[: len(parts)]
    return len(parts) == len(known_parts) and all(
        mine == other or other.startswith("{") or "${" in mine for mine, other in zip(parts, known_parts, strict=True)
    )


def test_every_request_of_the_page_is_described_in_the_openapi_document(server: Server) -> None:
    paths = requests.get(f"{server.url}/openapi.json", timeout=60).json()["paths"]
    used, unknown = 0, []
    for name, text in _sources():
        calls = [(match["method"].lower(), match["path"]) for match in _CALL.finditer(text)]
        prefixes = [("", match["path"]) for match in _PATH.finditer(text)]
        for method, path in [*calls, *prefixes]:
            used += 1
            if not any(
                _matches(path, known_path, whole=bool(method)) and (not method or method in operations)
                for known_path, operations in paths.items()
            ):
                unknown.append(f"{name}: {method} {path}")
    assert used > 80
    assert unknown == []


def test_the_first_load_is_small(server: Server) -> None:
    files = {_WEB / "index.html", _WEB / "style.css", _WEB / "admin.css", _WEB / "print.css", _WEB / "favicon.svg"}
    pending = [_WEB / "app.js", _WEB / "views" / "home_page.js"]
    while pending:
        path = pending.pop().resolve()
        if path not in files:
            files.add(path)
            pending += [path.parent / match["module"] for match in _IMPORT.finditer(path.read_text(encoding="utf-8"))]
    assert _WEB / "views" / "recording_list.js" in files
    assert _WEB / "views" / "player.js" not in files
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) < _MAX_FIRST_LOAD_BYTES
    url = f"{server.url}/web/style.css"
    response, uncompressed = requests.get(url, timeout=60), requests.get(url, headers={"Accept-Encoding": "identity"}, timeout=60)
    assert response.headers["Content-Encoding"] == "gzip"
    assert int(response.headers["Content-Length"]) < int(uncompressed.headers["Content-Length"]) / 2
    assert response.content == uncompressed.content == (_WEB / "style.css").read_bytes()
    assert requests.get(url, headers={"If-None-Match": response.headers["ETag"]}, timeout=60).status_code == 304
