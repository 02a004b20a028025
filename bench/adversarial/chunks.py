"""Invalid and unusual chunked uploads."""

from __future__ import annotations

import threading
from pathlib import Path

from bench.adversarial.case import Case, Response, Sender

_CHUNK_BYTES = 8_000


def cases(base: Path) -> list[Case]:
    chunks = [base.read_bytes()[at : at + _CHUNK_BYTES] for at in range(0, base.stat().st_size, _CHUNK_BYTES)]
    return [*_invalid_numbers(), *_unusual_ids(), *_unusual_orders(chunks), *_invalid_contents(), *_invalid_assemblies(chunks)]


def _invalid_numbers() -> list[Case]:
    numbers = {
        "negative-index": (-1, 3),
        "index-past-total": (3, 3),
        "total-zero": (0, 0),
        "total-negative": (0, -5),
        "total-huge": (0, 10**18),
        "index-huge": (10**30, 10**31),
        "index-text": ("first", 3),
        "index-float": ("1.5", 3),
        "index-of-5000-digits": ("9" * 5000, 3),
        "index-nan": ("nan", 3),
    }
    return [
        _case(f"malformed-{name}", "validation_failed bad_request", lambda s, i=index, t=total, n=name: [_send_chunk(s, n, i, t, b"x")])
        for name, (index, total) in numbers.items()
    ]


def _unusual_ids() -> list[Case]:
    paths = {"path-traversal": "../../../outside", "absolute-path": "/etc/passwd", "newline": "a\r\nb", "emoji": "🎓" * 50}
    return [
        *(
            _case(f"file-id-{name}", "accepted missing_chunks", lambda s, i=file_id: [_send_chunk(s, i, 0, 2, b"x"), _assemble(s, i, 2)])
            for name, file_id in paths.items()
        ),
        _case("file-id-nul", "bad_request malformed_json", lambda s: [_send_chunk(s, "a\0b", 0, 2, b"x"), _assemble(s, "a\0b", 2)]),
        _case("file-id-surrogate", "bad_request malformed_json", lambda s: [_assemble(s, "a\ud800b", 2)]),
        _case("file-id-empty", "validation_failed bad_request", lambda s: [_send_chunk(s, "", 0, 2, b"x"), _assemble(s, "", 2)]),
        _case(
            "file-id-of-100-kB", "validation_failed", lambda s: [_send_chunk(s, "x" * 100_000, 0, 2, b"x"), _assemble(s, "x" * 100_000, 2)]
        ),
    ]


def _unusual_orders(chunks: list[bytes]) -> list[Case]:
    return [
        _case("missing-chunks", "accepted missing_chunks", lambda s: [_send_chunk(s, "missing", 1, 3, b"x"), _assemble(s, "missing", 3)]),
        _case(
            "missing-20000", "accepted missing_chunks", lambda s: [_send_chunk(s, "many", 1, 20_000, b"x"), _assemble(s, "many", 20_000)]
        ),
        _case("assembled-with-a-smaller-total", "accepted wrong_total", lambda s: _assemble_with_smaller_total(s, chunks)),
        _case(
            "another-total-each-time",
            "accepted wrong_total missing_chunks not_media unusable_recording",
            lambda s: [*(_send_chunk(s, "totals", n, n + 1, b"x") for n in range(4)), _assemble(s, "totals", 2)],
        ),
        _case("never-sent", "unknown_upload", lambda s: [_assemble(s, "never-sent", 1)]),
        _case("of-another-user", "accepted unknown_upload", lambda s: _assemble_as_another_user(s, chunks)),
        _case("repeated-with-other-sizes", "accepted", lambda s: _send_twice(s, chunks)),
        _case("assembled-while-uploading", "accepted missing_chunks", lambda s: _assemble_while_uploading(s, chunks)),
        _case("assembled-five-times-at-once", "accepted", lambda s: _assemble_five_times(s, chunks)),
    ]


def _invalid_contents() -> list[Case]:
    return [
        _case(
            "text-in-chunks",
            "accepted not_media",
            lambda s: [*(_send_chunk(s, "text", n, 3, b"words " * 99) for n in range(3)), _assemble(s, "text", 3)],
        ),
        _case(
            "empty-chunks",
            "accepted empty_file no_file chunk_too_small missing_chunks",
            lambda s: [*(_send_chunk(s, "empty", n, 2, b"") for n in range(2)), _assemble(s, "empty", 2)],
        ),
        _case("too-large-a-chunk", "too_large", lambda s: [_send_chunk(s, "large", 0, 1, bytes(3 * 2**20))]),
        _case(
            "too-large-together",
            "accepted too_large",
            lambda s: [_send_chunk(s, "together", n, 60, bytes(2**20 - 1000)) for n in range(50)],
        ),
        _case("no-chunk", "no_file", lambda s: [s.form("/upload-chunk", [("file_id", None, b"x"), ("chunk_index", None, b"0")])]),
        _case("chunk-as-text", "no_file", lambda s: [s.form("/upload-chunk", [("chunk", None, b"text"), ("file_id", None, b"x")])]),
        _case("no-name", "bad_request", lambda s: [s.form("/upload-chunk", [("chunk", "b", b"x"), *_form_fields("x", 0, 1)[:-1]])]),
    ]


def _invalid_assemblies(chunks: list[bytes]) -> list[Case]:
    total = len(chunks)
    return [
        _case(
            "assemble-json-malformed",
            "validation_failed bad_request malformed_json",
            lambda s: [
                s.json("POST", "/assemble-file", each)
                for each in (b"[]", b"null", b"7", b'{"file_id": {}}', b'{"file_id": "x", "total_chunks": 1e999, "original_filename": ""}')
            ],
        ),
        _case(
            "assemble-name-of-5000",
            "accepted validation_failed",
            lambda s: [_send_chunk(s, "named", 0, 1, b"x"), _assemble(s, "named", 1, "../" * 5000)],
        ),
        _case(
            "assemble-unknown-language",
            "accepted unknown_language",
            lambda s: [
                *(_send_chunk(s, "language", n, total, chunk) for n, chunk in enumerate(chunks)),
                _assemble(s, "language", total, language="xx"),
            ],
        ),
    ]


def _case(name: str, expects: str, act) -> Case:  # type: ignore[no-untyped-def]
    return Case("chunks", name, act, frozenset(expects.split()))


def _form_fields(file_id: str, index: object, total: object) -> list[tuple[str, str | None, bytes]]:
    fields = {"chunk_index": index, "total_chunks": total, "file_id": file_id, "original_filename": "../lecture.mp4"}
    return [(key, None, str(value).encode("utf-8", "surrogatepass")) for key, value in fields.items()]


def _send_chunk(sender: Sender, file_id: str, index: object, total: object, content: bytes, *, token: str | None = None) -> Response:
    return sender.form("/upload-chunk", [("chunk", "blob", content), *_form_fields(file_id, index, total)], token=token)


def _assemble(
    sender: Sender, file_id: str, total: object, name: str = "../lecture.mp4", language: str = "", *, token: str | None = None
) -> Response:
    options = {"formats": "txt", "language": language}
    return sender.json(
        "POST", "/assemble-file", {"file_id": file_id, "total_chunks": total, "original_filename": name, "options": options}, token=token
    )


def _assemble_with_smaller_total(sender: Sender, chunks: list[bytes]) -> list[Response]:
    responses = [_send_chunk(sender, "fewer", number, len(chunks), chunk) for number, chunk in enumerate(chunks)]
    return [*responses, _assemble(sender, "fewer", len(chunks) - 1)]


def _assemble_as_another_user(sender: Sender, chunks: list[bytes]) -> list[Response]:
    responses = [_send_chunk(sender, "mine", number, len(chunks), chunk) for number, chunk in enumerate(chunks)]
    return [*responses, _assemble(sender, "mine", len(chunks), token=sender.other_token)]


def _send_twice(sender: Sender, chunks: list[bytes]) -> list[Response]:
    wrong_contents = [_send_chunk(sender, "again", number, len(chunks), b"wrong" * (number + 1)) for number in range(len(chunks))]
    correct_contents = [_send_chunk(sender, "again", number, len(chunks), chunk) for number, chunk in enumerate(chunks)]
    return [*wrong_contents, *correct_contents, _assemble(sender, "again", len(chunks))]


def _assemble_while_uploading(sender: Sender, chunks: list[bytes]) -> list[Response]:
    responses: list[Response] = [_send_chunk(sender, "race", 0, len(chunks), chunks[0])]
    requests = [lambda n=number, c=chunk: _send_chunk(sender, "race", n, len(chunks), c) for number, chunk in enumerate(chunks)]
    requests += [lambda: _assemble(sender, "race", len(chunks))] * 4
    threads = [threading.Thread(target=lambda request=request: responses.append(request())) for request in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return responses


def _assemble_five_times(sender: Sender, chunks: list[bytes]) -> list[Response]:
    responses = [_send_chunk(sender, "five", number, len(chunks), chunk) for number, chunk in enumerate(chunks)]
    threads = [threading.Thread(target=lambda: responses.append(_assemble(sender, "five", len(chunks)))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return responses
