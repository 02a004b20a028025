"""Settings accept the names of the systems that Lectern replaces; invalid ones are reported in one message."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from app import create_app
from config import (
    PROJECT,
    UNUSED_VARIABLES,
    InvalidSettings,
    Settings,
    deployment_errors,
    load_settings,
    security_warnings,
    signing_key,
    unused_variables,
)
from config.groups.plans import Plan

EXAMPLES = {
    "lecture to PDF": """
        FLASK_ENV=production
        PORT=5001
        GOOGLE_CLOUD_PROJECT=example
        FIREBASE_PROJECT_ID=example
        AWS_DEFAULT_REGION=us-east-2
        S3_BUCKET_NAME=lectures
        ALLOWED_ORIGINS=https://frontend.example.org
        WORKER_SERVICE_URL=https://worker.example.org
        WORKER_API_KEY=your_worker_api_key
        STATIC_BEARER_TOKEN=mock-token""",
    "video platform": """
        POSTGRES_DATABASE_URL=postgresql://postgres:postgres@localhost:5433/videos
        POSTGRES_USER=postgres
        POSTGRES_PASSWORD=postgres
        POSTGRES_DB=videos
        COGNITO_CLIENT_ID=your_cognito_client_id
        COGNITO_CLIENT_SECRET=your_cognito_client_secret
        REGION_NAME=us-east-1
        AWS_ACCESS_KEY_ID=AKIAXXXXXXXXXXXXXXXX
        AWS_SECRET_ACCESS_KEY=xxxxxxxxxxxxxxxxxxxxxxxx
        S3_RAW_VIDEOS_BUCKET=raw-videos
        S3_PROCESSED_VIDEOS_BUCKET=processed-videos
        S3_VIDEO_THUMBNAILS_BUCKET=thumbnails
        REDIS_HOST=localhost
        REDIS_PORT=6379""",
    "film studio": """
        DATABASE_URL=postgresql://user:password@localhost:5432/studio
        REDIS_URL=redis://localhost:6379/0
        AWS_REGION=us-east-1
        AWS_ACCESS_KEY_ID=your_access_key
        AWS_SECRET_ACCESS_KEY=your_secret_key
        S3_BUCKET_NAME=media-dev
        SQS_QUEUE_URL=https://sqs.us-east-1.amazonaws.com/123456789/jobs
        JWT_SECRET=your-super-secret-jwt-key
        JWT_ALGORITHM=HS256
        JWT_EXPIRATION=3600
        OPENAI_API_KEY=sk-xxxxx
        STRIPE_SECRET_KEY=sk_test_xxxxx
        STRIPE_WEBHOOK_SECRET=whsec_xxxxx""",
    "topic to video": """
        PORT=5001
        PYTHON_API_URL=http://localhost:8001
        PYTHON_API_PORT=8001
        GOOGLE_API_KEY=your_api_key
        TTS_PROVIDER=gemini
        TTS_VOICE_NAME=Kore""",
    "link to transcript": """
        DATABASE_URL=postgresql://user:pass@host/db
        JWT_SECRET_KEY=a-very-secret-value
        DEEPSEEK_BASE_URL=https://api.deepseek.com
        DEEPSEEK_API_KEY=sk-xxxxxxxxxxxx
        TRANSCRIBE_API_KEY=xxxx
        TRANSCRIBE_API_URL=https://inference.example.org
        GET_RESULT_TRANSCRIBE_API_URL=https://results.example.org""",
}


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names = {name.upper() for name in Settings.model_fields} | set(UNUSED_VARIABLES)
    for name in names | {
        "POSTGRES_DATABASE_URL",
        "JWT_SECRET",
        "AWS_DEFAULT_REGION",
        "REGION_NAME",
        "JWT_EXPIRATION",
        "GOOGLE_API_KEY",
        "TTS_MODEL",
        "TTS_VOICE_NAME",
    }:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_app_starts_with_the_documented_example_of_each_system(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line.strip() for line in EXAMPLES[name].strip().splitlines()]
    (tmp_path / ".env").write_text("\n".join(lines))
    app = create_app(load_settings())
    settings = app.extensions["lectern"].settings
    app.extensions["lectern"].shut_down(wait_s=0)
    variables = dict(line.split("=", 1) for line in lines)
    if "S3_BUCKET_NAME" in variables or "S3_RAW_VIDEOS_BUCKET" in variables:
        assert settings.uses_s3
    if "DATABASE_URL" in variables or "POSTGRES_DATABASE_URL" in variables:
        assert settings.sqlalchemy_url.startswith("postgresql+psycopg2://")
    if "REDIS_HOST" in variables or "REDIS_URL" in variables:
        assert settings.redis == "redis://localhost:6379/0"
    region = variables.get("AWS_DEFAULT_REGION") or variables.get("AWS_REGION") or variables.get("REGION_NAME")
    assert settings.aws_region == region
    if "JWT_EXPIRATION" in variables:
        assert settings.access_token_s == 3600
    if "JWT_SECRET" in variables:
        assert any("JWT_SECRET_KEY" in message for message in security_warnings(settings))
    unused_names = unused_variables(variables)
    known_names = {name.upper() for name in Settings.model_fields} | {
        "TTS_VOICE_NAME",
        "POSTGRES_DATABASE_URL",
        "AWS_DEFAULT_REGION",
        "REGION_NAME",
        "GOOGLE_CLOUD_PROJECT",
        "GOOGLE_API_KEY",
    }
    assert set(variables) <= known_names | {"JWT_SECRET", "JWT_EXPIRATION"} | set(unused_names)


def test_a_variable_is_either_a_setting_or_explained() -> None:
    assert not {name.upper() for name in Settings.model_fields} & set(UNUSED_VARIABLES)
    assert all(instead.endswith(".") for instead in UNUSED_VARIABLES.values())


def test_every_setting_is_read() -> None:
    """A documented setting that nothing reads would be a promise that is not kept. Checks of settings are no use of them."""
    folders = ("commands", "db", "lib", "pipelines", "routes", "schemas", "services", "tables")
    files = [PROJECT / "config/keys.py", *PROJECT.glob("*.py"), *(file for each in folders for file in (PROJECT / each).rglob("*.py"))]
    code = "\n".join(file.read_text() for file in files)
    properties = {name: value for kind in Settings.__mro__ for name, value in vars(kind).items() if isinstance(value, property)}
    read, waiting = set[str](), re.findall(r"(?:settings(?:\(\))?|current\(\))\.(\w+)", code)
    while waiting:
        name = waiting.pop()
        if name in properties and name not in read:
            waiting += re.findall(r"self\.(\w+)", inspect.getsource(properties[name].fget))
        read.add(name)
    assert set(Settings.model_fields) - read == set()
    assert [name for name in Plan.model_fields if not re.search(rf"plan(?:s\.default)?\.{name}\b|\"{name}\"", code)] == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        *(({name: 1}, "the first plan has the server's limits") for name in ("priority", "quota_bytes", "quota_jobs", "quota_uploads")),
        ({"name": "pro"}, "two plans have the same name"),
        ({"price": "price_1"}, "Extra inputs are not permitted"),
    ],
)
def test_plans_that_would_not_do_what_they_say_are_refused(changes: dict[str, Any], reason: str) -> None:
    """Users without a subscription have the first plan; what it may have are credits, a watermark and a retention."""
    first, second = {"name": "free", "watermark": "Trial", "retention_days": 30}, {"name": "pro", "quota_jobs": 7, "priority": 1}
    settings = Settings(_env_file=None, plans=json.dumps([first, second]))
    assert [(plan.quota_jobs, plan.priority) for plan in settings.plans] == [(None, 0), (7, 1)]
    with pytest.raises(ValidationError, match=reason):
        Settings(_env_file=None, plans=json.dumps([first | changes, second]))


def test_all_invalid_settings_are_reported_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PORT": "many", "LOG_LEVEL": "loud", "ALLOWED_ORIGINS": "*", "DATABASE_URL": "mysql://x", "STORAGE": "s3"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InvalidSettings) as excinfo:
        load_settings()
    for name in ("PORT", "LOG_LEVEL", "ALLOWED_ORIGINS", "DATABASE_URL"):
        assert name in str(excinfo.value)


def test_settings_can_be_read_from_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("from a file, long enough for anyone\n")
    monkeypatch.setenv("JWT_SECRET_KEY_FILE", str(tmp_path / "secret"))
    assert load_settings().jwt_secret_key.get_secret_value() == "from a file, long enough for anyone"
    monkeypatch.setenv("JWT_SECRET_KEY_FILE", str(tmp_path / "missing"))
    monkeypatch.setenv("STATIC_BEARER_TOKEN_FILE", str(tmp_path))
    monkeypatch.setenv("PORT", "many")
    with pytest.raises(InvalidSettings) as excinfo:
        load_settings()
    for part in ("JWT_SECRET_KEY_FILE can't be read", str(tmp_path / "missing"), "STATIC_BEARER_TOKEN_FILE", "PORT"):
        assert part in str(excinfo.value)


def test_each_installation_gets_its_own_signing_key(tmp_path: Path) -> None:
    keys = {signing_key(Settings(_env_file=None, data_dir=tmp_path / name)) for name in ("one", "two")}
    assert len(keys) == 2
    assert min(map(len, keys)) >= 48


def test_secrets_are_hidden_in_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_SECRET_KEY", "hide me, I am a secret of some length")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hide me too")
    assert "hide me" not in repr(load_settings())


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ({"stripe_secret_key": "sk", "stripe_webhook_secret": "w", "credit_packs": "price_a=10"}, "PUBLIC_URL"),
        ({"stripe_secret_key": "sk", "stripe_webhook_secret": "w", "public_url": "https://a.example"}, "price_ids"),
        ({"stripe_price_pro": "price_a"}, "STRIPE_SECRET_KEY"),
        ({"google_client_id": "id", "public_url": "https://a.example"}, "GOOGLE_CLIENT_SECRET"),
        ({"google_client_secret": "s"}, "GOOGLE_CLIENT_ID"),
        ({"google_client_id": "id", "google_client_secret": "s"}, "PUBLIC_URL"),
    ],
)
def test_what_payments_and_publishing_need_is_reported(values: dict[str, str], missing: str) -> None:
    assert [missing in message for message in deployment_errors(Settings(_env_file=None, **values))] == [True]


@pytest.mark.parametrize(
    "values",
    [
        {"credit_packs": "price_a=0"},
        {"credit_packs": "price_a=5", "stripe_price_pro": "price_a"},
        {"stripe_price_pro": "price_a", "stripe_price_enterprise": "price_a"},
    ],
)
def test_a_price_buys_one_thing(values: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="price_a"):
        Settings(_env_file=None, **values)


def test_one_url_of_the_inference_service_alone_is_reported() -> None:
    settings = Settings(_env_file=None, transcribe_api_url="https://inference.example.org")
    assert any("GET_RESULT_TRANSCRIBE_API_URL" in message for message in deployment_errors(settings))
    both = settings.model_copy(update={"get_result_transcribe_api_url": "https://results.example.org"})
    assert deployment_errors(both) == []
