"""Reads while others write, and responses when the database connection breaks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from flask import Flask
from sqlalchemy import create_engine, func, select, text

from config import Settings
from database import db, dispose_connections, end_read, session, transaction
from models import User as UserRow
from tests.conftest import User


def count_users() -> int:
    return session().execute(select(func.count()).select_from(UserRow)).scalar_one()


def test_the_reads_of_a_request_see_the_same_commits(app: Flask) -> None:
    def register() -> None:
        with ThreadPoolExecutor(1) as thread:
            thread.submit(User, app, "ada@example.org").result()

    with app.app_context():
        assert count_users() == 0
        register()
        assert count_users() == 0
        end_read()
        assert count_users() == 1
        with transaction():
            assert count_users() == 1


def test_a_response_is_sent_although_the_connection_breaks_after_the_query(tmp_path: Path, migrated_postgres: str) -> None:
    from app import create_app

    settings = Settings(_env_file=None, data_dir=tmp_path, database_url=migrated_postgres, rate_limits=False)
    app: Flask = create_app(settings)
    app.extensions["lectern"].make_ready()

    def respond_and_break() -> str:
        backend = db.session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        administrator = create_engine(settings.sqlalchemy_url)
        with administrator.connect() as connection:
            assert connection.execute(text("SELECT pg_terminate_backend(:backend)"), {"backend": backend}).scalar_one()
        administrator.dispose()
        return "answered"

    app.add_url_rule("/break", view_func=respond_and_break)
    try:
        for _ in range(2):  # the second request gets a new connection
            response = app.test_client().get("/break")
            assert (response.status_code, response.text) == (200, "answered")
    finally:
        app.extensions["lectern"].shut_down(wait_s=0)
        with app.app_context():
            dispose_connections()
