"""Made-up requests to every operation: none ends in an error of ours, and every answer is one that /openapi.json describes."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.api import fuzz


@pytest.mark.slow("sends generated requests to every operation of a server")
def test_every_answer_is_one_that_is_described(tmp_path: Path) -> None:
    outcome = fuzz(tmp_path, "--phases", "fuzzing", "--max-examples", "2", "--generation-deterministic")
    print(f"{outcome.cases} requests to {outcome.operations} operations")
    assert outcome.failures == 0, outcome.said[-20_000:]
    assert outcome.operations > 100 and outcome.cases >= outcome.operations
