"""No configured or issued secret appears in the log, the settings page, or any response except the one that issues it."""

from __future__ import annotations

from pathlib import Path

import requests

from scripts.server import Server
from tests.conftest import PASSWORD

SECRETS = {
    "JWT_SECRET_KEY": "signing-key-0123456789-0123456789-0123456789",
    "STATIC_BEARER_TOKEN": "static-token-0123456789",
    "METRICS_TOKEN": "metrics-token-0123456789",
    "SMTP_PASSWORD": "smtp-password-0123456789",
    "AWS_SECRET_ACCESS_KEY": "aws-secret-0123456789",
}


def test_no_secret_appears_in_debug_logs_or_answers(migrated_data_dir: Path) -> None:
    settings = {**SECRETS, "LOG_LEVEL": "DEBUG", "SMTP_HOST": "127.0.0.1", "SMTP_FROM": "l@example.org", "STATIC_BEARER_IS_ADMIN": "true"}
    responses: list[str] = []
    with Server(migrated_data_dir, settings) as server:
        secrets = _use(server.url, responses)
    log = server.log_file.read_text()
    assert "/api/v1/auth/login" in log  # the log is not empty
    for secret in {*SECRETS.values(), *secrets, PASSWORD, "wrong-" + PASSWORD}:
        assert secret not in log, secret[:12]
        assert not any(secret in text for text in responses), secret[:12]


def _use(url: str, responses: list[str]) -> list[str]:
    """Send many requests; return the issued secrets and add all other responses to `responses`."""
    session = requests.Session()
    session.trust_env = False

    def request(method: str, path: str, token: str = "", **body: object) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        response = session.request(method, url + path, headers=headers, timeout=60, allow_redirects=False, cookies={}, **body)
        session.cookies.clear()
        return response

    registration = request("POST", "/api/v1/auth/register", json={"email": "ada@example.org", "password": PASSWORD}).json()
    again = request("POST", "/api/v1/auth/login", json={"email": "ada@example.org", "password": PASSWORD}).json()
    refresh = request("POST", "/api/v1/auth/refresh", json={"refresh_token": again["refresh_token"]}).json()
    token, static = registration["access_token"], SECRETS["STATIC_BEARER_TOKEN"]
    hook = request("POST", "/api/v1/webhooks", token, json={"url": "https://93.184.215.14/x"}).json()
    key = request("POST", "/api/v1/api-keys", token, json={"name": "k", "scopes": ["content:read"]}).json()
    secrets = [each[name] for each in (registration, again, refresh) for name in ("access_token", "refresh_token")]
    secrets += [hook["secret"], key.get("key") or key["secret"]]
    responses += [
        request("POST", "/api/v1/auth/login", json={"email": "ada@example.org", "password": "wrong-" + PASSWORD}).text,
        request("POST", "/api/v1/auth/register", json={"email": "nonsense", "password": PASSWORD}).text,
        request("POST", "/api/v1/auth/refresh", json={"refresh_token": again["refresh_token"]}).text,
        request("GET", "/list", secrets[-1]).text,
        request("GET", "/list", token + "x").text,
        request("GET", "/api/v1/webhooks", token).text,
        request("GET", "/api/v1/api-keys", token).text,
        request("POST", "/upload", token, files={"file": ("a.mp4", b"nonsense")}).text,
        request("GET", "/metrics", SECRETS["METRICS_TOKEN"]).text,
    ]
    for path in (
        "/health",
        "/openapi.json",
        "/admin/settings",
        "/admin/email/config",
        "/admin/users",
        "/admin/audit",
        "/admin/logs",
        "/worker-health",
    ):
        responses.append(request("GET", path, static).text)
    responses.append(request("POST", "/admin/email/test", static, json={}).text)
    return secrets
