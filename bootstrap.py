"""Puts the parts together: the only place that picks adapters and executors."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from flask import Flask
from sqlalchemy.exc import OperationalError

from config import Settings, deployment_errors, security_warnings, signing_key
from database import db, subscribe
from lib import tracing
from pipelines.engines import Engines
from pipelines.local_worker import LocalWorker
from pipelines.registry import PIPELINES
from pipelines.run_settings import RunSettings
from pipelines.workspaces import age_s, delete_abandoned
from services import accounts
from services.accounts import account_emails
from services.accounts.account_emails import MailNotConfigured
from services.accounts.cognito_user_pool import CognitoUserPool
from services.accounts.email_channel import AccountEmailChannel
from services.accounts.local_user_pool import LocalUserPool
from services.accounts.login_throttle import ThrottleLimits
from services.accounts.user_pool import AccountPolicy, UserPool
from services.email.port import Mailer
from services.email.smtp import SmtpConfig, SmtpMailer
from services.events.hub import EventHub
from services.identity import IdentityProviders, Issuer
from services.jobs import queue
from services.jobs.executors.port import JobExecutor
from services.jobs.executors.remote import RemoteExecutor
from services.jobs.executors.threads import ThreadExecutor
from services.jobs.janitor import Janitor
from services.jobs.scheduling import stager
from services.jobs.scheduling.forecast import QueueForecast
from services.jobs.scheduling.scheduler import ConcurrencyLimits
from services.jobs.scheduling.stager import Stager
from services.library import artifacts, chunked_uploads, object_deletion
from services.library.uploads import incoming_folder
from services.notices import inbox
from services.notices.email_channel import NoticeEmailChannel
from services.ocr import OcrOptions
from services.operations import error_log
from services.operations.settings import RuntimeSettings
from services.outbox.deliverer import Deliverer
from services.outbox.mail_sender import MailSender
from services.outbox.port import Channel
from services.speech_settings import speech_options
from services.storage import LocalStore, Store
from services.webhooks.channel import WebhookChannel

log = structlog.get_logger(__name__)
_JANITOR_S = 5.0


@dataclass
class Container:
    """Everything the routes and commands work with."""

    settings: Settings
    store: Store
    engines: Engines
    executor: JobExecutor
    events: EventHub
    identities: IdentityProviders
    _app: Flask
    deliverer: Deliverer = field(init=False)
    _janitor: Janitor | None = None
    _ready: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    runtime_settings: RuntimeSettings = field(init=False)
    user_pool: UserPool = field(init=False)

    def __post_init__(self) -> None:
        self.runtime_settings = RuntimeSettings(self.settings)
        self.deliverer = build_deliverer(self._app, self.settings, self._now)
        self.user_pool = build_user_pool(self)

    def make_ready(self) -> None:
        """Migrate, then start recovery and the janitor. Once per process, before the first request or job."""
        with self._lock:
            if self._ready:
                return
            migrate(self._app, self.settings)
            self._app.config["JWT_SECRET_KEY"] = signing_key(self.settings)
            for said in [*security_warnings(self.settings), *deployment_errors(self.settings)]:
                log.warning("weak_setting", said=said)
            chores = (
                functools.partial(object_deletion.run_due, self.store),
                functools.partial(artifacts.promote_left_over, self.store),
                functools.partial(sweep, self.settings),
                error_log.delete_old,
            )
            self._janitor = Janitor(self._app, self.executor, _JANITOR_S, chores)
            with self._app.app_context():
                self.refresh_settings(at_once=True)  # what admins changed counts from the first request on
            self._janitor.start()
            self.events.start()
            self.deliverer.start()
            self._ready = True

    def refresh_settings(self, *, at_once: bool = False) -> None:
        """Take over what admins changed, in whatever process; between requests and jobs, not within their transactions."""
        with contextlib.suppress(OperationalError):  # the database is away: what was known goes on to count
            self.settings = self.runtime_settings.current(at_once=at_once)

    def _now(self) -> Settings:
        self.refresh_settings()
        return self.settings

    def send_account_email(self, purpose: str, email: str, page: str = "") -> None:
        """Queue an e-mail about an account. Raises MailNotConfigured."""
        if self.mailer is None:
            raise MailNotConfigured
        account_emails.request(purpose, email, page)
        self.deliverer.wake()

    def signing_key(self) -> str:
        return str(self._app.config["JWT_SECRET_KEY"])

    def account_policy(self) -> AccountPolicy:
        """Return the settings that accounts depend on, as admins have changed them."""
        return account_policy(self.settings)

    @property
    def concurrency_limits(self) -> ConcurrencyLimits:
        return ConcurrencyLimits.from_settings(self.settings)

    @property
    def mailer(self) -> Mailer | None:
        """Sends e-mail now, if a mail server is set."""
        return build_mailer(self.settings)

    @property
    def queue_forecast(self) -> QueueForecast:
        """When waiting jobs will begin."""
        return self.events.queue_forecast

    def end_streams(self) -> None:
        """End event streams soon; for signal handlers."""
        self.events.end_soon()

    def shut_down(self, wait_s: float) -> None:
        """End streams and stop taking jobs; running ones go back into the queue."""
        self.events.stop()
        self.deliverer.stop()
        if self._janitor is not None:
            self._janitor.stop()
        self.executor.shut_down(wait_s)
        tracing.flush()


def build_container(app: Flask, settings: Settings) -> Container:
    store = build_store(settings)
    engines = build_engines(settings)
    worker = LocalWorker(app.app_context, PIPELINES, store, engines, work_folder(settings), RunSettings.from_settings(settings))
    executor = build_executor(app, settings, worker)
    subscribe(app, queue.JOBS_WAITING, executor.wake)
    outlook = QueueForecast(ConcurrencyLimits.from_settings(settings), settings.job_threads)
    hub = EventHub(app.app_context, outlook, most=settings.max_event_streams, heartbeat_s=settings.event_heartbeat_s)
    return Container(
        settings,
        store,
        engines,
        executor,
        hub,
        build_identities(settings),
        app,
    )


def trace(app: Flask, settings: Settings) -> None:
    """Send spans to the collector, if one is set: before any other part of the app sees requests."""
    if settings.otel_exporter_otlp_endpoint:
        made = tracing.Tracing(settings.otel_exporter_otlp_endpoint, settings.otel_service_name)
        made.instrument_requests(app)
        tracing.use(made)


def build_deliverer(app: Flask, settings: Settings, current: Callable[[], Settings]) -> Deliverer:
    """`current`: the settings as admins have changed them by then."""
    post = MailSender(lambda: build_mailer(current()), settings.mail_backoff_s)
    channels: list[Channel] = [
        WebhookChannel(lambda: current().webhook_allow_private, settings.webhook_backoff_s, settings.webhook_disable_after_s),
        AccountEmailChannel(post),
        NoticeEmailChannel(post, lambda: current().notification_emails, lambda: current().email_verification != "off"),
    ]
    return Deliverer(app.app_context, channels, (inbox.delete_old, accounts.delete_expired))


def build_mailer(settings: Settings) -> Mailer | None:
    """What sends e-mail, if a server is set."""
    if not settings.smtp_host:
        return None
    place = SmtpConfig(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.mail_sender,
        sender_name=settings.smtp_from_name,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value(),
        tls=settings.mail_encryption,
        ca_file=settings.smtp_ca_file,
    )
    return SmtpMailer(place)


def build_executor(app: Flask, settings: Settings, local_worker: LocalWorker) -> JobExecutor:
    if settings.job_executor == "celery":
        return _celery_executor(app, settings, local_worker)
    if settings.job_executor == "remote":
        return RemoteExecutor(
            app.app_context,
            Stager(ConcurrencyLimits.from_settings(settings), settings.dispatch_prefetch),
            worker_url=settings.worker_service_url,
            public_url=settings.public_url,
            key=settings.worker_api_key.get_secret_value(),
        )
    return ThreadExecutor(app, settings.job_threads, local_worker.run_next)


def _celery_executor(app: Flask, settings: Settings, local_worker: LocalWorker) -> JobExecutor:
    """Celery's app becomes `app.extensions["celery"]`, which wsgi.py shows to `celery -A wsgi.celery worker`."""
    from services.jobs.executors.celery_app import Broker, WorkerHooks, build_celery  # Celery takes long to load
    from services.jobs.executors.celery_executor import CeleryExecutor

    def prepare() -> None:
        migrate(app, settings)
        app.config["JWT_SECRET_KEY"] = signing_key(settings)
        with app.app_context():
            db.engine.dispose()

    def forget_connections() -> None:
        with app.app_context():
            db.engine.dispose(close=False)

    rules = ConcurrencyLimits.from_settings(settings)

    def run(worker: str, job_id: str, stopping: Callable[[], bool]) -> bool:
        ran = local_worker.run_next(worker, stopping, job_id, executor.wake)
        waits_on = not ran and stager.unstage([job_id]) > 0
        if waits_on or rules.limit_anything:  # another may begin now
            executor.wake()
        return not waits_on

    broker = Broker(
        settings.broker, settings.celery_visibility_timeout_s, settings.job_threads, settings.drain_s, settings.aws_region or ""
    )
    celery = build_celery(broker, WorkerHooks(app.app_context, prepare, forget_connections, run))
    executor = CeleryExecutor(app.app_context, celery, Stager(rules, settings.dispatch_prefetch))
    app.extensions["celery"] = celery
    return executor


def build_identities(settings: Settings) -> IdentityProviders:
    """The issuers that are configured; none by default."""
    issuers = []
    if settings.firebase_project_id:
        project = settings.firebase_project_id
        url = f"https://securetoken.google.com/{project}"
        issuers.append(Issuer("firebase", url, (project,), settings.firebase_jwks_url, "firebase"))
    if settings.oidc_issuer:
        issuers.append(Issuer(settings.oidc_name, settings.oidc_issuer, settings.oidc_audience, settings.oidc_jwks_url))
    if settings.cognito_user_pool_id and settings.cognito_client_id:
        pool = settings.cognito_user_pool_id
        url = cognito_issuer(pool)
        place = f"{settings.cognito_endpoint_url.rstrip('/')}/{pool}" if settings.cognito_endpoint_url else url
        issuers.append(Issuer("cognito", url, (settings.cognito_client_id,), f"{place}/.well-known/jwks.json", "cognito"))
    return IdentityProviders(issuers)


def cognito_issuer(pool: str) -> str:
    """As the tokens of a user pool name it; the pool's id begins with its region."""
    return f"https://cognito-idp.{pool.partition('_')[0]}.amazonaws.com/{pool}"


def build_user_pool(container: Container) -> UserPool:
    """Passwords are kept in the database, or in Amazon Cognito if an app client of a user pool is configured."""
    settings = container.settings
    local = LocalUserPool(container.account_policy, container.send_account_email, container.deliverer.wake)
    if not settings.cognito_client_id:
        return local
    from services.identity.cognito import CognitoClient, CognitoConfig  # boto3 takes long to load

    pool_id = settings.cognito_user_pool_id
    config = CognitoConfig(
        region=pool_id.partition("_")[0] or settings.aws_region or "us-east-1",
        client_id=settings.cognito_client_id,
        client_secret=settings.cognito_client_secret.get_secret_value(),
        issuer=cognito_issuer(pool_id) if pool_id else "",
        endpoint_url=settings.cognito_endpoint_url,
    )
    return CognitoUserPool(CognitoClient(config), local, container.account_policy, container.signing_key)


def account_policy(settings: Settings) -> AccountPolicy:
    return AccountPolicy(
        registration_open=settings.registration_open,
        federated_registration_open=settings.federated_registration_open,
        email_verification=settings.email_verification,
        sends_email=bool(settings.smtp_host),
        throttle=ThrottleLimits(settings.lockout_failures, settings.lockout_initial_s, settings.lockout_max_s),
    )


def build_store(settings: Settings) -> Store:
    if not settings.uses_s3:
        return LocalStore(settings.data_dir / "files")
    from services.storage.s3 import S3Config, S3Store  # boto3 takes long to load

    one = settings.s3_bucket_name or settings.s3_processed_videos_bucket
    secret = settings.aws_secret_access_key
    place = S3Config(
        raw=settings.s3_raw_videos_bucket or one,
        processed=settings.s3_processed_videos_bucket or one,
        thumbnails=settings.s3_video_thumbnails_bucket or one,
        region=settings.aws_region,
        endpoint_url=settings.s3_endpoint_url,
        public_url=settings.s3_public_url,
        access_key_id=settings.aws_access_key_id,
        secret_access_key=secret.get_secret_value() if secret else None,
    )
    return S3Store(place)


def build_engines(settings: Settings) -> Engines:
    return Engines(cores=settings.cores, options=(speech_options(settings), OcrOptions(threads=max(1, settings.cores // 2))))


def work_folder(settings: Settings) -> Path:
    return settings.data_dir / "work"


def migrate(app: Flask, settings: Settings) -> None:
    """Bring the database to the newest migration; the first of several processes does it, the others wait."""
    from migrations.upgrade import upgrade_under_lock

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with app.app_context():
        upgrade_under_lock(settings.data_dir / "migrate.lock")


def sweep(settings: Settings) -> None:
    """Delete abandoned uploads and workspaces."""
    chunked_uploads.sweep(settings)
    for part in incoming_folder(settings).glob("*.part"):
        if age_s(part) > settings.incomplete_upload_expiry_s:
            part.unlink(missing_ok=True)
    delete_abandoned(work_folder(settings))
