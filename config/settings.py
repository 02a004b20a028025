"""All settings, combined from their groups."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from pydantic import BaseModel, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config.groups.accounts import AccountSettings
from config.groups.credits import CreditSettings
from config.groups.database import DatabaseSettings
from config.groups.email import EmailSettings
from config.groups.identity import IdentitySettings
from config.groups.jobs import JobSettings
from config.groups.language_model import LanguageModelSettings
from config.groups.lessons import LessonSettings
from config.groups.limits import LimitSettings
from config.groups.links import LinkSettings
from config.groups.monitoring import MonitoringSettings
from config.groups.notifications import NotificationSettings
from config.groups.plans import PlanSettings
from config.groups.publishing import PublishingSettings
from config.groups.redis import RedisSettings
from config.groups.server import ServerSettings
from config.groups.speech import SpeechSettings
from config.groups.storage import StorageSettings
from config.groups.videos import VideoSettings
from config.groups.voices import VoiceSettings
from config.sources import SecretFilesSource, UnreadableFile


class Settings(
    ServerSettings,
    DatabaseSettings,
    StorageSettings,
    RedisSettings,
    AccountSettings,
    IdentitySettings,
    LimitSettings,
    CreditSettings,
    PlanSettings,
    PublishingSettings,
    VideoSettings,
    JobSettings,
    LinkSettings,
    SpeechSettings,
    VoiceSettings,
    LanguageModelSettings,
    LessonSettings,
    NotificationSettings,
    EmailSettings,
    MonitoringSettings,
    BaseSettings,
):
    """Everything that an operator can set: an environment variable of the same name in upper case, or a line of `.env`."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", populate_by_name=True, env_ignore_empty=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, SecretFilesSource(settings_cls), dotenv_settings

    @field_validator("*", mode="before")
    @classmethod
    def _reject_unreadable_file(cls, value: object) -> object:
        if isinstance(value, UnreadableFile):
            raise ValueError(value.message)  # noqa: TRY004 (pydantic reports ValueError only)
        return value

    @model_validator(mode="after")
    def _require_remote_worker_settings(self) -> Settings:
        if self.job_executor != "remote":
            return self
        required_values = {"WORKER_API_KEY": self.worker_api_key.get_secret_value()}
        if self.worker_service_url:
            required_values["PUBLIC_URL"] = self.public_url
            if not self.worker_service_url.startswith(("http://", "https://")):
                raise ValueError("WORKER_SERVICE_URL must begin with http:// or https://")
        missing = [name for name, value in required_values.items() if not value]
        if missing:
            raise ValueError(
                f"JOB_EXECUTOR=remote requires {' and '.join(missing)}: workers authenticate with the key and call back at the URL"
            )
        return self

    @model_validator(mode="after")
    def _require_videos_in_s3(self) -> Settings:
        if self.transcoder_queue_url and not (self.transcoder == "external" and self.uses_s3):
            raise ValueError("TRANSCODER_QUEUE_URL requires TRANSCODER=external and a bucket, from which the transcoder reads the videos")
        return self

    @model_validator(mode="after")
    def _require_broker(self) -> Settings:
        if self.job_executor != "celery":
            return self
        if not self.broker:
            raise ValueError(
                "JOB_EXECUTOR=celery requires CELERY_BROKER_URL (redis://, amqp:// or sqs://), SQS_QUEUE_URL, REDIS_URL or REDIS_HOST"
            )
        if self.broker.partition("://")[0] not in ("redis", "rediss", "amqp", "amqps", "sqs"):
            raise ValueError("CELERY_BROKER_URL must begin with redis://, rediss://, amqp://, amqps:// or sqs://")
        return self

    @model_validator(mode="after")
    def _require_secure_cookies(self) -> Settings:
        if self.cookie_samesite == "None" and not self.cookie_secure:
            raise ValueError("COOKIE_SAMESITE=None requires COOKIE_SECURE=true: browsers discard such cookies without HTTPS")
        return self

    @model_validator(mode="after")
    def _require_verification_email(self) -> Settings:
        if self.email_verification == "required" and not (self.smtp_host or self.cognito_client_id):
            raise ValueError("EMAIL_VERIFICATION=required requires SMTP_HOST: without e-mail no new user can sign in")
        return self

    @property
    def broker(self) -> str:
        """URL of Celery's broker; "" if none is configured."""
        return self.celery_broker_url.get_secret_value() or self._sqs_broker or self.redis

    @property
    def broker_queue_url(self) -> str:
        """Address of the one SQS queue that is the broker; "" for another broker."""
        return "" if self.celery_broker_url.get_secret_value() else self.sqs_queue_url

    @property
    def _sqs_broker(self) -> str:
        """URL of the broker for SQS_QUEUE_URL, with the keys and, for another server than AWS, its address; "" without that queue."""
        if not self.sqs_queue_url:
            return ""
        address = urlsplit(self.sqs_queue_url)
        server = "" if (address.hostname or "").endswith((".amazonaws.com", ".amazonaws.com.cn")) else address.netloc
        secret = self.aws_secret_access_key
        keys = f"{quote(self.aws_access_key_id or '', safe='')}:{quote(secret.get_secret_value(), safe='')}@" if secret else ""
        return f"sqs://{keys}{server}"

    @property
    def service_access_key(self) -> tuple[str, str]:
        """Access key id and secret that internal requests are signed with; both empty if none are configured."""
        if self.service_access_key_id:
            return self.service_access_key_id, self.service_secret_access_key.get_secret_value()
        secret = self.aws_secret_access_key
        return self.aws_access_key_id or "", secret.get_secret_value() if secret else ""


GROUPS: tuple[type[BaseModel], ...] = tuple(
    base for base in Settings.__bases__ if issubclass(base, BaseModel) and not issubclass(base, BaseSettings)
)
"""The groups of settings, in the order of the documentation."""
