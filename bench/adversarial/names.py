"""File names and form fields that attack paths, headers, logs and tables."""

from __future__ import annotations

from pathlib import Path

from bench.adversarial.case import Case, recording

_NAMES = {
    "path-traversal": "../../../../etc/passwd",
    "path-traversal-windows": "..\\..\\windows\\system32\\lecture.mp4",
    "absolute-path": "/etc/cron.d/lecture.mp4",
    "quotes": "\"';--<>|&$(touch x)`id`.mp4",
    "newlines": "line\nbreak\r.mp4",
    "header-injection": 'x.mp4"\r\nX-Injected: yes\r\nSet-Cookie: a=b',
    "header-injection-encoded": "x%0d%0aSet-Cookie:%20a=b.mp4",
    "300-characters": "x" * 300 + ".mp4",
    "300-wide-characters": "講" * 300 + ".mp4",
    "long-extension": "lecture." + "m" * 300,
    "emoji": "🎓👩‍🏫🧑🏽‍🎓.mp4",
    "right-to-left": "\u202e4pm.exe.mp4",
    "combining": "e" + "\u0301" * 500 + ".mp4",
    "nul": "lecture\0.php.mp4",
    "control-characters": "\x01\x1b[2Jlecture\x7f.mp4",
    "dots": "....",
    "spaces": "   ",
    "device": "CON.mp4",
    "dash": "-rf --help.mp4",
    "protocol": "http:evil.mp4",
    "template": "{{7*7}}${7*7}<%=7*7%>%s%n.mp4",
    "lone-surrogate": "lecture\udcff.mp4",
    "only-an-extension": ".mp4",
}


def cases(base: Path) -> list[Case]:
    all_cases = [recording("names", name, base, "accepted no_file bad_request", filename=filename) for name, filename in _NAMES.items()]
    return [*all_cases, *_fields(base)]


def _fields(base: Path) -> list[Case]:
    fields: dict[str, tuple[dict[str, str], str]] = {
        "title-of-600-characters": ({"title": "t" * 600}, "validation_failed"),
        "title-of-400-kB": ({"title": "t" * 400_000}, "validation_failed body_too_large"),
        "title-with-nul": ({"title": "a\0b"}, "bad_request"),
        "title-with-control-characters": ({"title": "a\x01\x1b\x7f\x85b"}, "validation_failed accepted"),
        "title-with-newlines": ({"title": "first\r\nSet-Cookie: a=b\nthird"}, "accepted validation_failed"),
        "title-right-to-left": ({"title": "\u202e\u2066\u200f" * 50}, "accepted"),
        "title-of-markup": ({"title": '<script>alert(1)</script>#import "x" \\input{/etc/passwd}'}, "accepted"),
        "title-not-utf-8": ({"title": "caf\udce9"}, "accepted"),
        "language-unknown": ({"language": "xx"}, "unknown_language"),
        "language-unknown-3": ({"language": "qqq"}, "unknown_language"),
        "language-klingon": ({"language": "tlh"}, "unknown_language"),
        "language-a-path": ({"language": "../../etc"}, "validation_failed"),
        "language-of-1000": ({"language": "e" * 1000}, "validation_failed"),
        "formats-unknown": ({"formats": "exe"}, "validation_failed"),
        "formats-10000-times": ({"formats": ",".join(["txt"] * 10_000)}, "accepted validation_failed"),
        "formats-commas": ({"formats": "," * 5000}, "validation_failed"),
        "revisits-malformed": ({"revisits": "../"}, "validation_failed"),
        "paper-malformed": ({"paper": "a0; rm -rf"}, "validation_failed"),
        "sensitivity-number": ({"sensitivity": "1e999"}, "validation_failed"),
        "unknown-field": ({"base_url": "http://evil.example", "has_subtitles": "1", "source_url": "javascript:alert(1)"}, "accepted"),
    }
    return [recording("fields", name, base, expects, fields=values) for name, (values, expects) in fields.items()]
