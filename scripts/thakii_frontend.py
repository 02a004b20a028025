"""Thakii's frontend, call by call: logs in, uploads whole and in chunks, lists, watches, cancels, downloads, opens the admin pages.

    python -m scripts.thakii_frontend http://host:port --email you@example.org --password ...
    python -m scripts.thakii_frontend http://host:port --id-token FIREBASE_ID_TOKEN

Each call is sent as that client sends it, and each answer is asked for what that client reads. What is uploaded is deleted again.
The admin pages are opened where the account is an admin's. `--quick` waits for no conversion.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

import requests

SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "tiny.mp4"
CHUNK_BYTES = 50 * 1024 * 1024
FINAL = ("completed", "failed", "cancelled")


class Surprise(Exception):
    """An answer that this client could not go on with."""


class Frontend:
    def __init__(self, url: str) -> None:
        self.url, self.http, self.calls = url.rstrip("/"), requests.Session(), 0

    def ask(self, method: str, path: str, *needs: str, status: int = 200, **kwargs: Any) -> Any:
        """The answer's JSON, in which `needs` stand. Raises Surprise."""
        response = self.http.request(method, self.url + path, timeout=kwargs.pop("timeout", 300), **kwargs)
        said = response.json()
        missing = [name for name in needs if name not in said]
        if response.status_code != status or missing:
            raise Surprise(f"{method} {path}: {response.status_code}, missing {missing}: {response.text[:500]}")
        self.calls += 1
        print(f"ok    {method:<7}{path:<60} {status}")
        return said

    def rows(self, path: str, *needs: str) -> list[dict[str, Any]]:
        """A bare array, whose rows have these fields."""
        found = self.ask("GET", path)
        if not isinstance(found, list) or any(set(needs) - row.keys() for row in found):
            raise Surprise(f"GET {path}: no array of {needs}: {str(found)[:500]}")
        return found

    def log_in(self, id_token: str, email: str, password: str) -> dict[str, Any]:
        """With a Firebase ID token and an empty body, as the frontend does; or by password. -> the token's payload."""
        self.ask("GET", "/health", "service", "status", "database", "storage", "timestamp")
        given: dict[str, Any] = {"headers": {"Authorization": f"Bearer {id_token}"}} if id_token else {"json": {"email": email}}
        if not id_token:
            given["json"]["password"] = password
        told = self.ask("POST", "/auth/login", "success", "backend_token", "user", timeout=120, **given)
        payload = _payload(told["backend_token"])
        if not told["success"] or {"user_id", "email", "is_admin", "exp"} - payload.keys() or payload["exp"] < time.time():
            raise Surprise(f"POST /auth/login: {told}, {payload}")
        if (told["user"]["email"], told["user"]["is_admin"]) != (payload["email"], payload["is_admin"]):
            raise Surprise("the token says something else than the answer")
        self.http.headers["Authorization"] = f"Bearer {told['backend_token']}"
        return payload

    def upload(self, path: Path) -> str:
        with path.open("rb") as file:
            told = self.ask("POST", "/upload", "video_id", files={"file": (path.name, file, "video/mp4")}, timeout=1800)
        return str(told["video_id"])

    def upload_in_chunks(self, path: Path, chunk_bytes: int) -> str:
        """One after the other; then they are put together."""
        file_id = f"chunked-{int(time.time() * 1000)}-{random.randrange(36**9):x}"
        total = -(-path.stat().st_size // chunk_bytes)
        with path.open("rb") as file:
            for index in range(total):
                fields = {"chunk_index": str(index), "total_chunks": str(total), "file_id": file_id, "original_filename": path.name}
                chunk = {"chunk": ("blob", file.read(chunk_bytes), "application/octet-stream")}
                self.ask("POST", "/upload-chunk", "chunk_index", data=fields, files=chunk)
        named = {"file_id": file_id, "total_chunks": total, "original_filename": path.name}
        return str(self.ask("POST", "/assemble-file", "video_id", json=named, timeout=600)["video_id"])

    def listed(self, video_id: str) -> dict[str, Any]:
        """The row of the list."""
        told = self.ask("GET", "/list", "videos", "total")
        row: dict[str, Any] = next(each for each in told["videos"] if each["video_id"] == video_id)
        missing = {
            "video_id",
            "filename",
            "status",
            "upload_date",
            "progress_percent",
            "updated_at",
            "created_at",
            "user_email",
        } - row.keys()
        if missing:
            raise Surprise(f"GET /list: rows without {missing}")
        return row

    def watch(self, video_id: str, every_s: float = 1.0) -> str:
        """Asks until the job has ended (the frontend asks every 30 s); -> the status."""
        while True:
            status = str(self.ask("GET", f"/status/{video_id}", "video_id", "filename", "status", "upload_date", "user_email")["status"])
            if status in FINAL:
                return status
            time.sleep(every_s)

    def download(self, video_id: str) -> None:
        """The link opens by itself, as that of <a download> has to."""
        told = self.ask("GET", f"/download/{video_id}", "download_url", "filename")
        opened = requests.get(told["download_url"], timeout=60)
        if not (opened.ok and opened.content.startswith(b"%PDF")):
            raise Surprise(f"{told['download_url']}: {opened.status_code}")

    def cancel(self, video_id: str, *, delete: bool = False) -> str:
        body = {"reason": "user_cancelled", "cleanup_completed": delete}
        return str(self.ask("POST", f"/cancel/{video_id}", "message", json=body)["message"])

    def admin_pages(self, *, is_super_admin: bool) -> None:
        self.rows("/admin/videos", "id", "video_name", "user_email", "status", "date")
        self.ask("GET", "/admin/stats", "totalUsers", "totalVideos", "totalPDFs", "activeProcessing", "inQueue", "failed")
        self.ask("GET", "/worker-health", "worker_status", "worker_url", "timestamp")
        self.ask("POST", "/admin/test-notification", "message", "result", json={"type": "video_update"})
        self.servers_page()
        self.rows("/admin/admins", "id", "email", "role", "status", "is_super_admin", "added_by", "last_login", "login_count", "created_at")
        self.ask("GET", "/admin/admins/stats", "total_admins", "active_admins", "super_admins", "removed_admins", "recent_logins")
        if is_super_admin:
            self.admins_page()

    def servers_page(self) -> None:
        named = {"name": f"frontend-{int(time.time())}", "type": "testing", "description": "Registered by a script"}
        self.ask("POST", "/admin/servers", "success", "error", status=422, json={**named, "url": "ftp://nowhere"})
        made = self.http.post(f"{self.url}/admin/servers", json={**named, "url": self.url}, timeout=60)
        if made.ok:  # a private address is refused unless SERVERS_ALLOW_PRIVATE is set
            path = f"/admin/servers/{made.json()['server']['id']}"
            self.ask("PUT", path, "success", "server", "message", json={"description": "Changed by a script", "status": "inactive"})
            self.ask("POST", "/admin/servers/health-check", "total_servers", "healthy_servers", "unhealthy_servers", "timestamp")
        self.rows("/admin/servers", "id", "name", "url", "type", "status", "description", "health_status")
        if made.ok:
            self.ask("DELETE", path, "success", "message")

    def admins_page(self) -> None:
        email = f"frontend-{int(time.time())}@example.org"
        made = self.ask("POST", "/admin/admins", "success", "admin", "message", json={"email": email, "role": "admin", "description": "x"})
        path = f"/admin/admins/{made['admin']['id']}"
        self.ask("PUT", path, "success", "admin", "message", json={"description": "Changed by a script"})
        self.ask("DELETE", path, "success", "message")
        self.ask("DELETE", f"/admin/users/{made['admin']['id']}", "message")


def _payload(token: str) -> dict[str, Any]:
    """What the frontend reads out of a JWT, without verifying anything."""
    part = token.split(".")[1]
    payload: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return payload


def run(url: str, *, id_token: str = "", email: str = "", password: str = "", quick: bool = False, chunk_bytes: int = CHUNK_BYTES) -> int:
    """-> how many calls were answered as the frontend needs it. Raises Surprise."""
    client = Frontend(url)
    who = client.log_in(id_token, email, password)
    role = client.ask("GET", "/api/v1/auth/me", "role")["role"]
    whole = client.upload(SAMPLE)
    client.listed(whole)
    if quick:
        client.cancel(whole)
    elif client.watch(whole) != "completed":
        raise Surprise(f"the conversion ended as {client.listed(whole)}")
    else:
        client.download(whole)
    pieces = client.upload_in_chunks(SAMPLE, chunk_bytes)
    client.listed(pieces)
    client.cancel(pieces)
    client.watch(pieces)
    client.cancel(pieces, delete=True)
    if who["is_admin"]:
        client.admin_pages(is_super_admin=role == "super_admin")
        client.watch(whole)
        client.ask("DELETE", f"/admin/videos/{whole}", "message")
    else:
        client.watch(whole)
        client.cancel(whole, delete=True)
    client.ask("GET", f"/status/{whole}", "error", status=404)
    return client.calls


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--email", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("--id-token", default="")
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    try:
        calls = run(asked.url, id_token=asked.id_token, email=asked.email, password=asked.password, quick=asked.quick)
    except Surprise as surprise:
        print(f"FAIL  {surprise}")
        return 1
    print(f"{calls} calls, all answered as the frontend needs it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
