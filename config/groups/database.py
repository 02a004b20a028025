"""Settings of the database."""

from __future__ import annotations

from pathlib import Path

from pydantic import AliasChoices, BaseModel, Field, SecretStr, field_validator


class DatabaseSettings(BaseModel):
    """Database"""

    data_dir: Path
    database_url: str = Field(
        "",
        validation_alias=AliasChoices("database_url", "POSTGRES_DATABASE_URL"),
        description="SQLAlchemy URL of the database; default: SQLite in DATA_DIR.",
    )
    postgres_host: str = Field("", description="PostgreSQL server; used with POSTGRES_PORT, _USER, _PASSWORD and _DB if no URL is set.")
    postgres_port: int = Field(5432, ge=1, le=65535, description="Port of the PostgreSQL server.")
    postgres_user: str = Field("postgres", description="PostgreSQL user.")
    postgres_password: SecretStr = Field(SecretStr(""), description="Password of the PostgreSQL user.")
    postgres_db: str = Field("lectern", description="Name of the PostgreSQL database.")
    db_pool_size: int = Field(10, ge=1, le=500, description="Connections that one process keeps open for requests; jobs have others.")
    db_max_overflow: int = Field(54, ge=0, le=500, description="Additional connections of one process under load.")
    db_pool_timeout_s: float = Field(
        0.8, gt=0, description="Longest wait of a request for a connection, seconds; then it gets 503 with Retry-After."
    )
    db_pre_ping: bool = Field(True, description="Test each connection before use, so that requests survive a restart of the database.")
    db_statement_timeout_s: float = Field(30, ge=0, description="Longest duration of a PostgreSQL statement, seconds; 0: no limit.")

    @field_validator("database_url")
    @classmethod
    def _add_driver(cls, value: str) -> str:
        for scheme in ("postgres://", "postgresql://"):
            if value.startswith(scheme):
                return "postgresql+psycopg2://" + value.removeprefix(scheme)
        if value and not value.startswith(("postgresql+psycopg2://", "sqlite://")):
            raise ValueError("must begin with postgresql:// or sqlite://")
        return value

    @property
    def sqlalchemy_url(self) -> str:
        """URL of the database, with its password."""
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
