"""Make every documented call of the five systems that Lectern replaces, and check statuses and fields.

    python -m scripts.census http://host:port --email admin@example.org --password ... --worker-key ...

The account must be a super admin; a user is registered for the other calls, and all that they create is deleted with it. A call works as
documented, or differs as docs/compatibility.md says, or is not built.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import requests

from scripts.census_calls import BATCHES, NOT_BUILT, WORKS, Account, Call, call

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
_PASSWORD = "correct horse battery"
_MAX_WAIT_S = 300
_PNG = bytes.fromhex(  # one pixel
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cfc0f01f00050001ff89993d1d0000000049454e44ae426082"
)


class Census:
    """`problems` lists the calls whose response differs from the table."""

    def __init__(self, url: str, admin_token: str, worker_key: str, share_urls: Sequence[str] = ()) -> None:
        self.url, self.calls, self.problems = url.rstrip("/"), 0, list[str]()
        self._names: dict[str, Any] = {"name": f"census-{uuid.uuid4().hex[:8]}"}
        self._share_urls = share_urls
        self._tokens: dict[Account, str] = {"admin": admin_token, "worker": worker_key}

    def run(self) -> None:
        self._register()
        self._names |= self._upload("first")
        self._names["second_video"] = self._upload_in_chunks()
        self._upload_directly()
        self._upload_for_film_studio()
        for each in WORKS:
            self._check(each)
        for share_url in self._share_urls:
            self._names["share"] = share_url
            self._import_share()
        for line in NOT_BUILT:
            self._check_absent(line)
        self._check(call("DELETE /admin/users/{new_admin}", "message", account="admin"))
        self._check(call("DELETE /admin/users/{second_user}", "message", account="admin"))
        self._check(call("DELETE /admin/users/{user}", "message", account="admin"))

    def _request(self, method: str, path: str, account: Account = "user", **options: Any) -> requests.Response:
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {self._tokens[account]}"} if account != "none" else {})
        self.calls += 1
        return requests.request(method, self.url + path, headers=headers, timeout=120, **options)

    def _expect(self, response: requests.Response, name: str, status: int, fields: Iterable[str] = ()) -> Any:
        """Return the body, or None if it is not JSON; add a problem if status or fields differ."""
        body = response.json() if "json" in response.headers.get("Content-Type", "") else None
        rows = body if isinstance(body, list) else [body or {}]
        missing = sorted({each for row in rows for each in fields if each not in row})
        if response.status_code != status or missing or (fields and body is None):
            self.problems.append(f"{name}: {response.status_code} instead of {status}, without {missing}: {response.text[:200]}")
        return body

    def _register(self) -> None:
        account = {"name": "Ada Lovelace", "email": f"{self._names['name']}-user@example.org", "password": _PASSWORD}
        response = self._request("POST", "/api/v1/auth/register", "none", json=account)
        body = self._expect(response, "POST /api/v1/auth/register", 201, ("message", "id", "user", "access_token", "refresh_token"))
        self._tokens["user"], self._names["user"] = body["access_token"], body["id"]
        response = self._request("POST", "/api/v1/auth/refresh", "none", json={"refresh_token": body["refresh_token"]})
        self._expect(response, "POST /api/v1/auth/refresh", 200, ("access_token", "refresh_token"))
        credentials = {"email": account["email"], "password": _PASSWORD}
        self._expect(self._request("POST", "/login", "none", json=credentials), "POST /login", 200, ("access_token", "is_admin"))
        response = self._request("POST", "/api/v1/auth/login", "none", data={"username": account["email"], "password": _PASSWORD})
        self._expect(response, "POST /api/v1/auth/login", 200, ("access_token", "token_type", "user"))

    def _upload(self, title: str) -> dict[str, Any]:
        """Upload a recording, wait for its documents, and return its ids."""
        files = {name: (file, (SAMPLES / file).read_bytes()) for name, file in (("file", "tiny.m4a"), ("subtitles", "tiny.srt"))}
        response = self._request("POST", "/upload", files=files, data={"formats": "txt,pdf", "title": title})
        body = self._expect(response, "POST /upload", 200, ("video_id", "message", "s3_key"))
        self._expect(self._request("POST", "/upload", data={}), "POST /upload without a file", 400, ("error",))
        deadline = time.monotonic() + _MAX_WAIT_S
        while self._request("GET", f"/status/{body['video_id']}").json()["status"] in ("in_queue", "processing"):
            if time.monotonic() > deadline:
                raise TimeoutError("The recording was not converted.")
            time.sleep(0.5)
        return {"video": body["video_id"], "job": body["job_id"], "s3_key": body["s3_key"]}

    def _upload_directly(self) -> None:
        """Send a recording as clients of Thakii's worker service do."""
        fields = ("video_id", "status", "message", "filename", "size", "created_at", "note", "check_status")
        files = {"video": ("tiny.m4a", (SAMPLES / "tiny.m4a").read_bytes()), "subtitles": ("tiny.srt", (SAMPLES / "tiny.srt").read_bytes())}
        body = self._expect(self._request("POST", "/generate-pdf", files=files), "POST /generate-pdf", 201, fields)
        self._expect(self._request("POST", f"/cancel/{body['video_id']}", json={}), "POST /cancel", 200, ("message",))

    def _upload_for_film_studio(self) -> None:
        """Send files as AI Film Studio's client does, and to its path for footage."""
        picture = {"file": ("leaf.png", _PNG)}
        response = self._request("POST", "/api/v1/upload", files=picture, data={"folder": "thumbnails"})
        body = self._expect(response, "POST /api/v1/upload", 200, ("url", "file_id", "folder"))
        self._expect(self._request("DELETE", f"/api/v1/files/{body['file_id']}"), "DELETE /api/v1/files/ID", 200, ("message",))
        self._expect(self._request("POST", "/api/v1/upload", data={}), "POST /api/v1/upload without a file", 400, ("error", "message"))
        footage = {name: (file, (SAMPLES / file).read_bytes()) for name, file in (("file", "tiny.m4a"), ("subtitles", "tiny.srt"))}
        response = self._request("POST", "/api/v1/production/upload-footage", files=footage)
        body = self._expect(response, "POST /api/v1/production/upload-footage", 200, ("url", "recording_id", "job_id"))
        self._expect(self._request("POST", f"/cancel/{body['recording_id']}", json={}), "POST /cancel", 200, ("message",))

    def _upload_in_chunks(self) -> str:
        file_id = f"chunked-{uuid.uuid4().hex}"
        form = {"chunk_index": "0", "total_chunks": "1", "file_id": file_id, "original_filename": "tiny.m4a"}
        response = self._request("POST", "/upload-chunk", data=form, files={"chunk": ("blob", (SAMPLES / "tiny.m4a").read_bytes())})
        self._expect(response, "POST /upload-chunk", 200, ("chunk_index", "total_chunks", "file_id", "chunk_size", "message"))
        payload = {"file_id": file_id, "total_chunks": 1, "original_filename": "tiny.m4a"}
        response = self._request("POST", "/assemble-file", json=payload)
        body = self._expect(response, "POST /assemble-file", 200, ("video_id", "message", "s3_key", "total_size"))
        self._expect(self._request("POST", f"/cancel/{body['video_id']}", json={}), "POST /cancel", 200, ("message",))
        return str(body["video_id"])

    def _import_share(self) -> None:
        listing = self._request("POST", "/batch-import/list-videos", json={"share_url": self._names["share"]}).json()
        self._names["shared_video"] = (listing.get("videos") or [{"name": ""}])[0]["name"]
        for each in BATCHES:
            self._check(each)

    def _check(self, each: Call) -> None:
        options = {} if each.json is None else {"json": json.loads(_fill(json.dumps(dict(each.json)), self._names))}
        response = self._request(each.method, _fill(each.path, self._names), each.account, **options)
        body = self._expect(response, f"{each.method} {each.path}", each.status, each.fields)
        if each.is_list and not (isinstance(body, list) and body):
            self.problems.append(f"{each.method} {each.path}: not a bare array with rows")
        for name, path in each.learns.items():
            self._names[name] = _value_at(body, path)

    def _check_absent(self, line: str) -> None:
        method, path = line.split(" ")
        response = self._request(method, path, "admin", json={} if method != "GET" else None)
        if response.status_code not in (404, 405):
            self.problems.append(f"{line}: {response.status_code}, although it is listed as absent")


def _fill(text: str, names: Mapping[str, Any]) -> str:
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def _value_at(body: Any, path: str) -> Any:
    for name in path.split("."):
        body = body[int(name)] if isinstance(body, list) else (body or {}).get(name)
    return body


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--email", required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--worker-key", required=True)
    parser.add_argument(
        "--share-url", action="append", default=[], help="a share, playlist or feed with recordings, for the calls of batch imports"
    )
    arguments = parser.parse_args()
    credentials = {"email": arguments.email, "password": arguments.password}
    response = requests.post(f"{arguments.url.rstrip('/')}/login", json=credentials, timeout=60)
    response.raise_for_status()
    census = Census(arguments.url, response.json()["access_token"], arguments.worker_key, arguments.share_url)
    census.run()
    print(*census.problems, f"{census.calls} calls, {len(census.problems)} problems.", sep="\n")
    return 1 if census.problems else 0


if __name__ == "__main__":
    sys.exit(main())
