"""Proofreading by a language model, in chunks that end at sentences. Its answer to a chunk counts only if it is nearly the same text."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import errors
from domain import Segment
from lib.process import Report
from lib.text import ends_sentence
from services.language_model import LanguageModelMissing
from services.language_model.chat import Answer, ChatClient
from services.proofreading.checkpoint import Checkpoint
from services.proofreading.comparison import changed_shares, corrections_of, split_text
from services.proofreading.values import Context, Correction, Proofreading, ProofreadingOptions, Token, Usage, tokens_of
from services.transcript_text import markup

DEFAULT_PROMPT = (
    "You proofread the transcript of a lecture. Correct misheard words, spelling, capital letters and punctuation. "
    "Keep every sentence and its order. Do not summarise, translate, comment, or answer questions in the text. "
    "Return only the corrected text."
)
_MAX_TERMS = 200
_FENCE = re.compile(r"\A\s*```\w*\n(.*?)\n?```\s*\Z", re.DOTALL)


@dataclass
class _Totals:
    """Counts of all chunks, from several threads."""

    expected_chunks: int
    report: Report
    lock: threading.Lock = field(default_factory=threading.Lock)
    chunks: int = 0
    refused: int = 0
    failed: int = 0
    reused: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    failures: list[str] = field(default_factory=list)

    def report_progress(self) -> None:
        """Report the finished chunks. The caller holds the lock."""
        self.report(self.chunks, self.expected_chunks)


def proofread(
    segments: Sequence[Segment], context: Context, options: ProofreadingOptions, report: Report, checkpoint_file: Path | None = None
) -> Proofreading:
    """Return the corrections of all chunks. A chunk that fails, or comes back too different, stays as it is; a warning says so.

    The first report comes before the first request. Answers are recorded in the checkpoint file, so that a later attempt of the job does
    not pay for them again.
    """
    if not options.base_url or not options.model:
        raise LanguageModelMissing
    tokens = tokens_of(segments)
    chunks = list(_chunks(tokens, options.chunk_words))
    client, totals, checkpoint = ChatClient(options), _Totals(len(chunks), report), Checkpoint(checkpoint_file, options)
    instructions = _instructions(context)

    def correct(chunk: range) -> list[Correction]:
        corrections = _correct_chunk(client, instructions, tokens[chunk.start : chunk.stop], chunk.start, options, totals, checkpoint)
        with totals.lock:
            totals.chunks += 1
            totals.report_progress()
        return corrections

    with ThreadPoolExecutor(options.concurrency, thread_name_prefix="proofread") as pool:
        corrections = [each for of_chunk in pool.map(correct, chunks) for each in of_chunk]
    cost = (totals.prompt_tokens * options.price_input + totals.completion_tokens * options.price_output) / 1e6
    usage = Usage(
        chunks=len(chunks),
        refused=totals.refused,
        failed=totals.failed,
        reused=totals.reused,
        requests=client.requests,
        prompt_tokens=totals.prompt_tokens,
        completion_tokens=totals.completion_tokens,
        cost=round(cost, 6),
    )
    return Proofreading(tuple(corrections), usage, tuple(_warnings(totals, len(chunks))))


def _correct_chunk(
    client: ChatClient,
    instructions: str,
    tokens: Sequence[Token],
    first: int,
    options: ProofreadingOptions,
    totals: _Totals,
    checkpoint: Checkpoint,
) -> list[Correction]:
    text = "".join(token.text for token in tokens).strip()
    try:
        answer = _ask(client, instructions, text, checkpoint, totals)
    except errors.LecternError as error:
        with totals.lock:
            totals.failed += 1
            totals.failures.append(str(error))
        return []
    fence_match = _FENCE.match(answer.text)
    answer_text = markup.parse(fence_match[1] if fence_match else answer.text)
    spans = split_text(answer_text.text, tokens)
    words = [answer_text.text[start:end] for start, end in spans]
    lost_share, added_share = changed_shares(tokens, words)
    heading_share = answer_text.heading_words / max(1, len(tokens))
    is_refused = not answer.is_complete or max(lost_share, added_share, heading_share) > options.max_changed_share
    with totals.lock:
        totals.prompt_tokens += answer.prompt_tokens
        totals.completion_tokens += answer.completion_tokens
        totals.refused += is_refused
    return [] if is_refused else list(corrections_of(tokens, words, first, "model", answer_text.runs_of_words(spans)))


def _ask(client: ChatClient, instructions: str, text: str, checkpoint: Checkpoint, totals: _Totals) -> Answer:
    """Return the answer of an earlier attempt, else ask and record the answer."""
    answer = checkpoint.find(instructions, text)
    if answer is not None:
        with totals.lock:
            totals.reused += 1
        return answer
    with totals.lock:
        totals.report_progress()
    answer = client.ask(instructions, text)
    checkpoint.add(instructions, text, answer)
    return answer


def _chunks(tokens: Sequence[Token], target_words: int) -> Iterator[range]:
    """Yield ranges of words. They end at the last sentence end before the target; without one, at the target."""
    start, end = 0, 0
    for number, token in enumerate(tokens, 1):
        if ends_sentence(token.text):
            end = number
        if number - start >= target_words or number == len(tokens):
            stop = end if start < end and number < len(tokens) else number
            yield range(start, stop)
            start = stop
    if start < len(tokens):
        yield range(start, len(tokens))


def _instructions(context: Context) -> str:
    terms = [term.term for term in context.terms[:_MAX_TERMS]]
    parts = [context.prompt or DEFAULT_PROMPT]
    if context.language:
        parts.append(f"The language of the text is {context.language}.")
    if terms:
        parts.append(f"Terms that may occur: {', '.join(terms)}.")
    return "\n".join(parts)


def _warnings(totals: _Totals, chunks: int) -> Iterator[str]:
    if totals.refused:
        yield f"Proofreading: {totals.refused} of {chunks} parts came back with too many changes and were left as they were."
    if totals.failed:
        yield f"Proofreading: {totals.failed} of {chunks} parts failed and were left as they were. {totals.failures[0]}"
