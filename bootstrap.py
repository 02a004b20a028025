"""Builds the container: creates the parts from the settings and starts the background work of the features."""

from __future__ import annotations

import contextlib
import functools
import threading

import structlog
from flask import Flask
from sqlalchemy.exc import OperationalError

import services.downloaders
import services.email
import services.identity
import services.jobs.executors
import services.lessons.writer
import services.media.stream_sound
import services.ocr
import services.payments
import services.proofreading
import services.speech_synthesis
import services.speech_to_text
import services.storage
import services.transcoder_queue
import services.youtube
from config import Settings, deployment_errors, security_warnings, signing_key
from database import background_context, set_hooks, subscribe
from lib import tracing
from lib.byte_budget import ByteBudget
from lib.shared_cache import SharedCache
from lib.user_concurrency_limit import UserConcurrencyLimit
from migrations.upgrade import migrate
from pipelines.engines import Engines
from pipelines.feature import FEATURE as PIPELINES_FEATURE
from pipelines.local_worker import LocalWorker
from pipelines.prices import unknown_prices
from pipelines.registry import PIPELINES
from pipelines.run_settings import RunSettings
from services.accounts import account_emails
from services.accounts.feature import FEATURE as ACCOUNTS
from services.accounts.feature import user_pool_from_settings
from services.accounts.topics import OWNER_CHANGED
from services.accounts.user_pool import AccountPolicy
from services.credits.feature import FEATURE as CREDITS
from services.email.port import Mailer
from services.events.hub import EventHub
from services.feature import Context
from services.jobs import queue
from services.jobs.janitor import Janitor
from services.jobs.scheduling.forecast import QueueForecast
from services.jobs.scheduling.scheduler import ConcurrencyLimits
from services.library import video_cache
from services.library.feature import FEATURE as LIBRARY
from services.library.video_cache import VideoCache
from services.links.feature import FEATURE as LINKS
from services.notices.feature import FEATURE as NOTICES
from services.operations.feature import FEATURE as OPERATIONS
from services.operations.settings import RuntimeSettings
from services.outbox.deliverer import Deliverer
from services.outbox.mail_sender import MailSender
from services.outbox.topics import DELIVERIES_WAITING
from services.projects.feature import FEATURE as PROJECTS
from services.publishing.feature import FEATURE as PUBLISHING
from services.reactions.feature import FEATURE as REACTIONS
from services.search.feature import FEATURE as SEARCH
from services.subscriptions.feature import FEATURE as SUBSCRIPTIONS
from services.webhooks.feature import FEATURE as WEBHOOKS

FEATURES = (
    ACCOUNTS,
    LIBRARY,
    SEARCH,
    REACTIONS,
    LINKS,
    PIPELINES_FEATURE,
    NOTICES,
    WEBHOOKS,
    SUBSCRIPTIONS,
    CREDITS,
    PROJECTS,
    PUBLISHING,
    OPERATIONS,
)
log = structlog.get_logger(__name__)
_RECOVERY_INTERVAL_S = 5.0


class Container:
    """Everything that the routes and commands work with. Building it starts nothing."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._app, self.settings = app, settings
        self._ready, self._lock = False, threading.Lock()
        self.runtime_settings = RuntimeSettings(settings)
        self.store = services.storage.from_settings(settings)
        self.identities = services.identity.from_settings(settings)
        self.payments = services.payments.from_settings(settings)
        engines = (
            *(services.speech_to_text, services.speech_synthesis, services.ocr, services.proofreading),
            *(services.downloaders, services.transcoder_queue, services.lessons.writer, services.youtube),
            *(services.media.stream_sound, services.documents),
        )
        self.engines = Engines(settings.cores, tuple(engine.from_settings(settings) for engine in engines))
        in_background = functools.partial(background_context, app)
        worker = LocalWorker.from_settings(settings, in_background, self.store, self.engines)
        self.executor = services.jobs.executors.from_settings(settings, app, worker.run_next, self._prepare)
        self._subscriptions = [subscribe(app, queue.JOBS_WAITING, lambda _: self.executor.wake())]
        download_slots = RunSettings.from_settings(settings).download_slots
        self.queue_forecast = QueueForecast(
            self.concurrency_limits, settings.job_threads, download_slots, {each.name for each in PIPELINES.values() if each.is_download}
        )
        self.events = EventHub(
            in_background,
            app.app_context,
            self.queue_forecast,
            max_listeners=settings.max_event_streams,
            max_listeners_per_user=settings.user_event_streams,
            heartbeat_s=settings.event_heartbeat_s,
        )
        self.downloads = ByteBudget(settings.redis)
        self.video_cache = self._video_cache(app)
        self.waiting_requests = UserConcurrencyLimit(settings.max_waiting_requests, settings.user_waiting_requests)
        mail = MailSender(lambda: services.email.from_settings(self._current_settings()), settings.mail_backoff_s)
        context = Context(settings, self._current_settings, self.store, mail, lambda: self.settings)
        self.deliverer = Deliverer(
            in_background,
            [channel for feature in FEATURES for channel in feature.channels(context)],
            [task for feature in FEATURES for task in feature.cleanup(context)],
        )
        self._subscriptions.append(subscribe(app, DELIVERIES_WAITING, lambda _: self.deliverer.wake()))
        hooks = [hook for feature in FEATURES for hook in feature.hooks(context).items()]
        set_hooks(app, {topic: tuple(each for name, each in hooks if name == topic) for topic, _ in hooks})
        recovery = [self.video_cache.retry, *(task for feature in FEATURES for task in feature.recovery(context))]
        self._janitor = Janitor(app, self.executor, _RECOVERY_INTERVAL_S, recovery)
        self.user_pool = user_pool_from_settings(settings, self.account_policy, self.send_account_email, self.signing_key)

    def _video_cache(self, app: Flask) -> VideoCache:
        redis_url = self.settings.redis
        cache = VideoCache(SharedCache(redis_url, "lectern:video:") if redis_url else None, lambda: self.settings.video_cache_s)
        if redis_url:
            callbacks = {video_cache.CHANGED: cache.forget, OWNER_CHANGED: cache.forget_owners}
            self._subscriptions += [subscribe(app, topic, callback) for topic, callback in callbacks.items()]
        return cache

    def make_ready(self) -> None:
        """Migrate the database and start the background work. Once per process, before the first request or job."""
        with self._lock:
            if self._ready:
                return
            self._prepare()
            prices = unknown_prices(self.settings.credit_prices)
            for message in [*security_warnings(self.settings), *deployment_errors(self.settings), *prices]:
                log.warning("settings_warning", message=message)
            with background_context(self._app):
                self.refresh_settings(at_once=True)  # admins' changes apply from the first request
            self._janitor.start()
            self.events.start()
            self.deliverer.start()
            self._ready = True

    def _prepare(self) -> None:
        migrate(self._app, self.settings)
        self._app.config["JWT_SECRET_KEY"] = signing_key(self.settings)

    def refresh_settings(self, *, at_once: bool = False) -> None:
        """Apply the settings that admins have changed in any process. Call it between requests and jobs, outside transactions."""
        with contextlib.suppress(OperationalError):  # without a database the last known settings stay in effect
            self.settings = self.runtime_settings.current(at_once=at_once)

    def _current_settings(self) -> Settings:
        self.refresh_settings()
        return self.settings

    def send_account_email(self, purpose: str, email: str, page: str = "") -> None:
        """Queue an e-mail about an account. Raises MailNotConfigured."""
        if self.mailer is None:
            raise account_emails.MailNotConfigured
        account_emails.request(purpose, email, page)

    def signing_key(self) -> str:
        """Return the key that signs tokens."""
        return str(self._app.config["JWT_SECRET_KEY"])

    def account_policy(self) -> AccountPolicy:
        """Return the settings that accounts depend on, as admins have changed them."""
        return AccountPolicy.from_settings(self.settings)

    @property
    def concurrency_limits(self) -> ConcurrencyLimits:
        return ConcurrencyLimits.from_settings(self.settings)

    @property
    def mailer(self) -> Mailer | None:
        """The mailer of the current settings; None if no mail server is set."""
        return services.email.from_settings(self.settings)

    def end_streams(self) -> None:
        """End event streams soon. Signal handlers may call it."""
        self.events.end_soon()

    def shut_down(self, wait_s: float) -> None:
        """Stop the background work; running jobs get `wait_s` seconds, then they return to the queue."""
        for unsubscribe in self._subscriptions:
            unsubscribe()
        self.events.stop()
        self.deliverer.stop()
        self._janitor.stop()
        self.executor.shut_down(wait_s)
        tracing.flush()
