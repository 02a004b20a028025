"""Replay the calls of Thakii's frontend: log in, upload whole and in chunks, list, poll, cancel, download, open the admin pages.

    python -m scripts.thakii_frontend http://host:port --email you@example.org --password ...
    python -m scripts.thakii_frontend http://host:port --id-token FIREBASE_ID_TOKEN --origin https://app.example.org

Each call is sent as that client sends it, headers included, and each response is checked for the fields that it reads: it logs in three
times when it is opened, with an empty body that is announced as JSON. Uploads are deleted at the end.
The admin pages are opened if the account is an admin. `--quick` does not wait for conversions. With `--origin`, which ALLOWED_ORIGINS of
the server must contain, calls are sent from a page of another host: with a preflight where a browser sends one, and only responses that the
browser would show to the page count.
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
LOG_INS = 3  # each time that the page is opened
BROWSER_HEADERS = {
    "Accept": "application/json, text/plain, */*",
    "Accept-Language": "en-US,en;q=0.9",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Sec-Fetch-Mode": "cors",
    "Sec-Fetch-Dest": "empty",
}
_EMPTY_JSON: dict[str, Any] = {"data": b"", "headers": {"Content-Type": "application/json"}}
_LIST_FIELDS = {
    *("video_id", "filename", "status", "upload_date", "progress_percent", "updated_at", "created_at", "user_email"),
    *("cancelled", "cancelled_by", "cancelled_at", "cancellation_reason"),
}


class UnexpectedResponse(Exception):
    """A response that this client can't use."""


class Frontend:
    def __init__(self, url: str, origin: str = "") -> None:
        self.url, self.http, self.calls, self.origin = url.rstrip("/"), requests.Session(), 0, origin
        self.http.headers.update({**BROWSER_HEADERS, "Sec-Fetch-Site": "cross-site" if origin else "same-origin"})
        if origin:
            self.http.headers["Origin"] = origin

    def call(self, method: str, path: str, *fields: str, status: int = 200, **kwargs: Any) -> Any:
        """Return the response's JSON, which must have `fields`. Raises UnexpectedResponse."""
        if self.origin:
            self._preflight(method, path, kwargs)
        response = self.http.request(method, self.url + path, timeout=kwargs.pop("timeout", 300), **kwargs)
        self._check_cors(response, f"{method} {path}")
        body = response.json()
        missing = [name for name in fields if name not in body]
        if response.status_code != status or missing:
            raise UnexpectedResponse(f"{method} {path}: {response.status_code}, missing {missing}: {response.text[:500]}")
        self.calls += 1
        print(f"ok    {method:<7}{path:<60} {status}")
        return body

    def _preflight(self, method: str, path: str, options: dict[str, Any]) -> None:
        """Ask for permission as a browser does before a request that a form could not send (Fetch standard, CORS-preflight fetch)."""
        names = {name.lower() for name in options.get("headers", {})} | ({"content-type"} if "json" in options else set())
        names |= {"authorization"} if "Authorization" in self.http.headers else set()
        if method in ("GET", "POST") and not names:
            return
        preflight_headers = {
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": ",".join(sorted(names)),
            "Authorization": None,
        }
        response = self.http.options(self.url + path, headers=preflight_headers, timeout=60)  # type: ignore[arg-type]
        self._check_cors(response, f"OPTIONS {path}")
        allowed_headers = {name.strip().lower() for name in response.headers.get("Access-Control-Allow-Headers", "").split(",")}
        methods = response.headers.get("Access-Control-Allow-Methods", "")
        if not response.ok or names - allowed_headers or (method not in methods and method not in ("GET", "POST")):
            raise UnexpectedResponse(
                f"OPTIONS {path}: {response.status_code}, headers {sorted(names - allowed_headers)}, methods {methods}"
            )

    def _check_cors(self, response: requests.Response, call: str) -> None:
        allowed_origin = response.headers.get("Access-Control-Allow-Origin", "")
        if self.origin and allowed_origin not in (self.origin, "*"):
            raise UnexpectedResponse(
                f"{call}: a browser hides the response from {self.origin}: Access-Control-Allow-Origin is {allowed_origin!r}"
            )

    def rows(self, path: str, *fields: str) -> list[dict[str, Any]]:
        """Return a bare array whose rows have these fields."""
        rows = self.call("GET", path)
        if not isinstance(rows, list) or any(set(fields) - row.keys() for row in rows):
            raise UnexpectedResponse(f"GET {path}: no array of {fields}: {str(rows)[:500]}")
        return rows

    def log_in(self, id_token: str, email: str, password: str) -> dict[str, Any]:
        """Log in with a Firebase ID token and an empty body, like the frontend, or by password. Returns the token's payload."""
        self.call("GET", "/health", "service", "status", "database", "storage", "timestamp")
        if id_token:
            headers = {"Authorization": f"Bearer {id_token}", **_EMPTY_JSON["headers"]}
            credentials: dict[str, Any] = {**_EMPTY_JSON, "headers": headers}
        else:
            credentials = {"json": {"email": email, "password": password}}
        for _ in range(LOG_INS):
            body = self.call("POST", "/auth/login", "success", "backend_token", "user", timeout=120, **credentials)
        payload = _payload(body["backend_token"])
        if not body["success"] or {"user_id", "email", "is_admin", "exp"} - payload.keys() or payload["exp"] < time.time():
            raise UnexpectedResponse(f"POST /auth/login: {body}, {payload}")
        if (body["user"]["email"], body["user"]["is_admin"]) != (payload["email"], payload["is_admin"]):
            raise UnexpectedResponse("token and response disagree")
        self.http.headers["Authorization"] = f"Bearer {body['backend_token']}"
        return payload

    def upload(self, path: Path) -> str:
        with path.open("rb") as file:
            body = self.call("POST", "/upload", "video_id", files={"file": (path.name, file, "video/mp4")}, timeout=1800)
        return str(body["video_id"])

    def upload_in_chunks(self, path: Path, chunk_bytes: int) -> str:
        """Send the chunks in order, then assemble them."""
        file_id = f"chunked-{int(time.time() * 1000)}-{random.randrange(36**9):x}"
        total = -(-path.stat().st_size // chunk_bytes)
        with path.open("rb") as file:
            for index in range(total):
                form = {"chunk_index": str(index), "total_chunks": str(total), "file_id": file_id, "original_filename": path.name}
                chunk = {"chunk": ("blob", file.read(chunk_bytes), "application/octet-stream")}
                self.call("POST", "/upload-chunk", "chunk_index", data=form, files=chunk)
        payload = {"file_id": file_id, "total_chunks": total, "original_filename": path.name}
        return str(self.call("POST", "/assemble-file", "video_id", json=payload, timeout=600)["video_id"])

    def list_row(self, video_id: str) -> dict[str, Any]:
        """Return a recording's row of the list."""
        body = self.call("GET", "/list", "videos", "total")
        row: dict[str, Any] = next(each for each in body["videos"] if each["video_id"] == video_id)
        missing = _LIST_FIELDS - row.keys()
        if missing:
            raise UnexpectedResponse(f"GET /list: rows without {missing}")
        return row

    def watch(self, video_id: str, every_s: float = 1.0) -> str:
        """Poll until the job has ended (the frontend polls every 30 s). Returns the status."""
        while True:
            status = str(self.call("GET", f"/status/{video_id}", "video_id", "filename", "status", "upload_date", "user_email")["status"])
            if status in FINAL:
                return status
            time.sleep(every_s)

    def download(self, video_id: str) -> None:
        """Open the download link without a header, like <a download>."""
        body = self.call("GET", f"/download/{video_id}", "download_url", "filename")
        download = requests.get(body["download_url"], timeout=60)
        if not (download.ok and download.content.startswith(b"%PDF")):
            raise UnexpectedResponse(f"{body['download_url']}: {download.status_code}")
        if not download.headers["Content-Disposition"].startswith("attachment"):
            raise UnexpectedResponse(f"{body['download_url']} would replace the page: {download.headers['Content-Disposition']}")

    def check_text(self, video_id: str) -> None:
        """Download a text and check its type."""
        response = self.http.get(f"{self.url}/download/txt/{video_id}", timeout=60)
        if response.headers["Content-Type"].count("charset") != 1:
            raise UnexpectedResponse(f"/download/txt: Content-Type: {response.headers['Content-Type']}")

    def cancel(self, video_id: str, *, delete: bool = False) -> str:
        body = {"reason": "user_cancelled", "cleanup_completed": delete}
        return str(self.call("POST", f"/cancel/{video_id}", "message", json=body)["message"])

    def admin_pages(self, *, is_super_admin: bool) -> None:
        self.rows("/admin/videos", "id", "video_name", "user_email", "status", "date")
        self.call("GET", "/admin/stats", "totalUsers", "totalVideos", "totalPDFs", "activeProcessing", "inQueue", "failed")
        self.call("GET", "/worker-health", "worker_status", "worker_url", "timestamp")
        self.call("POST", "/admin/test-notification", "message", "result", json={"type": "video_update"})
        self.call("POST", "/admin/test-notification", "message", "result", **_EMPTY_JSON)
        self.call("POST", "/admin/videos/requeue-stuck", "message", **_EMPTY_JSON)
        self.servers_page()
        self.rows("/admin/admins", "id", "email", "role", "status", "is_super_admin", "added_by", "last_login", "login_count", "created_at")
        self.call("GET", "/admin/admins/stats", "total_admins", "active_admins", "super_admins", "removed_admins", "recent_logins")
        if is_super_admin:
            self.admins_page()

    def servers_page(self) -> None:
        server = {"name": f"frontend-{int(time.time())}", "type": "testing", "description": "Registered by a script"}
        self.call("POST", "/admin/servers", "success", "error", status=400, json={**server, "url": "ftp://nowhere"})
        response = self.http.post(f"{self.url}/admin/servers", json={**server, "url": self.url}, timeout=60)
        if response.ok:  # a private address is refused unless SERVERS_ALLOW_PRIVATE is set
            path = f"/admin/servers/{response.json()['server']['id']}"
            if response.json()["server"]["health_status"] is not None:
                raise UnexpectedResponse("a server that was never checked has a health status")
            self.call("POST", "/admin/servers", "success", "error", status=400, json={**server, "url": self.url})
            self.call("PUT", path, "success", "server", "message", json={"description": "Changed by a script", "status": "inactive"})
            self.call("POST", "/admin/servers/health-check", "total_servers", "healthy_servers", "unhealthy_servers", "timestamp")
        self.rows("/admin/servers", "id", "name", "url", "type", "status", "description", "health_status")
        if response.ok:
            self.call("DELETE", path, "success", "message")

    def admins_page(self) -> None:
        email = f"frontend-{int(time.time())}@example.org"
        body = self.call(
            "POST", "/admin/admins", "success", "admin", "message", json={"email": email, "role": "moderator", "description": "x"}
        )
        path = f"/admin/admins/{body['admin']['id']}"
        self.call("PUT", path, "success", "admin", "message", json={"description": "Changed by a script"})
        self.call("DELETE", path, "success", "message")
        if not any(row["email"] == email and row["status"] == "removed" for row in self.rows("/admin/admins", "id", "email", "status")):
            raise UnexpectedResponse("a removed admin is not listed as removed")
        self.call("DELETE", f"/admin/users/{body['admin']['id']}", "message")


def _payload(token: str) -> dict[str, Any]:
    """Decode a JWT without verifying it, like the frontend."""
    part = token.split(".")[1]
    payload: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return payload


def run(
    url: str,
    *,
    id_token: str = "",
    email: str = "",
    password: str = "",
    quick: bool = False,
    chunk_bytes: int = CHUNK_BYTES,
    origin: str = "",
) -> int:
    """Replay all calls and return their number. Raises UnexpectedResponse."""
    client = Frontend(url, origin)
    account = client.log_in(id_token, email, password)
    role = client.call("GET", "/api/v1/auth/me", "role")["role"]
    whole = client.upload(SAMPLE)
    client.list_row(whole)
    if quick:
        client.cancel(whole)
    elif client.watch(whole) != "completed":
        raise UnexpectedResponse(f"the conversion ended as {client.list_row(whole)}")
    else:
        client.download(whole)
        client.check_text(whole)
    video_id = client.upload_in_chunks(SAMPLE, chunk_bytes)
    client.list_row(video_id)
    client.cancel(video_id)
    client.watch(video_id)
    client.call("POST", f"/cancel/{video_id}", "message", **_EMPTY_JSON)
    client.cancel(video_id, delete=True)
    if account["is_admin"]:
        client.admin_pages(is_super_admin=role == "super_admin")
        client.watch(whole)
        client.call("DELETE", f"/admin/videos/{whole}", "message", "firestore", "s3_deletions")
    else:
        client.watch(whole)
        client.cancel(whole, delete=True)
    client.call("GET", f"/status/{whole}", "error", status=404)
    return client.calls


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--email", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("--id-token", default="")
    parser.add_argument("--origin", default="", help="origin of the page that the calls come from, if it is on another host")
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    try:
        calls = run(
            arguments.url,
            id_token=arguments.id_token,
            email=arguments.email,
            password=arguments.password,
            quick=arguments.quick,
            origin=arguments.origin,
        )
    except UnexpectedResponse as error:
        print(f"FAIL  {error}")
        return 1
    print(f"{calls} calls, all responses as the frontend needs them.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
