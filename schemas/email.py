"""Requests and responses about the e-mail settings."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, EmailStr, Field, StringConstraints

from config import Settings
from lib.clock import iso
from lib.numbers import reject_bool
from services.operations.email_settings import Origin

Host = Annotated[str, StringConstraints(strip_whitespace=True, max_length=253, pattern=r"^[A-Za-z0-9.:_-]*$")]
Plain = Annotated[str, StringConstraints(max_length=256, pattern=r"^[ -~]*$")]
Sender = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=254, pattern=r"^([!-;=?A-~]+@[A-Za-z0-9.-]+)?$")
]  # host names without a dot are allowed
_NAMES = {"from_email": "smtp_from", "from_name": "smtp_from_name", "encryption": "smtp_tls"}


def _aliases(*names: str) -> Any:
    return AliasChoices(*names)


class EmailConfigIn(BaseModel):
    """Omitted fields stay unchanged. When server, port, user or encryption change, the password must be sent again; "" means none."""

    smtp_host: Host = Field("", validation_alias=_aliases("smtp_host", "smtp_server"), description="Empty: no e-mail is sent.")
    smtp_port: Annotated[int, Field(ge=1, le=65535), reject_bool] = 587
    smtp_user: Plain = Field("", validation_alias=_aliases("smtp_user", "smtp_username"))
    smtp_password: Plain = Field("", description="Stored encrypted and never shown.")
    from_email: Sender = Field("", validation_alias=_aliases("from_email", "smtp_from"))
    from_name: Annotated[str, Field(max_length=120)] = Field("", validation_alias=_aliases("from_name", "smtp_from_name"))
    encryption: Literal["auto", "starttls", "tls", "none"] = Field("auto", validation_alias=_aliases("encryption", "smtp_tls"))

    def changes(self) -> dict[str, Any]:
        """Return the fields that were sent, by the names of the settings."""
        return {_NAMES.get(name, name): getattr(self, name) for name in self.model_fields_set}


class EmailConfigOut(BaseModel):
    """The password is never shown."""

    success: bool = True
    configured: bool
    smtp_host: str
    smtp_port: int
    smtp_user: str
    password_set: bool
    encryption: str
    from_email: str
    from_name: str
    recipients: list[str]
    source: str = Field(description="`database` if admins changed any of them, else `environment`.")
    changed_by: str
    changed_at: str | None

    @classmethod
    def of(cls, settings: Settings, origin: Origin) -> EmailConfigOut:
        return cls(
            configured=bool(settings.smtp_host),
            smtp_host=settings.smtp_host,
            smtp_port=settings.smtp_port,
            smtp_user=settings.smtp_user,
            password_set=bool(settings.smtp_password.get_secret_value()),
            encryption=settings.mail_encryption,
            from_email=settings.mail_sender,
            from_name=settings.smtp_from_name,
            recipients=list(settings.notification_emails),
            source=origin.source,
            changed_by=origin.changed_by,
            changed_at=iso(origin.changed_at),
        )


class EmailTestIn(BaseModel):
    to: EmailStr | None = None


class EmailTestOut(BaseModel):
    success: bool = True
    message: str
    to: str


class RecipientIn(BaseModel):
    email: EmailStr


class RecipientsIn(BaseModel):
    recipients: Annotated[list[EmailStr], Field(max_length=50)]


class RecipientsOut(BaseModel):
    success: bool = True
    recipients: list[str]
