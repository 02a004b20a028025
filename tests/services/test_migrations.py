"""Migrations go up and down and end where the models are; settings are documented."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from config import PROJECT
from database import Base, db
from migrations.upgrade import is_compared
from scripts import reference_docs

MIGRATIONS = str(PROJECT / "migrations")


def test_up_and_down_and_up(app: Flask) -> None:
    app.extensions["lectern"].shut_down(0)  # no thread may use tables that are deleted
    with app.app_context():
        assert _differences() == []
        downgrade(directory=MIGRATIONS, revision="base")
        assert inspect(db.engine).get_table_names() == ["alembic_version"]
        upgrade(directory=MIGRATIONS)
        assert _differences() == []


@pytest.mark.parametrize("page", reference_docs.PAGES, ids=lambda page: page.name)
def test_reference_pages_are_up_to_date(page: Path) -> None:
    assert page.read_text() == reference_docs.PAGES[page](), "run `python -m scripts.reference_docs`"


def _differences() -> list[object]:
    with db.engine.connect() as connection:
        return list(
            compare_metadata(
                MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_compared}), Base.metadata
            )
        )
