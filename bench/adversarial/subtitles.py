"""Invalid and unusual subtitles, each with a valid recording."""

from __future__ import annotations

import random
from pathlib import Path

from bench.adversarial.case import Case, recording

_NO = "bad_subtitles"
_LIMIT = 5 * 2**20
_GOOD = "1\n00:00:00,200 --> 00:00:01,500\nGrüße, naïve façade\n\n2\n00:00:01,500 --> 00:00:02,800\nžluťoučký kůň\n"

SubtitleFile = tuple[bytes, str]
"""A file's content, and the expected codes."""


def cases(folder: Path, base: Path, seed: int) -> list[Case]:
    contents = {**_encodings(random.Random(seed)), **_floods(), **_invalid_times(), **_unusual_texts(base)}
    return [
        *(_case(base, name, "given.srt", content, expects) for name, (content, expects) in contents.items()),
        *(_case(base, name, "given.vtt", content, expects) for name, (content, expects) in _web_vtt().items()),
        _case(base, "wrong-extension", "given.exe", _GOOD.encode(), _NO),
        _case(base, "no-extension", "given", _GOOD.encode(), _NO),
        _case(base, "path-as-name", "../../../etc/cron.d/x.srt", _GOOD.encode(), "accepted"),
        _case(base, "nameless", "", _GOOD.encode(), f"{_NO} accepted"),
    ]


def _encodings(rng: random.Random) -> dict[str, SubtitleFile]:
    return {
        "utf-16-without-bom": (_GOOD.encode("utf-16-le"), "accepted"),
        "utf-16-big-endian": (_GOOD.encode("utf-16-be"), "accepted"),
        "utf-32": (_GOOD.encode("utf-32"), "accepted"),
        "latin-1": (
            _GOOD.replace("ž", "z").replace("ť", "t").replace("č", "c").replace("ů", "u").replace("ň", "n").encode("latin-1"),
            "accepted",
        ),
        "half-utf-8": (_GOOD.encode()[:-3] + b"\xc3", "accepted"),
        "binary": (rng.randbytes(100_000), _NO),
        "binary-with-times": (
            _GOOD.encode() + rng.randbytes(50_000) + b"\n3\n00:00:02,000 --> 00:00:02,500\n\xff\xfe\n",
            f"accepted {_NO}",
        ),
        "nuls": (b"\0" * 50_000, _NO),
        "nuls-between": (_GOOD.replace(" ", "\0").encode(), f"accepted {_NO}"),
        "empty": (b"", f"{_NO} empty_file"),
        "bom-only": (b"\xef\xbb\xbf", _NO),
    }


def _floods() -> dict[str, SubtitleFile]:
    line = "{n}\n00:00:0{s},{ms:03d} --> 00:00:02,900\nline {n}\n\n"
    many_cues = "".join(line.format(n=n, s=n % 2, ms=n % 1000) for n in range(1, 60_000))[:_LIMIT]
    return {
        "blank-lines": (b"\n" * 300_000, _NO),
        "blank-lines-5-MB": (b" \n" * (_LIMIT // 2), _NO),
        "tabs-5-MB": (b"\t" * _LIMIT, _NO),
        "digits-5-MB": (b"1" * _LIMIT, _NO),
        "arrows-5-MB": (b"00:00 --> " * (_LIMIT // 10), _NO),
        "open-tags-5-MB": (_GOOD.encode() + b"<b" * (_LIMIT // 2 - 200), f"accepted {_NO}"),
        "open-braces-5-MB": (_GOOD.encode() + b"{\\" * (_LIMIT // 2 - 200), f"accepted {_NO}"),
        "entities-5-MB": (_GOOD.encode() + b"&amp;" * (_LIMIT // 5 - 100), f"accepted {_NO}"),
        "one-line-of-1-MB": (_GOOD.encode() + b"word " * 200_000, f"accepted {_NO}"),
        "60000-cues": (many_cues.encode(), f"accepted {_NO}"),
        "a-million-cues": (b"1\n0:0 --> 0:1\nx\n\n" * 290_000, f"{_NO} accepted"),
        "6-MB": (many_cues.encode() * 3, _NO),
    }


def _invalid_times() -> dict[str, SubtitleFile]:
    return {
        "hours-of-5000-digits": (b"1\n" + b"9" * 5000 + b":00:01.000 --> " + b"9" * 5000 + b":00:02.000\nx\n", _NO),
        "hours-of-40-digits": (b"1\n" + b"9" * 40 + b":00:01,000 --> " + b"9" * 40 + b":00:02,000\nx\n", _NO),
        "overlapping": (("1\n00:00:00,000 --> 00:00:03,000\nall the time\n\n" * 500).encode(), "accepted"),
        "backwards": (b"1\n00:00:02,500 --> 00:00:00,500\nback\n\n2\n00:00:01,000 --> 00:00:01,000\nnow\n", "accepted"),
        "negative": (b"1\n-00:00:01,000 --> -00:00:00,500\nbefore\n", f"accepted {_NO}"),
        "after-the-end": (b"1\n99:00:00,000 --> 99:00:01,000\nlate\n", _NO),
        "not-a-time": (b"1\n00:99:99,999 --> 00:aa:00\nx\n", _NO),
    }


def _unusual_texts(base: Path) -> dict[str, SubtitleFile]:
    return {
        "html": (b"<!doctype html><script>fetch('http://127.0.0.1')</script>", _NO),
        "script-in-a-line": (b"1\n00:00:00,100 --> 00:00:02,000\n<script>alert(1)</script><img src=x onerror=alert(1)>hello\n", "accepted"),
        "control-characters": (b"1\n00:00:00,100 --> 00:00:02,000\n\x01\x02\x1b[31mred\x07 words\x7f\n", "accepted"),
        "a-recording": (base.read_bytes(), _NO),
    }


def _web_vtt() -> dict[str, SubtitleFile]:
    return {
        "vtt-open-note": (b"WEBVTT\n\nNOTE " + b"x" * 100_000, _NO),
        "vtt-style": (b"WEBVTT\n\nSTYLE\n::cue { background: url(http://127.0.0.1/) }\n\n00:00.100 --> 00:02.000\nstyled\n", "accepted"),
        "vtt-no-head": (b"00:00.100 --> 00:02.000\nheadless\n", "accepted bad_subtitles"),
        "vtt-nested-tags": (b"WEBVTT\n\n00:00.100 --> 00:02.000\n" + b"<i>" * 20_000 + b"deep\n", f"accepted {_NO}"),
    }


def _case(base: Path, name: str, filename: str, content: bytes, expects: str) -> Case:
    return recording("subtitles", name, base, expects, subtitles=(filename, content))
