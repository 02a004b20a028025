"""Replay the calls of Ezra's client: log in, submit a link, list every few seconds until it ends, download, open the admin pages.

    python -m scripts.ezra_client http://host:port --username you --password ... --link https://...

Each call is sent as that client sends it, and each response is checked for the fields that it reads. The admin pages are opened if the
account is an admin; what they create is deactivated. The recording stays.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from typing import Any

import requests

STATUSES = (
    *("submitted", "uploading", "trimming", "waiting", "transcribing", "waiting_for_proofreading", "proofreading", "converting"),
    *("completed", "error"),
)
_FIELDS = {"id", "created_at", "updated_at", "status", "word_document_path", "txt_document_path", "audio_file_name"}


class UnexpectedResponse(Exception):
    """A response that this client can't use."""


class EzraClient:
    """`statuses`: those that were seen, each once, in their order."""

    def __init__(self, url: str) -> None:
        self.url, self.http, self.calls = url.rstrip("/"), requests.Session(), 0
        self.statuses: list[str] = []

    def call(self, method: str, path: str, *, status: int = 200, **kwargs: Any) -> requests.Response:
        """Return a response that has this status. Raises UnexpectedResponse."""
        response = self.http.request(method, self.url + path, timeout=60, **kwargs)
        if response.status_code != status:
            raise UnexpectedResponse(f"{method} {path}: {response.status_code} {response.text[:500]}")
        self.calls += 1
        return response

    def rows(self, path: str, *fields: str) -> list[dict[str, Any]]:
        """Return a bare array whose rows have these fields."""
        rows = self.call("GET", path).json()
        if not isinstance(rows, list) or any(set(fields) - row.keys() for row in rows):
            raise UnexpectedResponse(f"GET {path}: no array of {fields}: {str(rows)[:500]}")
        return rows

    def log_in(self, username: str, password: str) -> bool:
        """Log in; return whether the account is an admin."""
        body = self.call("POST", "/login", json={"username": username, "password": password}).json()
        self.http.headers["Authorization"] = f"Bearer {body['access_token']}"
        return bool(body["is_admin"])

    def submit(self, link: str, start_time: str = "", end_time: str = "") -> str:
        """Submit a link as a multipart form, as the page does. Returns the id of the transcription."""
        form = {"drive_link": link, "start_time": start_time, "end_time": end_time}
        files = {name: (None, value) for name, value in form.items() if value}
        body = self.call("POST", "/process", files=files).json()
        if body["message"] != "Transcription request is submitted":
            raise UnexpectedResponse(f"POST /process: {body}")
        return str(body["transcription_id"])

    def look(self, transcription_id: str) -> dict[str, Any]:
        """Return the row of a transcription and remember its status. Raises UnexpectedResponse for a status that goes back."""
        row = next(each for each in self.rows("/transcriptions", *_FIELDS) if each["id"] == transcription_id)
        status = row["status"]
        if status not in STATUSES or (self.statuses and STATUSES.index(status) < STATUSES.index(self.statuses[-1])):
            raise UnexpectedResponse(f"The status {status} came after {self.statuses}.")
        if not self.statuses or status != self.statuses[-1]:
            self.statuses.append(status)
        return row

    def wait(self, transcription_id: str, every_s: float = 5.0, until: Callable[[str], bool] = lambda status: False) -> str:
        """List until the transcription has ended, or `until` is true. Returns its status."""
        while True:
            status = str(self.look(transcription_id)["status"])
            if status in ("completed", "error") or until(status):
                return status
            time.sleep(every_s)

    def download(self, transcription_id: str) -> None:
        """Download both documents that the page has buttons for."""
        row = self.look(transcription_id)
        if not row["word_document_path"] or not row["txt_document_path"]:
            raise UnexpectedResponse(f"There are no documents: {row}")
        for kind in ("word", "txt"):
            response = self.call("GET", f"/download/{kind}/{transcription_id}")
            if not response.content or "attachment" not in response.headers.get("Content-Disposition", ""):
                raise UnexpectedResponse(f"GET /download/{kind}: no attachment")

    def open_admin_pages(self) -> None:
        """Open users, transcriptions, logs and statistics; add a prompt of each kind and activate it."""
        self.rows("/admin/users", "id", "username", "is_admin", "created_at", "transcription_count")
        self.rows("/admin/transcriptions", "id", "username", "status", "transcribe_prompt", "proofread_prompt", "inference_duration")
        self.rows("/admin/logs", "id", "user_id", "transcription_id", "error_message", "created_at")
        self.call("GET", "/admin/stats")
        for kind in ("transcribe", "proofread"):
            self.call("POST", f"/admin/{kind}-prompts", status=201, json={"version": f"v{time.time_ns()}", "prompt": "Write plainly."})
            newest = self.rows(f"/admin/{kind}-prompts", "id", "version", "prompt", "created_at")[0]
            self.call("POST", f"/admin/settings/active-{kind}-prompt", json={f"{kind}_prompt_id": newest["id"]})
            self.call("GET", f"/admin/settings/active-{kind}-prompt")
            self.call("POST", f"/admin/prompts/{newest['id']}/deactivate")
        self.rows("/admin/settings", "id", "setting_key", "setting_value", "description")


def run(url: str, username: str, password: str, link: str, *, start_time: str = "", end_time: str = "", every_s: float = 5.0) -> EzraClient:
    """Make all calls; return the client. Raises UnexpectedResponse."""
    client = EzraClient(url)
    is_admin = client.log_in(username, password)
    transcription_id = client.submit(link, start_time, end_time)
    status = client.wait(transcription_id, every_s)
    if status != "completed":
        raise UnexpectedResponse(f"The transcription ended with {status}.")
    client.download(transcription_id)
    if is_admin:
        client.open_admin_pages()
    return client


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("url")
    for name in ("username", "password", "link"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("start-time", "end-time"):
        parser.add_argument(f"--{name}", default="", metavar="HH:MM:SS")
    arguments = parser.parse_args()
    try:
        client = run(
            arguments.url,
            arguments.username,
            arguments.password,
            arguments.link,
            start_time=arguments.start_time,
            end_time=arguments.end_time,
        )
    except UnexpectedResponse as error:
        print(f"FAIL  {error}", file=sys.stderr)
        return 1
    print(f"{client.calls} calls, all as expected. The statuses were: {', '.join(client.statuses)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
