"""No secret that a server was given or gave out stands in its log, in an answer that does not hand it over, or in its settings page."""

from __future__ import annotations

from pathlib import Path

import requests

from scripts.server import Server
from tests.conftest import PASSWORD

GIVEN = {
    "JWT_SECRET_KEY": "signing-key-0123456789-0123456789-0123456789",
    "STATIC_BEARER_TOKEN": "static-token-0123456789",
    "METRICS_TOKEN": "metrics-token-0123456789",
    "SMTP_PASSWORD": "smtp-password-0123456789",
    "AWS_SECRET_ACCESS_KEY": "aws-secret-0123456789",
}


def test_a_server_at_its_most_talkative_keeps_its_secrets(migrated_data_dir: Path) -> None:
    settings = {**GIVEN, "LOG_LEVEL": "DEBUG", "SMTP_HOST": "127.0.0.1", "SMTP_FROM": "l@example.org", "STATIC_BEARER_IS_ADMIN": "true"}
    said: list[str] = []
    with Server(migrated_data_dir, settings) as server:
        gave = _use(server.url, said)
    log = server.log_file.read_text()
    assert "/api/v1/auth/login" in log  # it did talk
    for secret in {*GIVEN.values(), *gave, PASSWORD, "wrong-" + PASSWORD}:
        assert secret not in log, secret[:12]
        assert not any(secret in text for text in said), secret[:12]


def _use(url: str, said: list[str]) -> list[str]:
    """Log in, fail to, upload nonsense, ask as admin, open links; -> the secrets that were handed out. `said`: all other answers."""
    session = requests.Session()
    session.trust_env = False

    def ask(method: str, path: str, token: str = "", **body: object) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = session.request(method, url + path, headers=headers, timeout=60, allow_redirects=False, cookies={}, **body)
        session.cookies.clear()
        return answer

    entered = ask("POST", "/api/v1/auth/register", json={"email": "ada@example.org", "password": PASSWORD}).json()
    again = ask("POST", "/api/v1/auth/login", json={"email": "ada@example.org", "password": PASSWORD}).json()
    renewed = ask("POST", "/api/v1/auth/refresh", json={"refresh_token": again["refresh_token"]}).json()
    token, static = entered["access_token"], GIVEN["STATIC_BEARER_TOKEN"]
    hook = ask("POST", "/api/v1/webhooks", token, json={"url": "https://93.184.215.14/x"}).json()
    key = ask("POST", "/api/v1/api-keys", token, json={"name": "k", "scopes": ["content:read"]}).json()
    gave = [each[name] for each in (entered, again, renewed) for name in ("access_token", "refresh_token")]
    gave += [hook["secret"], key.get("key") or key["secret"]]
    said += [
        ask("POST", "/api/v1/auth/login", json={"email": "ada@example.org", "password": "wrong-" + PASSWORD}).text,
        ask("POST", "/api/v1/auth/register", json={"email": "nonsense", "password": PASSWORD}).text,
        ask("POST", "/api/v1/auth/refresh", json={"refresh_token": again["refresh_token"]}).text,
        ask("GET", "/list", gave[-1]).text,
        ask("GET", "/list", token + "x").text,
        ask("GET", "/api/v1/webhooks", token).text,
        ask("GET", "/api/v1/api-keys", token).text,
        ask("POST", "/upload", token, files={"file": ("a.mp4", b"nonsense")}).text,
        ask("GET", "/metrics", GIVEN["METRICS_TOKEN"]).text,
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
        said.append(ask("GET", path, static).text)
    said.append(ask("POST", "/admin/email/test", static, json={}).text)
    return gave
