"""Generated requests to every operation: no internal errors, and every response conforms to /openapi.json."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.api import fuzz


@pytest.mark.slow("sends generated requests to every operation of a server")
def test_every_response_conforms_to_the_description(tmp_path: Path) -> None:
    outcome = fuzz(tmp_path, "--phases", "fuzzing", "--max-examples", "2", "--generation-deterministic")
    print(f"{outcome.cases} requests to {outcome.operations} operations")
    assert outcome.failures == 0, outcome.output[-20_000:]
    assert outcome.operations > 100 and outcome.cases >= outcome.operations
