"""`python -m scripts.screenshots`: take the pictures of the page in docs/images/ again; `--all FOLDER`: every page at four widths."""

from __future__ import annotations

import argparse
import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from scripts.client import Client
from scripts.program import PROJECT
from scripts.server import Server

_IMAGES = PROJECT / "docs" / "images"
_EMAIL, _PASSWORD = "ada@example.org", "correct horse battery"
_HEIGHTS = {320: 640, 390: 844, 1280: 800, 2560: 1440}
_MAX_BYTES = 60_000
_Scheme = Literal["light", "dark"]
_SCHEMES: tuple[_Scheme, ...] = ("light", "dark")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.screenshots", description=__doc__)
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="write every page at every width there, in both colour schemes")
    folder: Path | None = parser.parse_args().all
    with tempfile.TemporaryDirectory(prefix="lectern-screenshots-") as data, Server(Path(data)) as server, sync_playwright() as playwright:
        recording_id = _fill(server)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium-headless-shell"), args=["--no-sandbox", "--disable-gpu"]
        )
        if folder is None:
            _take_documentation(browser, server.url, recording_id)
        else:
            _take_all(browser, server.url, recording_id, folder)
        browser.close()
    return 0


def _fill(server: Server) -> str:
    """Create an administrator with two converted recordings; return the id of the sample lecture."""
    environment = {**os.environ, "DATA_DIR": str(server.data_dir)}
    command = [sys.executable, "-m", "flask", "admin", "create", _EMAIL, "--password", _PASSWORD]
    subprocess.run(command, cwd=PROJECT, env=environment, check=True, stdout=subprocess.DEVNULL)
    client = Client(server.url)
    token = client.call("POST", "/api/v1/auth/login", json={"email": _EMAIL, "password": _PASSWORD})["access_token"]
    client.http.headers["Authorization"] = f"Bearer {token}"
    ids = [_upload(client, name) for name in ("tiny", "lecture")]
    for recording_id in ids:
        client.wait(recording_id)
    return ids[-1]


def _upload(client: Client, name: str) -> str:
    samples = PROJECT / "samples"
    with (samples / f"{name}.mp4").open("rb") as video, (samples / f"{name}.srt").open("rb") as subtitles:
        files = {"file": (f"{name}.mp4", video), "subtitles": (f"{name}.srt", subtitles)}
        return str(client.call("POST", "/upload", files=files, data={"language": "en"}, timeout=300)["video_id"])


def _take_documentation(browser: Browser, url: str, recording_id: str) -> None:
    pictures: dict[str, tuple[int, str, Callable[[Page], None]]] = {
        "library": (1280, "/", _wait_for_posters),
        "recording": (1280, f"/recordings/{recording_id}?t=20", _wait_for_transcript),
        "recording-phone": (390, f"/recordings/{recording_id}?t=0", _wait_for_transcript),
        "correct-slides": (1280, f"/recordings/{recording_id}?t=20", _open_slide_editor),
        "administration": (1280, "/admin", lambda page: page.get_by_role("img", name="jobs succeeded").wait_for()),
    }
    for name, (width, path, prepare) in pictures.items():
        with _page(browser, url, width, "light") as page:
            page.goto(url + path)
            prepare(page)
            picture = Image.open(io.BytesIO(page.screenshot()))
            _save_small(picture, _IMAGES / f"{name}.webp")


def _take_all(browser: Browser, url: str, recording_id: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    administration = [
        f"/admin#{part}" for part in ("users", "credits", "recordings", "errors", "prompts", "mail", "settings", "servers", "audit")
    ]
    paths = [
        "/",
        f"/recordings/{recording_id}",
        "/lessons",
        "/projects",
        "/courses",
        "/slides",
        "/account",
        "/nowhere",
        "/admin",
        *administration,
    ]
    for width in _HEIGHTS:
        for scheme in _SCHEMES:
            for path in paths:
                with _page(browser, url, width, scheme) as page:
                    page.goto(url + path)
                    page.wait_for_timeout(1500)
                    name = path.replace(recording_id, "ID").strip("/").replace("/", "-").replace("#", "-") or "library"
                    page.screenshot(path=folder / f"{name}-{width}-{scheme}.png")


@contextmanager
def _page(browser: Browser, url: str, width: int, scheme: _Scheme) -> Iterator[Page]:
    viewport: ViewportSize = {"width": width, "height": _HEIGHTS[width]}
    context = browser.new_context(viewport=viewport, color_scheme=scheme, locale="en-GB", reduced_motion="reduce")
    account = {"email": _EMAIL, "password": _PASSWORD}
    context.request.post(f"{url}/api/v1/auth/login", data=account, headers={"Origin": url})
    yield context.new_page()
    context.close()


def _wait_for_posters(page: Page) -> None:
    page.wait_for_function("() => [...document.querySelectorAll('.poster img')].filter((image) => image.naturalWidth > 0).length === 2")


def _wait_for_transcript(page: Page) -> None:
    page.locator(".segment[aria-current]").wait_for()
    page.wait_for_function("() => document.querySelector('video').readyState >= 2")
    page.wait_for_function("() => [...document.querySelectorAll('.slide img')].some((image) => image.naturalWidth > 0)")
    page.wait_for_timeout(500)


def _open_slide_editor(page: Page) -> None:
    _wait_for_transcript(page)
    page.get_by_role("tab", name="Slides").click()
    page.get_by_role("button", name="Correct the slides").click()
    page.get_by_role("button", name="Crop: Slide 1").wait_for()
    page.wait_for_timeout(1000)


def _save_small(picture: Image.Image, path: Path) -> None:
    """Save it as WebP, in the best quality that has at most `_MAX_BYTES`."""
    for quality in range(90, 30, -5):
        picture.convert("RGB").save(path, "WEBP", quality=quality, method=6)
        if path.stat().st_size <= _MAX_BYTES:
            return


if __name__ == "__main__":
    sys.exit(main())
