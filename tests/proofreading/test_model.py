"""Proofreading by a chat endpoint that is good, slow, failing or lying."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from domain import Segment, Word
from lib.process import ignore_progress
from services.proofreading import Context, LanguageModelMissing, ProofreadingOptions, Term
from services.proofreading.model import proofread
from services.proofreading.values import Proofreading
from services.transcript_text.corrections import apply_to_segments
from tests.proofreading.chat_server import ChatServer, Reply

SENTENCES = [f"Sentence number {at} speaks of teh graph." for at in range(12)]


def make_segments(sentences: Sequence[str]) -> list[Segment]:
    segments = []
    for number, sentence in enumerate(sentences):
        words = [Word(f" {word}", number * 10.0 + at, number * 10.0 + at + 0.8, 0.9) for at, word in enumerate(sentence.split())]
        segments.append(Segment(words[0].start_s, words[-1].end_s, tuple(words)))
    return segments


def run(reply: Callable[[str, int], Reply], **options: float) -> tuple[Proofreading, list[str], ChatServer]:
    """Proofread twelve sentences in chunks of three; return the result and the corrected sentences."""
    segments = make_segments(SENTENCES)
    with ChatServer(reply) as server:
        model_options = ProofreadingOptions(
            **{"base_url": server.url, "api_key": "secret", "model": "m", "chunk_words": 22, "timeout_s": 5, **options}
        )
        result = proofread(segments, Context("en", (Term("Graph"),)), model_options, ignore_progress)
    new_segments = apply_to_segments(segments, [each.substitution for each in result.corrections])
    return result, [segment.text for segment in new_segments], server


def good(text: str, number: int) -> Reply:
    return 200, {}, text.replace("teh", "the")


def test_a_good_model_corrects_and_is_counted() -> None:
    result, texts, server = run(good, price_input=1.0, price_output=2.0)
    assert texts == [sentence.replace("teh", "the") for sentence in SENTENCES]
    assert {(each.before, each.after, each.reason, each.source) for each in result.corrections} == {("teh", "the", "spelling", "model")}
    assert (result.usage.chunks, result.usage.requests, result.usage.failed, result.usage.refused) == (4, 4, 0, 0)
    assert (result.usage.prompt_tokens, result.usage.completion_tokens, result.usage.cost) == (400, 200, 0.0008)
    assert server.keys == ["Bearer secret"] * 4 and {each["path"] for each in server.requests} == {"/v1/chat/completions"}
    system = server.requests[0]["messages"][0]["content"]
    assert "proofread" in system and "Graph" in system
    assert all(each["messages"][1]["content"].endswith("graph.") for each in server.requests)  # chunks end at sentences


def test_progress_is_reported_before_the_first_answer() -> None:
    reports: list[tuple[float, float]] = []
    reports_at_request: list[int] = []

    def counting(text: str, number: int) -> Reply:
        reports_at_request.append(len(reports))
        return good(text, number)

    with ChatServer(counting) as server:
        options = ProofreadingOptions(base_url=server.url, model="m")
        proofread(make_segments(SENTENCES), Context("en"), options, lambda done, total: reports.append((done, total)))
    assert (reports_at_request, reports) == ([1], [(0, 1), (1, 1)])


def test_a_chunk_that_loses_half_of_its_words_stays() -> None:
    def lying(text: str, number: int) -> Reply:
        words = text.split()
        return 200, {}, " ".join(words[: len(words) // 2] if "number 3" in text else words).replace("teh", "the")

    result, texts, _ = run(lying)
    assert texts[3:6] == SENTENCES[3:6] and texts[0] == SENTENCES[0].replace("teh", "the")
    assert result.usage.refused == 1 and "1 of 4 parts" in result.warnings[0]


@pytest.mark.parametrize(
    "answer", ["I'm sorry, but I can't help with that text today.", "", "{text} And then it was all quite different in the end."]
)
def test_other_lies_are_refused_too(answer: str) -> None:
    result, texts, _ = run(lambda text, _: (200, {}, answer.replace("{text}", text) * (1 + answer.startswith("{"))))
    assert texts == SENTENCES and result.usage.refused == 4


def test_a_failing_chunk_fails_nothing_else() -> None:
    def fail_sometimes(text: str, number: int) -> Reply:
        return (500, {}, "overloaded") if "number 6" in text else good(text, number)

    result, texts, _ = run(fail_sometimes, max_attempts=1)
    assert texts[6:9] == SENTENCES[6:9] and texts[9] == SENTENCES[9].replace("teh", "the")
    assert result.usage.failed == 1 and "failed" in result.warnings[0]


def test_a_busy_model_is_asked_again_after_the_time_that_it_names() -> None:
    def busy(text: str, number: int) -> Reply:
        return (429, {"Retry-After": "1"}, "slow down") if number == 1 else good(text, number)

    start_s = time.monotonic()
    result, texts, _ = run(busy, concurrency=1)
    assert texts[0] == SENTENCES[0].replace("teh", "the") and result.usage.requests == 5
    assert time.monotonic() - start_s >= 1


def test_a_slow_model_gets_no_more_requests_than_allowed_and_a_wrong_key_is_not_retried() -> None:
    def slow(text: str, number: int) -> Reply:
        time.sleep(0.2)
        return good(text, number)

    _, _, server = run(slow, concurrency=2)
    assert server.most_at_once == 2
    result, _, server = run(lambda text, number: (401, {}, "wrong key"))
    assert result.usage.failed == 4 and len(server.requests) == 4


def test_without_a_model_the_error_says_what_to_set() -> None:
    with pytest.raises(LanguageModelMissing) as excinfo:
        proofread(make_segments(SENTENCES), Context(), ProofreadingOptions(), ignore_progress)
    assert "LANGUAGE_MODEL_BASE_URL" in excinfo.value.hint


def test_answers_that_are_paid_for_are_not_asked_for_again(tmp_path: Path) -> None:
    checkpoint, failing_parts = tmp_path / "answers", ["number 6"]

    def reply(text: str, number: int) -> Reply:
        return (500, {}, "down") if any(each in text for each in failing_parts) else good(text, number)

    with ChatServer(reply) as server:
        options = ProofreadingOptions(server.url, model="m", chunk_words=22, max_attempts=1, price_input=1.0)

        def attempt() -> tuple[Proofreading, int]:
            before = len(server.requests)
            result = proofread(make_segments(SENTENCES), Context("en"), options, ignore_progress, checkpoint)
            return result, len(server.requests) - before

        first, requests = attempt()
        assert (requests, first.usage.failed, first.usage.reused) == (4, 1, 0)
        with checkpoint.open("a") as file:
            file.write('["torn')  # the process was killed while it wrote
        failing_parts.clear()
        second, requests = attempt()
        assert (requests, second.usage.requests, second.usage.reused, second.usage.failed) == (1, 1, 3, 0)
        assert len(second.corrections) == 12 and second.usage.prompt_tokens == 400 and second.usage.cost == 0.0004
        third, requests = attempt()
        assert requests == 0 and third.corrections == second.corrections
