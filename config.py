"""Typed settings. The only reader of the environment; every field says what it sets and in what unit."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

PROJECT = Path(__file__).resolve().parent
VERSION = "0.1.0"
MIB, GIB = 2**20, 2**30
_RATE = r"[1-9]\d*\s*(?:per|/)\s*(?:[1-9]\d*\s*)?(?:second|minute|hour|day|month)s?"

# Variables that other systems' documents name and that nothing here reads yet: accepted in silence, shown by `flask doctor`.
RESERVED = {
    "LANGUAGE_MODEL": ("DEEPSEEK_BASE_URL", "DEEPSEEK_API_KEY", "GOOGLE_API_KEY", "GENAI_API_KEY", "GEMINI_API_KEY", "OPENAI_API_KEY"),
    "TRANSCRIPTION_SERVICE": ("TRANSCRIBE_API_URL", "TRANSCRIBE_API_KEY", "GET_RESULT_TRANSCRIBE_API_URL"),
    "LESSONS": ("TTS_PROVIDER", "TTS_VOICE_NAME", "TTS_MODEL", "SCRIPT_MODEL", "PYTHON_API_URL", "PYTHON_API_PORT", "VIDEO_STORAGE_PATH"),
    "WORKERS": ("SQS_QUEUE_URL",),
    "PAYMENTS": ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"),
}


def _named(*names: str) -> AliasChoices:
    return AliasChoices(*names)


def _rate(value: str) -> str:
    """`5 per minute`, `100/hour`; several by `;`."""
    if not re.fullmatch(rf"{_RATE}(\s*;\s*{_RATE})*", value.strip()):
        raise ValueError("must be like `5 per minute` or `100/hour`, several separated by `;`")
    return value.strip()


class Settings(BaseSettings):
    """Everything an operator may set, by environment variable (same name, upper case) or in a `.env` file."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", populate_by_name=True, env_ignore_empty=True
    )

    # where things are
    data_dir: Path = Field(PROJECT / "data", description="Folder for the database, files, work in progress and the signing key.")
    models_dir: Path | None = Field(None, description="Folder that model weights are unpacked to; DATA_DIR/models if left out.")
    port: int = Field(5001, ge=0, le=65535, description="TCP port that `make run` and `python app.py` serve on.")
    public_url: str = Field("", description="Address that users reach this server at, for links; empty: the request's own.")
    url_prefix: str = Field("", description="Path that the whole API stands under, such as /thakii-be.")
    trusted_proxies: int = Field(0, ge=0, le=10, description="Proxies in front whose X-Forwarded headers are believed.")
    flask_env: str = Field("production", description="Accepted for the documents that name it; debugging is never turned on by it.")

    # database
    database_url: str = Field(
        "", validation_alias=_named("database_url", "POSTGRES_DATABASE_URL"), description="SQLAlchemy URL; empty means SQLite in DATA_DIR."
    )
    postgres_host: str = Field("", description="PostgreSQL server, where no URL is given; with POSTGRES_PORT, _USER, _PASSWORD and _DB.")
    postgres_port: int = Field(5432, ge=1, le=65535, description="Its port.")
    postgres_user: str = Field("postgres", description="Its user.")
    postgres_password: SecretStr = Field(SecretStr(""), description="The user's password.")
    postgres_db: str = Field("lectern", description="Its database.")
    db_pool_size: int = Field(10, ge=1, le=500, description="PostgreSQL connections kept open by one process.")
    db_max_overflow: int = Field(20, ge=0, le=500, description="Further connections under load.")
    db_pool_timeout_s: float = Field(10, gt=0, description="Seconds that a request waits for a connection.")
    db_pre_ping: bool = Field(True, description="Test a connection before it is used: survives a restart of the database.")
    db_statement_timeout_s: float = Field(30, ge=0, description="Longest statement on PostgreSQL, seconds; 0: none.")

    # files
    storage: Literal["auto", "local", "s3"] = Field(
        "auto", description="Where files go; auto: S3 where a bucket is named, else DATA_DIR/files."
    )
    s3_bucket_name: str = Field("", validation_alias=_named("s3_bucket_name", "S3_BUCKET"), description="The one bucket for everything.")
    s3_raw_videos_bucket: str = Field("", description="Bucket for recordings, if it is another.")
    s3_processed_videos_bucket: str = Field("", description="Bucket for what is made of them, if it is another.")
    s3_video_thumbnails_bucket: str = Field("", description="Bucket for thumbnails, if it is another.")
    s3_endpoint_url: str | None = Field(
        None,
        validation_alias=_named("s3_endpoint_url", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"),
        description="Address of a store that is not AWS (MinIO, R2, Ceph, rclone).",
    )
    s3_public_url: str | None = Field(None, description="Address at which users reach that store, for signed links, if it is another.")
    aws_region: str | None = Field(
        None,
        validation_alias=_named("aws_region", "AWS_DEFAULT_REGION", "REGION_NAME"),
        description="Region of the buckets, and of SQS where that is the broker.",
    )
    aws_access_key_id: str | None = Field(None, description="Access key; empty: boto3's usual chain (profile, instance role, ...).")
    aws_secret_access_key: SecretStr | None = Field(None, description="Secret of the access key.")

    # redis, for what several processes share
    redis_url: str = Field("", description="redis:// address; empty: none is used.")
    redis_host: str = Field("", description="Redis server, where no URL is given; with REDIS_PORT.")
    redis_port: int = Field(6379, ge=1, le=65535, description="Its port.")

    # who may come in
    jwt_secret_key: SecretStr = Field(
        SecretStr(""),
        validation_alias=_named("jwt_secret_key", "JWT_SECRET", "CUSTOM_TOKEN_SECRET"),
        description="Key that signs tokens; empty means one made once in DATA_DIR/secret.key.",
    )
    jwt_algorithm: Literal["HS256", "HS384", "HS512"] = Field("HS256", description="How tokens are signed.")
    access_token_s: int = Field(
        900, ge=60, validation_alias=_named("access_token_s", "JWT_EXPIRATION"), description="Life of an access token, seconds."
    )
    refresh_token_s: int = Field(7 * 86400, ge=300, description="Life of a refresh token, seconds.")
    login_token_s: int = Field(72 * 3600, ge=60, description="Life of the one token that POST /login gives, seconds.")
    backend_token_s: int = Field(72 * 3600, ge=60, description="Life of a token from /auth/login and /auth/exchange-token, seconds.")
    refresh_grace_s: float = Field(
        10, ge=0, le=60, description="Seconds in which a refresh token that was just replaced still serves, for tabs that ask at once."
    )
    lockout_failures: int = Field(5, ge=1, le=1000, description="Failed log-ins in a row after which an account has to pause.")
    lockout_pause_s: float = Field(30, gt=0, description="The first pause, seconds; each further failure doubles it.")
    lockout_most_s: float = Field(900, gt=0, description="The longest pause, seconds.")
    email_verification: Literal["off", "optional", "required"] = Field(
        "optional",
        description="Whether a new account's address is verified, where e-mail is sent; required: before the first log-in.",
    )
    outside_registration_open: bool = Field(True, description="Whether an account is made for whoever an outside issuer vouches for.")
    firebase_project_id: str = Field(
        "",
        validation_alias=_named("firebase_project_id", "GOOGLE_CLOUD_PROJECT"),
        description="Firebase project whose users may come in with their ID tokens.",
    )
    firebase_jwks_url: str = Field(
        "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com",
        description="Where Firebase's public keys stand.",
    )
    oidc_issuer: str = Field("", description="OpenID Connect issuer whose users may come in, exactly as its tokens name it (https://...).")
    oidc_audience: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Clients that its tokens must have been made for, comma-separated."
    )
    oidc_name: str = Field("oidc", max_length=40, description="What the issuer is called here.")
    oidc_jwks_url: str = Field("", description="Where its public keys stand; empty: found by OpenID Connect Discovery.")
    cognito_client_id: str = Field("", description="Amazon Cognito app client that signing up and logging in go through.")
    cognito_client_secret: SecretStr = Field(SecretStr(""), description="Its secret, if it has one.")
    cognito_user_pool_id: str = Field("", description="Cognito user pool whose tokens open the API as Bearer; empty: none do.")
    cognito_endpoint_url: str = Field("", description="Address of a Cognito that is not AWS's.")
    worker_api_key: SecretStr = Field(
        SecretStr(""), description="A service token that workers send, beside those that `flask service-token` makes."
    )
    service_access_key_id: str = Field(
        "", description="Access key of requests to internal addresses that are signed as for AWS (SigV4); empty: AWS_ACCESS_KEY_ID."
    )
    service_secret_access_key: SecretStr = Field(SecretStr(""), description="Its secret.")
    registration_open: bool = Field(True, description="Whether anyone may register an account.")
    cookie_secure: bool = Field(False, description="Send cookies over HTTPS only; set it wherever HTTPS serves the page.")
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Origins of web frontends on other hosts, comma-separated, exact (https://app.example.org)."
    )
    static_bearer_token: SecretStr = Field(
        SecretStr(""), description="A fixed token that opens the API, for test installations only; no default, announced loudly at start."
    )
    static_bearer_email: str = Field("static-token@example.org", description="The account that the fixed token acts as.")
    static_bearer_is_admin: bool = Field(False, description="Whether that account is an admin.")

    # how often one may ask; counted in Redis where one is named, else by each process for itself
    rate_limits: bool = Field(True, description="Whether requests are counted and too many refused with 429.")
    rate_limit_login: Annotated[str, AfterValidator(_rate)] = Field("5 per minute", description="Log-ins from one address.")
    rate_limit_register: Annotated[str, AfterValidator(_rate)] = Field(
        "20 per hour", description="Registrations from one address, and changes of one user's password."
    )
    rate_limit_mail: Annotated[str, AfterValidator(_rate)] = Field(
        "10 per hour", description="Requests, registrations too, that may send e-mail to one e-mail address."
    )
    rate_limit_mail_sender: Annotated[str, AfterValidator(_rate)] = Field(
        "100 per hour", description="Requests from one network address that send e-mail or take what stood in one."
    )
    rate_limit_upload: Annotated[str, AfterValidator(_rate)] = Field(
        "120 per minute", description="Uploads of one user, chunks not counted."
    )
    rate_limit_default: Annotated[str, AfterValidator(_rate)] = Field("1200 per minute", description="All requests of one user or address.")
    servers_allow_private: bool = Field(
        False, description="Whether processing servers may have private, loopback and link-local addresses."
    )

    # what may be sent
    max_upload_bytes: int = Field(10 * GIB, ge=1, description="Largest recording, bytes.")
    max_body_bytes: int = Field(2 * MIB, ge=1024, description="Largest request body that is not an upload, bytes.")
    max_chunk_bytes: int = Field(128 * MIB, ge=1024, description="Largest chunk of a chunked upload, bytes.")
    max_duration_s: float = Field(12 * 3600, gt=0, description="Longest recording, seconds.")
    user_quota_bytes: int = Field(50 * GIB, ge=0, description="Storage of one user, derived files included, bytes.")
    user_active_jobs: int = Field(100, ge=0, description="Jobs that one user may have waiting or running.")
    user_uploads_per_day: int = Field(500, ge=0, description="Recordings that one user may send within 24 hours.")
    signed_url_s: int = Field(3600, ge=10, le=7 * 86400, description="Life of a download link that opens without a header, seconds.")
    abandoned_upload_s: int = Field(86400, ge=60, description="Seconds after which an upload that never ended is swept away.")

    # how work is done
    job_threads: int = Field(1, ge=1, le=64, description="Jobs that run at once in this process.")
    job_executor: Literal["threads", "celery", "remote"] = Field(
        "threads", description="What runs jobs: threads of the server's processes, Celery workers, or remote workers over HTTP."
    )
    celery_broker_url: SecretStr = Field(
        SecretStr(""),
        validation_alias=_named("celery_broker_url", "BROKER_URL"),
        description="Celery's broker: redis://, rediss://, amqp://, amqps:// or sqs://; empty: REDIS_URL or REDIS_HOST.",
    )
    celery_visibility_timeout_s: int = Field(
        12 * 3600, ge=10, le=12 * 3600, description="Seconds that a broker leaves a task with its worker; longer than the longest job."
    )
    worker_service_url: str = Field("", description="Address of a remote worker that gets each job by POST /process; empty: workers poll.")
    dispatch_prefetch: int = Field(
        8, ge=1, le=1000, description="Jobs of a lane that are handed on before a worker is free; the rest waits for its turn."
    )
    drain_s: float = Field(
        10.0,
        ge=0,
        le=86400,
        description="Seconds that running jobs get when their worker is asked to end; then they go back into the queue.",
    )
    several_machines: bool | None = Field(
        None, description="Whether several machines share the queue; left out: they do where JOB_EXECUTOR is celery."
    )
    lease_s: float = Field(30.0, ge=2, description="Seconds after which a silent worker's job is given to another.")
    jobs_per_user: int = Field(0, ge=0, description="Jobs of one user that run at once, on all machines together; 0: any number.")
    jobs_per_kind: Annotated[dict[str, int], NoDecode] = Field(
        {}, description="Jobs of a pipeline that run at once, on all machines together, such as `lecture_notes=4`; comma-separated."
    )
    long_jobs: int = Field(0, ge=0, description="Long jobs that run at once, on all machines together; 0: any number.")
    short_media_s: float = Field(1200.0, ge=0, description="A job is short while its recording lasts no longer, seconds ...")
    short_cost_s: float = Field(600.0, ge=0, description="... and while it is expected to take no longer, seconds.")
    long_patience_s: float = Field(1800.0, ge=0, description="Seconds that a long job lets short ones go before it.")
    job_disk_factor: float = Field(3.0, ge=0, description="A job begins where this many times its recording's size is free on the disk,")
    job_disk_floor_bytes: int = Field(GIB, ge=0, description="and this much besides, bytes.")
    job_memory_bytes: int = Field(
        512 * MIB, ge=0, description="A job begins where this much memory is free, bytes (half of the machine's at most)."
    )
    stage_timeout_floor_s: float = Field(1800.0, gt=0, description="A stage may take this long, seconds,")
    stage_timeout_factor: float = Field(6.0, ge=0, description="and this many times the recording's duration besides.")
    stage_stall_s: float = Field(1800.0, gt=0, description="Seconds without any progress after which a stage is ended and tried again.")
    max_listeners: int = Field(200, ge=1, le=2000, description="Event streams open at once in one process; more get 503.")
    event_heartbeat_s: float = Field(15.0, ge=0.2, le=300, description="Seconds after which a silent event stream gets a comment.")
    webhook_allow_private: bool = Field(False, description="Whether webhooks may lead to private, loopback and link-local addresses.")
    webhook_retry_s: float = Field(
        5.0, gt=0, le=3600, description="Pause after a webhook's first failed attempt, seconds; later ones grow."
    )
    webhook_disable_after_s: int = Field(3 * 86400, ge=1, description="Seconds of nothing but failure after which a webhook is turned off.")
    smtp_host: str = Field(
        "", validation_alias=_named("smtp_host", "SMTP_SERVER"), description="Server that takes outgoing e-mail; empty: none is sent."
    )
    smtp_port: int = Field(587, ge=1, le=65535, description="Its port.")
    smtp_user: str = Field("", validation_alias=_named("smtp_user", "SMTP_USERNAME"), description="User name there; empty: no log-in.")
    smtp_password: SecretStr = Field(
        SecretStr(""), validation_alias=_named("smtp_password", "SMTP_PASS"), description="The user's password there."
    )
    smtp_from: str = Field(
        "", validation_alias=_named("smtp_from", "FROM_EMAIL", "SMTP_FROM_EMAIL"), description="Address that e-mail comes from."
    )
    smtp_from_name: str = Field(
        "Lectern", validation_alias=_named("smtp_from_name", "FROM_NAME", "SMTP_FROM_NAME"), description="Name that e-mail comes from."
    )
    smtp_tls: Literal["auto", "starttls", "tls", "none"] = Field(
        "auto",
        validation_alias=_named("smtp_tls", "SMTP_USE_TLS"),
        description="Encryption: tls (from the start), starttls, none; auto (or true): tls on port 465, else starttls.",
    )
    smtp_ca_file: Path | None = Field(None, description="PEM file with the certificate authority of a mail server of your own.")
    mail_retry_s: float = Field(30.0, gt=0, le=3600, description="Pause after an e-mail's first failed attempt, seconds; later ones grow.")
    notification_emails: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Addresses that get a copy of every e-mail about a job, comma-separated."
    )
    metrics_token: SecretStr = Field(SecretStr(""), description="Bearer token that opens /metrics; empty: admins alone may see it.")
    otel_exporter_otlp_endpoint: str = Field(
        "",
        description="Where traces of requests, jobs and stages go: an OpenTelemetry collector that takes OTLP over HTTP, like http://otel:4318.",
    )
    otel_service_name: str = Field("lectern", min_length=1, description="What this service is called in traces.")
    cpu_threads: int = Field(0, ge=0, description="Threads that one job's engines may use; 0 means the machine's cores.")
    speech_model: str = Field("base", description="Whisper model to fetch where SPEECH_MODEL_DOWNLOAD allows it.")
    speech_model_folder: Path | None = Field(None, description="Folder with CTranslate2 Whisper weights of your own.")
    speech_model_download: bool = Field(False, description="Whether weights that are not installed may be fetched from a model hub.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level that is logged.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _SecretFiles(settings_cls), dotenv_settings

    @field_validator("*", mode="before")
    @classmethod
    def _could_be_read(cls, value: object) -> object:
        if isinstance(value, _Unreadable):
            raise ValueError(value.said)  # noqa: TRY004 (what pydantic listens to)
        return value

    @field_validator("notification_emails", mode="before")
    @classmethod
    def _split_addresses(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("smtp_tls", mode="before")
    @classmethod
    def _yes_or_no(cls, value: object) -> object:
        said = str(value).strip().lower()
        return "auto" if said in ("true", "1", "yes", "on") else "none" if said in ("false", "0", "no", "off") else said

    @field_validator("oidc_audience", mode="before")
    @classmethod
    def _split_audiences(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _split_origins(cls, value: object) -> object:
        return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("jobs_per_kind", mode="before")
    @classmethod
    def _split_kinds(cls, value: object) -> object:
        parts = [part.partition("=") for part in value.split(",") if part.strip()] if isinstance(value, str) else []
        return {kind.strip(): most.strip() for kind, _, most in parts} if isinstance(value, str) else value

    @field_validator("allowed_origins")
    @classmethod
    def _exact_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [origin for origin in value if "*" in origin or not origin.startswith(("http://", "https://"))]
        if wrong:
            raise ValueError(f"{', '.join(wrong)}: name each origin exactly, such as https://app.example.org")
        return value

    @field_validator("database_url")
    @classmethod
    def _with_driver(cls, value: str) -> str:
        for scheme in ("postgres://", "postgresql://"):
            if value.startswith(scheme):
                return "postgresql+psycopg2://" + value.removeprefix(scheme)
        if value and not value.startswith(("postgresql+psycopg2://", "sqlite://")):
            raise ValueError("must begin with postgresql:// or sqlite://")
        return value

    @field_validator("url_prefix")
    @classmethod
    def _plain_prefix(cls, value: str) -> str:
        return f"/{value.strip('/')}" if value.strip("/") else ""

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("otel_exporter_otlp_endpoint")
    @classmethod
    def _traces_can_be_sent(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        if value and not _can_trace():
            raise ValueError("needs packages that are not installed: pip install -r requirements-otel.txt")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _buckets_named(self) -> Settings:
        if self.storage == "s3" and not (self.s3_bucket_name or (self.s3_raw_videos_bucket and self.s3_processed_videos_bucket)):
            raise ValueError("STORAGE=s3 needs S3_BUCKET_NAME, or S3_RAW_VIDEOS_BUCKET and S3_PROCESSED_VIDEOS_BUCKET")
        return self

    @model_validator(mode="after")
    def _sender_named(self) -> Settings:
        if self.smtp_host and "@" not in self.mail_sender:
            raise ValueError("SMTP_HOST needs SMTP_FROM, the address that e-mail comes from")
        return self

    @model_validator(mode="after")
    def _worker_named(self) -> Settings:
        if self.job_executor != "remote":
            return self
        wanted = {"WORKER_API_KEY": self.worker_api_key.get_secret_value()}
        if self.worker_service_url:
            wanted["PUBLIC_URL"] = self.public_url
            if not self.worker_service_url.startswith(("http://", "https://")):
                raise ValueError("WORKER_SERVICE_URL must begin with http:// or https://")
        missing = [name for name, value in wanted.items() if not value]
        if missing:
            raise ValueError(
                f"JOB_EXECUTOR=remote needs {' and '.join(missing)}: workers prove themselves by the one and call back at the other"
            )
        return self

    @model_validator(mode="after")
    def _broker_named(self) -> Settings:
        if self.job_executor != "celery":
            return self
        if not self.broker:
            raise ValueError("JOB_EXECUTOR=celery needs CELERY_BROKER_URL (redis://, amqp:// or sqs://), REDIS_URL or REDIS_HOST")
        if self.broker.partition("://")[0] not in ("redis", "rediss", "amqp", "amqps", "sqs"):
            raise ValueError("CELERY_BROKER_URL must begin with redis://, rediss://, amqp://, amqps:// or sqs://")
        return self

    @model_validator(mode="after")
    def _can_verify(self) -> Settings:
        if self.email_verification == "required" and not (self.smtp_host or self.cognito_client_id):
            raise ValueError("EMAIL_VERIFICATION=required needs SMTP_HOST: nobody could log in")
        return self

    @model_validator(mode="after")
    def _audience_named(self) -> Settings:
        if self.oidc_issuer and not self.oidc_audience:
            raise ValueError("OIDC_ISSUER needs OIDC_AUDIENCE: tokens that it makes for other programs must not open this one")
        return self

    @property
    def sqlalchemy_url(self) -> str:
        if self.database_url:
            return self.database_url
        if self.postgres_host:
            from sqlalchemy import URL

            password = self.postgres_password.get_secret_value() or None
            url = URL.create("postgresql+psycopg2", self.postgres_user, password, self.postgres_host, self.postgres_port, self.postgres_db)
            return url.render_as_string(hide_password=False)
        return f"sqlite:///{(self.data_dir / 'lectern.db').resolve()}"

    @property
    def is_sqlite(self) -> bool:
        return self.sqlalchemy_url.startswith("sqlite")

    @property
    def uses_s3(self) -> bool:
        return self.storage == "s3" or (self.storage == "auto" and bool(self.s3_bucket_name or self.s3_raw_videos_bucket))

    @property
    def mail_sender(self) -> str:
        return self.smtp_from or self.smtp_user

    @property
    def mail_encryption(self) -> Literal["starttls", "tls", "none"]:
        return self.smtp_tls if self.smtp_tls != "auto" else "tls" if self.smtp_port == 465 else "starttls"

    @property
    def redis(self) -> str:
        return self.redis_url or (f"redis://{self.redis_host}:{self.redis_port}/0" if self.redis_host else "")

    @property
    def broker(self) -> str:
        """Where Celery's messages go; "" where nothing is named."""
        return self.celery_broker_url.get_secret_value() or self.redis

    @property
    def shares_queue(self) -> bool:
        """Whether jobs may go on on another machine than the one that they began on."""
        return self.job_executor == "celery" if self.several_machines is None else self.several_machines

    @property
    def service_access_key(self) -> tuple[str, str]:
        """Key and secret that internal requests are signed with; both empty where there is none."""
        if self.service_access_key_id:
            return self.service_access_key_id, self.service_secret_access_key.get_secret_value()
        own = self.aws_secret_access_key
        return self.aws_access_key_id or "", own.get_secret_value() if own else ""

    @property
    def cores(self) -> int:
        return self.cpu_threads or os.cpu_count() or 1


@dataclass(frozen=True)
class _Unreadable:
    """Stands for a value whose file can't be read, so that it is told together with all else that is wrong."""

    said: str


class _SecretFiles(EnvSettingsSource):
    """`NAME_FILE=/run/secrets/name`: the value stands in that file, for every setting (Docker and Kubernetes secrets)."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        names = field.validation_alias.choices if isinstance(field.validation_alias, AliasChoices) else [field_name]
        for name in map(str, names):
            path = self.env_vars.get(f"{name}_file".lower()) or self.env_vars.get(f"{name}_FILE")
            if path:
                try:
                    return Path(path).read_text(encoding="utf-8").strip(), field_name, False
                except (OSError, UnicodeDecodeError) as error:
                    return _Unreadable(f"{name.upper()}_FILE can't be read: {error}"), field_name, False
        return None, field_name, False


def _can_trace() -> bool:
    """Whether what requirements-otel.txt names is installed."""
    try:
        return all(
            importlib.util.find_spec(f"opentelemetry.{name}") for name in ("sdk", "exporter.otlp.proto.http", "instrumentation.flask")
        )
    except ModuleNotFoundError:
        return False


class InvalidSettings(SystemExit):
    """Raised once, with everything that is wrong, before anything starts."""


def load_settings() -> Settings:
    """Read the environment; ends the program with one message listing all that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"  {'.'.join(map(str, part['loc'])).upper() or 'together'}: {part['msg'].removeprefix('Value error, ')}"
            for part in error.errors()
        ]
        raise InvalidSettings("Lectern can't start, these settings are wrong:\n" + "\n".join(lines)) from error
    except SettingsError as error:
        raise InvalidSettings(f"Lectern can't start, a secret's file can't be read: {error.__cause__ or error}") from error


def share_metrics(folder: Path) -> None:
    """Have prometheus_client count in files of this folder, in this process and those forked from it; before it is imported."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def metrics_folder() -> Path | None:
    """Where the processes of one server count together, if they do."""
    named = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    return Path(named) if named else None


def unused_variables(environment: Mapping[str, str] | None = None) -> dict[str, list[str]]:
    """Variables that are set and known from other systems, but read by nothing in this version, by what will read them."""
    given = os.environ if environment is None else environment
    found = {feature: [name for name in names if given.get(name)] for feature, names in RESERVED.items()}
    return {feature: names for feature, names in found.items() if names}


def signing_key(settings: Settings) -> str:
    """The configured key, else the one kept in the data folder (made once, readable by its owner alone).

    A configured key shorter than HS512 wants (RFC 7518, 3.2) is lengthened by hashing; that makes a weak one no harder to
    guess, and `weaknesses` says so.
    """
    configured = settings.jwt_secret_key.get_secret_value()
    if configured:
        return configured if len(configured) >= 64 else hashlib.sha512(configured.encode()).hexdigest()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    path = settings.data_dir / "secret.key"
    fresh = path.with_name(f"secret.{os.getpid()}.{secrets.token_hex(4)}.part")
    if not path.exists():
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):  # another process was first: theirs counts
            os.link(fresh, path)
        fresh.unlink()
    return path.read_text().strip()


def deployment_errors(settings: Settings) -> list[str]:
    """Why several machines can't share this queue, where they are to."""
    if not settings.shares_queue:
        return []
    why = "Several machines are to share the queue (JOB_EXECUTOR, SEVERAL_MACHINES), which takes"
    said = [] if settings.uses_s3 else [f"{why} an S3 store: set S3_BUCKET_NAME, or SEVERAL_MACHINES=false if there is one machine."]
    if settings.is_sqlite:
        said.append(f"{why} PostgreSQL: set DATABASE_URL, or SEVERAL_MACHINES=false if there is one machine.")
    if not settings.jwt_secret_key.get_secret_value():
        said.append(f"{why} one JWT_SECRET_KEY for all: each machine would make a key of its own and refuse the others' tokens.")
    return said


def security_warnings(settings: Settings) -> list[str]:
    """What an operator should hear at every start."""
    said = []
    configured = settings.jwt_secret_key.get_secret_value()
    if configured and len(configured) < 32:
        said.append("JWT_SECRET_KEY is short enough to be guessed: use 32 random characters or more, or leave it out.")
    if settings.static_bearer_token.get_secret_value():
        said.append("STATIC_BEARER_TOKEN is set: whoever knows it is in. Unset it anywhere but on a test installation.")
    return said
