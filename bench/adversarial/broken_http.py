"""Malformed, unusual and oversized requests to all routes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from bench.adversarial.case import Case, Response, Sender

_FORM = {"Content-Type": "multipart/form-data; boundary=b"}
_IDS = {
    "path-traversal": "..%2f..%2f..%2fetc%2fpasswd",
    "nul": "a%00b",
    "not-utf-8": "%ff%fe%80",
    "emoji": quote("🎓"),
    "sql": quote("' OR 1=1; DROP TABLE recordings; --"),
    "10000-characters": "x" * 10_000,
    "newline": "a%0d%0aSet-Cookie:%20x=y",
    "dots": "....",
    "percent": "%25%2500",
    "template": quote("{{7*7}}"),
    "negative": "-1",
}
_ROUTES = (
    ("GET", "/status/{}"),
    ("GET", "/download/{}"),
    ("GET", "/download/{}.pdf"),
    ("GET", "/download/pdf/{}"),
    ("GET", "/download/{}/x"),
    ("GET", "/files/{}/x.pdf"),
    ("DELETE", "/videos/{}"),
    ("GET", "/api/v1/recordings/{}"),
    ("DELETE", "/api/v1/recordings/{}"),
    ("GET", "/api/v1/recordings/{}/media"),
    ("GET", "/api/v1/recordings/{}/artifacts"),
    ("GET", "/api/v1/jobs/{}"),
    ("GET", "/api/v1/jobs/{}/events"),
    ("POST", "/api/v1/jobs/{}/cancel"),
    ("POST", "/api/v1/jobs/{}/retry"),
    ("GET", "/api/v1/artifacts/{}"),
    ("GET", "/api/v1/artifacts/{}/content"),
    ("GET", "/{}"),
)


def cases(sample: Path) -> list[Case]:
    return [*_forms(sample), *_bodies(), *_urls(), *_raw()]


def _case(name: str, expects: str, act: Callable[[Sender], list[Response]], *, from_http_server: bool = False) -> Case:
    return Case("http", name, act, frozenset(expects.split()), from_http_server)


def _forms(sample: Path) -> list[Case]:
    content = sample.read_bytes()
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
    half = head + content[:50_000]
    field = b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n'
    bodies: dict[str, tuple[bytes, dict[str, str], str]] = {
        "no-boundary": (head + content, {"Content-Type": "multipart/form-data"}, "bad_request no_file"),
        "other-boundary": (head + content, {"Content-Type": "multipart/form-data; boundary=other"}, "bad_request no_file"),
        "boundary-of-8000": (head + content, {"Content-Type": f"multipart/form-data; boundary={'b' * 8000}"}, "bad_request no_file"),
        "form-never-ends": (half, _FORM, "cut_short"),
        "empty-form": (b"--b--\r\n", _FORM, "no_file bad_request"),
        "no-body": (b"", _FORM, "no_file bad_request"),
        "field-of-1-MB": (field % b"title" + b"t" * 2**20 + b"\r\n" + head + content + b"\r\n--b--\r\n", _FORM, "body_too_large"),
        "5000-fields": (b"".join(field % f"f{n}".encode() + b"x\r\n" for n in range(5000)) + b"--b--\r\n", _FORM, "body_too_large"),
        "600-files": (b"".join(head + b"x\r\n" for _ in range(600)) + b"--b--\r\n", _FORM, "not_media too_large bad_request"),
        "two-files": (head + content + b"\r\n" + head + b"text\r\n--b--\r\n", _FORM, "accepted bad_request not_media"),
        "two-languages": (field % b"language" + b"en\r\n" + field % b"language" + b"xx\r\n" + head + b"text\r\n--b--\r\n", _FORM, ""),
        "field-name-of-20-kB": (field % (b"n" * 20_000) + b"x\r\n--b--\r\n", _FORM, ""),
        "part-head-of-1-MB": (b"--b\r\nX-Long: " + b"h" * 2**20 + b"\r\n\r\nx\r\n--b--\r\n", _FORM, ""),
        "part-without-head": (b"--b\r\n\r\nx\r\n--b--\r\n", _FORM, ""),
        "file-as-text": (field % b"file" + content[:1000] + b"\r\n--b--\r\n", _FORM, "no_file bad_request"),
        "nested-multipart": (
            b'--b\r\nContent-Type: multipart/mixed; boundary=c\r\nContent-Disposition: form-data; name="file"\r\n\r\n--c--\r\n--b--\r\n',
            _FORM,
            "",
        ),
        "malformed-charset": (
            b'--b\r\nContent-Disposition: form-data; name="title"\r\nContent-Type: text/plain; charset=utf-99\r\n\r\nx\r\n--b--\r\n',
            _FORM,
            "",
        ),
        "json-for-a-form": (b'{"file": "lecture.mp4"}', {"Content-Type": "application/json"}, "no_file bad_request"),
        "urlencoded": (b"file=lecture.mp4&title=x", {"Content-Type": "application/x-www-form-urlencoded"}, "no_file"),
        "gzip-encoded": (head + content, {**_FORM, "Content-Encoding": "gzip"}, ""),
        "no-content-type": (content, {"Content-Type": ""}, "no_file bad_request"),
    }
    return [
        _case(name, expects, lambda s, b=body, h=headers: [s.send("POST", "/upload", b, h)])
        for name, (body, headers, expects) in bodies.items()
    ]


def _bodies() -> list[Case]:
    bodies: dict[str, bytes] = {
        "deeply-nested": b"[" * 100_000 + b"]" * 100_000,
        "deeply-nested-objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        "not-utf-8": b'{"email": "\xff\xfe", "password": "\x80"}',
        "cut": b'{"email": "a@',
        "empty": b"",
        "nul": b'{"email": "a\\u0000@example.org", "username": "a\\u0000b", "password": "a\\u0000bbbbbbbbbbb"}',
        "surrogate": b'{"email": "a\\ud800@example.org", "username": "\\ud800", "password": "\\udfff12345678"}',
        "surrogate-in-password": b'{"email": "surrogate@example.org", "password": "\\udfff12345678"}',
        "number-of-1-MB": b'{"email": ' + b"9" * 2**20 + b"}",
        "nan": b'{"email": NaN, "password": Infinity}',
        "a-list": b'["email", "password"]',
        "a-string": b'"email"',
        "null": b"null",
        "false": b"false",
        "wrong-kinds": b'{"email": {"$gt": ""}, "password": ["x"]}',
        "email-of-1-MB": b'{"email": "' + b"a" * 2**20 + b'@example.org", "password": "correct horse"}',
        "email-of-200": b'{"email": "' + b"a" * 200 + b"@" + b"b" * 60 + b'.org", "password": "correct horse"}',
        "100000-keys": json.dumps({f"key{n}": n for n in range(100_000)}).encode(),
        "over-the-limit": b'{"email": "' + b"a" * (3 * 2**20) + b'"}',
        "same-key-twice": b'{"password": "correct horse", "password": 1, "email": 1, "email": 2}',
    }
    paths = ("/api/v1/auth/register", "/api/v1/auth/login", "/api/v1/auth/refresh", "/assemble-file", "/api/v1/recordings/x/jobs")
    all_cases = [_case(f"json-{name}", "", lambda s, b=body: [s.json("POST", path, b) for path in paths]) for name, body in bodies.items()]
    all_cases.append(_case("json-patch", "", lambda s: [s.json("PATCH", "/api/v1/recordings/x", body) for body in bodies.values()]))
    return all_cases


def _urls() -> list[Case]:
    def to_all_routes(route_id: str) -> Callable[[Sender], list[Response]]:
        return lambda s: [s.send(method, path.format(route_id)) for method, path in _ROUTES if len(route_id) + len(path) < 8000]

    all_cases = [_case(f"id-{name}", "", to_all_routes(each if len(each) < 4000 else each[:4000])) for name, each in _IDS.items()]
    return [*all_cases, *_queries_and_headers(), *_tokens()]


def _queries_and_headers() -> list[Case]:
    """Unusual queries, ranges, methods and headers."""
    queries = (
        "page=-1",
        "page=1e9",
        "limit=0",
        "limit=99999999999999999999",
        "page=%00",
        "page=%ff",
        "all=true",
        "page=1&page=2",
        "x=" + "y" * 3000,
        "&" * 3000,
    )
    ranges = ("bytes=-1", "bytes=5-1", "bytes=0-0,2-3," * 400 + "4-5", "bytes=99999999999999999999-", "lines=1-2", "bytes=a-b")
    return [
        _case(
            "queries",
            "",
            lambda s: [s.send("GET", f"{path}?{query}") for query in queries for path in ("/list", "/api/v1/recordings", "/api/v1/jobs")],
        ),
        _case("ranges", "", lambda s: [s.send("GET", "/api/v1/recordings/x/media", headers={"Range": each}) for each in ranges]),
        _case(
            "methods",
            "",
            lambda s: [
                s.send(method, path)
                for method in ("PUT", "PATCH", "TRACE", "BREW", "OPTIONS")
                for path in ("/upload", "/list", "/status/x", "/nowhere")
            ],
        ),
        _case(
            "request-ids",
            "accepted",
            lambda s: [s.send("GET", "/health/live", headers={"X-Request-ID": each}) for each in ("x" * 5000, "é\x80", "<script>")],
        ),
        _case(
            "hosts",
            "",
            lambda s: [
                s.send("GET", "/list", headers={"Host": each, "X-Forwarded-Host": "evil.example"})
                for each in ("evil.example", "a b", "[::1", 'x"><script>')
            ],
            from_http_server=True,
        ),
    ]


def _tokens() -> list[Case]:
    tokens = ("", "x" * 6000, "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.", "null", "é" * 100)
    return [
        _case(
            "tokens",
            "authentication_required",
            lambda s: [s.send("GET", "/list", headers={"Authorization": f"Bearer {token}"}) for token in tokens],
        ),
        _case(
            "cookies",
            "authentication_required",
            lambda s: [s.send("GET", "/list", headers={"Authorization": "", "Cookie": f"access_token={token}"}) for token in tokens],
        ),
        _case(
            "no-token-and-a-file",
            "authentication_required",
            lambda s: [s.send("POST", "/upload", bytes(2**20), {**_FORM, "Authorization": ""})],
        ),
    ]


def _raw() -> list[Case]:
    head = b"POST /upload HTTP/1.1\r\nHost: HOST\r\nAuthorization: Bearer TOKEN\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n' + b"x" * 40_000
    chunked_head = head + b"Transfer-Encoding: chunked\r\n\r\n"
    requests: dict[str, bytes] = {
        "cut-after-head": head + b"Content-Length: 100000\r\n\r\n",
        "cut-in-the-file": head + b"Content-Length: 100000\r\n\r\n" + part,
        "shorter-than-declared": head + b"Content-Length: 90000\r\n\r\n" + part + b"\r\n--b--\r\n",
        "longer-than-declared": head + b"Content-Length: 100\r\n\r\n" + part + b"\r\n--b--\r\n",
        "chunked-cut": chunked_head + b"9c40\r\n" + part[:20_000],
        "chunked-bad-size": chunked_head + b"zz\r\n" + part,
        "chunked-negative": chunked_head + b"-5\r\nhello\r\n0\r\n\r\n",
        "chunked-huge-size": chunked_head + b"ffffffffffffffff\r\nhello",
        "length-negative": head + b"Content-Length: -5\r\n\r\n" + part,
        "length-text": head + b"Content-Length: many\r\n\r\n" + part,
        "length-twice": head + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n" + part,
        "length-10^20": head + b"Content-Length: 100000000000000000000\r\n\r\n" + part,
        "length-and-chunked": head + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "no-http": b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + bytes(500),
        "line-of-1-MB": b"GET /" + b"a" * 2**20 + b" HTTP/1.1\r\nHost: HOST\r\n\r\n",
        "2000-headers": b"GET /list HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(2000)) + b"\r\n",
        "header-with-nul": b"GET /list HTTP/1.1\r\nHost: HOST\r\nX-Request-ID: a\0b\r\n\r\n",
        "folded-header": b"GET /list HTTP/1.1\r\nHost: HOST\r\nX-Request-ID: a\r\n b\r\n\r\n",
        "version-9": b"GET /list HTTP/9.9\r\nHost: HOST\r\n\r\n",
        "absolute-url": b"GET http://evil.example/list HTTP/1.1\r\nHost: HOST\r\nAuthorization: Bearer TOKEN\r\n\r\n",
        "no-host": b"GET /list HTTP/1.1\r\nAuthorization: Bearer TOKEN\r\n\r\n",
    }
    all_cases = [_case(name, "", lambda s, b=request: [s.raw(b)], from_http_server=True) for name, request in requests.items()]
    all_cases.append(
        _case(
            "disconnected-in-the-file",
            "",
            lambda s: [s.raw(requests["cut-in-the-file"], disconnect=True) for _ in range(20)],
            from_http_server=True,
        )
    )
    return all_cases
