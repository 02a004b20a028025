"""A local issuer of tokens for the tests of federated identities."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.identity import issuer as local
from tests.identity.issuer import LocalIssuer


@pytest.fixture
def issuer() -> Iterator[LocalIssuer]:
    with local.running() as issuer:
        yield issuer
