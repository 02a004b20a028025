"""Health checks of the database, the storage and all other dependencies."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

import errors
from database import db
from lib.programs import find_program, require_program
from services import ocr
from services.identity import IdentityProviders
from services.jobs.executors.port import JobExecutor
from services.speech_to_text.port import SpeechOptions
from services.speech_to_text.weights import available_weights
from services.storage import Store

_TIMEOUT_S = 5.0
_DATABASE_HINTS = {
    "sqlite": "Check that DATA_DIR is a folder that this user can write to.",
    "postgresql": "Check DATABASE_URL, and that the server runs and accepts connections from this machine.",
}


@dataclass(frozen=True)
class CheckResult:
    """The result of one check. If it fails, the service is unhealthy if `is_required`, else degraded."""

    name: str
    ok: bool
    is_required: bool
    detail: str


def check_all(
    store: Store, speech: SpeechOptions, executor: JobExecutor, identities: IdentityProviders, redis_url: str = ""
) -> list[CheckResult]:
    """Run all checks concurrently, each for at most five seconds.

    A broker is required: without it no job starts. Remote workers and identity providers are not: existing sessions stay valid.
    """
    probes: list[tuple[str, bool, Callable[[], str]]] = [
        ("storage", True, lambda: _storage(store)),
        ("ffmpeg", True, lambda: str(require_program("ffmpeg"))),
        ("pandoc", False, lambda: str(require_program("pandoc"))),
        ("speech_model", False, lambda: available_weights(speech)),
        ("ocr", False, _ocr),
        ("jobs", executor.is_required, executor.check),
    ]
    if redis_url:
        probes.append(("redis", False, lambda: _redis(redis_url)))
    if identities.names:
        probes.append(("identity", False, identities.check))
    results = [_probe("database", True, _database)]
    with ThreadPoolExecutor(len(probes)) as pool:
        running_probes = [(name, is_required, pool.submit(_probe, name, is_required, probe)) for name, is_required, probe in probes]
        for name, is_required, future in running_probes:
            try:
                results.append(future.result(_TIMEOUT_S))
            except TimeoutError:
                results.append(CheckResult(name, False, is_required, f"no answer within {_TIMEOUT_S:.0f} s"))
    return results


def status_of(results: list[CheckResult]) -> str:
    if any(each.is_required and not each.ok for each in results):
        return "unhealthy"
    return "healthy" if all(each.ok for each in results) else "degraded"


def _probe(name: str, is_required: bool, probe: Callable[[], str]) -> CheckResult:
    try:
        return CheckResult(name, True, is_required, probe())
    except errors.LecternError as error:
        return CheckResult(name, False, is_required, f"{error.message} {error.detail} {error.hint}".strip())
    except Exception as error:  # a health check reports every error
        return CheckResult(name, False, is_required, f"{type(error).__name__}: {error}")


def _database() -> str:
    try:
        with db.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except OperationalError as error:
        message = " ".join(str(error.orig).split())
        raise errors.TransientError(f"The database reports: {message}", hint=_DATABASE_HINTS[db.engine.dialect.name]) from error
    return db.engine.dialect.name


def _storage(store: Store) -> str:
    try:
        store.check()
    except errors.TransientError as error:
        raise errors.TransientError(error.detail, hint="Check S3_ENDPOINT_URL, AWS_REGION and the network.") from error
    return store.name


def _redis(url: str) -> str:
    import redis  # half a second of CPU, which servers without Redis save

    try:
        redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2).ping()
    except redis.RedisError as error:
        raise errors.TransientError(f"Redis does not answer ({error}).", hint="Check REDIS_URL, and that Redis runs.") from error
    return "connected"


def _ocr() -> str:
    engines = ocr.available_engines()
    if not engines:
        find_program.cache_clear()
        raise errors.ProgramMissing("No OCR engine was found.", hint="Install Tesseract (`apt install tesseract-ocr`).")
    return ", ".join(engines)
