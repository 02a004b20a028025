"""Settings of outgoing e-mail."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import AliasChoices, BaseModel, Field, SecretStr, field_validator, model_validator

from config.types import MIB


class EmailSettings(BaseModel):
    """E-mail"""

    smtp_host: str = Field(
        "", validation_alias=AliasChoices("smtp_host", "SMTP_SERVER"), description="SMTP server for outgoing e-mail; empty: none is sent."
    )
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of the SMTP server.")
    smtp_user: str = Field(
        "", validation_alias=AliasChoices("smtp_user", "SMTP_USERNAME"), description="SMTP user name; empty: no authentication."
    )
    smtp_password: SecretStr = Field(
        SecretStr(""), validation_alias=AliasChoices("smtp_password", "SMTP_PASS"), description="Password of the SMTP user."
    )
    smtp_from: str = Field(
        "", validation_alias=AliasChoices("smtp_from", "FROM_EMAIL", "SMTP_FROM_EMAIL"), description="Sender address; default: SMTP_USER."
    )
    smtp_from_name: str = Field(
        "Lectern", validation_alias=AliasChoices("smtp_from_name", "FROM_NAME", "SMTP_FROM_NAME"), description="Sender name."
    )
    smtp_tls: Literal["auto", "starttls", "tls", "none"] = Field(
        "auto",
        validation_alias=AliasChoices("smtp_tls", "SMTP_USE_TLS"),
        description="Encryption: tls (implicit), starttls or none; auto (or true): tls on port 465, else starttls.",
    )
    smtp_ca_file: Path | None = Field(None, description="PEM file with the certificate authority of your own SMTP server.")
    mail_attachment_bytes: int = Field(
        10 * MIB, ge=0, description="Maximum size of a PDF that is attached to the e-mail about a finished job, bytes; 0 attaches none."
    )
    mail_backoff_s: float = Field(
        30.0, gt=0, le=3600, description="Delay after the first failed attempt of an e-mail, seconds; later delays are longer."
    )

    @field_validator("smtp_tls", mode="before")
    @classmethod
    def _accept_booleans(cls, value: object) -> object:
        text = str(value).strip().lower()
        return "auto" if text in ("true", "1", "yes", "on") else "none" if text in ("false", "0", "no", "off") else text

    @model_validator(mode="after")
    def _require_sender(self) -> Self:
        if self.smtp_host and "@" not in self.mail_sender:
            raise ValueError("SMTP_HOST requires SMTP_FROM, the sender address of e-mail")
        return self

    @property
    def mail_sender(self) -> str:
        """Sender address of e-mail."""
        return self.smtp_from or self.smtp_user

    @property
    def mail_encryption(self) -> Literal["starttls", "tls", "none"]:
        """Encryption of the connection to the SMTP server."""
        return self.smtp_tls if self.smtp_tls != "auto" else "tls" if self.smtp_port == 465 else "starttls"
