"""Play streams with hls.js and dash.js in a headless Chromium: seek, switch renditions, show captions, pause past the end of an address.

npm install --prefix FOLDER hls.js dashjs
.venv/bin/python -m scripts.play_streams FOLDER
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, Route, sync_playwright

from scripts.client import Client
from scripts.ffmpeg import FFMPEG
from scripts.server import Server

_LIFETIME_S = 10  # of the addresses
_DURATION_S = 60
_LIBRARIES = {"hls": "hls.js/dist/hls.min.js", "dash": "dashjs/dist/modern/umd/dash.all.min.js"}
_CAPTIONS = "1\n00:00:20,000 --> 00:00:40,000\nNow we look at the second proof.\n"

# Every request gets the newest token, which is renewed when it is about to expire: what the documentation shows.
_PAGE = """<!doctype html><title>players</title><video id="video" muted crossorigin></video><script src="/player.js"></script><script>
const video = document.getElementById("video");
let playback = null, renewedAt = 0, renewals = 0;
async function current() {
  if (Date.now() - renewedAt > (playback?.expires_in ?? 0) * 800) {
    playback = await (await fetch("/api/v1/videos/ID/playback")).json();
    renewedAt = Date.now();
    renewals += 1;
  }
  return playback;
}
const tokenOf = (url) => url.match(/\\/stream\\/([^/]+)\\//)[1];
const fresh = async (url) => url.replace(/\\/stream\\/[^/]+\\//, `/stream/${tokenOf((await current()).hls)}/`);
const errors = [];
const starters = {
  async hls() {
    const player = new Hls({
      maxBufferLength: 5, maxMaxBufferLength: 5, backBufferLength: 0,
      async xhrSetup(xhr, url) { xhr.open("GET", await fresh(url), true); },
    });
    player.on(Hls.Events.ERROR, (_, data) => data.fatal && errors.push(data.details));
    player.loadSource((await current()).hls);
    player.attachMedia(video);
    await new Promise((done) => player.on(Hls.Events.MANIFEST_PARSED, done));
    return { heights: () => player.levels.map((level) => level.height), select: (number) => { player.currentLevel = number; } };
  },
  async dash() {
    const player = dashjs.MediaPlayer().create();
    player.addRequestInterceptor(async (request) => ({ ...request, url: await fresh(request.url) }));
    const buffer = { bufferTimeDefault: 5, bufferTimeAtTopQuality: 5, bufferTimeAtTopQualityLongForm: 5, bufferToKeep: 2 };
    player.updateSettings({ streaming: { buffer } });
    player.on(dashjs.MediaPlayer.events.ERROR, (event) => errors.push(String(event.error?.message ?? event.error)));
    player.initialize(video, (await current()).dash, false);
    await new Promise((done) => player.on(dashjs.MediaPlayer.events.STREAM_INITIALIZED, done));
    const all = () => player.getRepresentationsByType("video").slice().sort((a, b) => a.height - b.height);
    return {
      heights: () => all().map((each) => each.height),
      select(number) {
        player.updateSettings({ streaming: { abr: { autoSwitchBitrate: { video: false } } } });
        player.setRepresentationForTypeById("video", all()[number].id, true);
      },
    };
  },
};
let player;
window.start = async (name) => {
  player = await starters[name]();
  const track = Object.assign(document.createElement("track"), { kind: "captions", src: (await current()).captions, default: true });
  video.append(track);
  track.track.mode = "showing";
  await video.play();
};
window.select = (number) => player.select(number);
window.state = () => ({
  time: video.currentTime, paused: video.paused, height: video.videoHeight, heights: player.heights(), renewals, errors,
  caption: [...video.textTracks].flatMap((track) => [...(track.activeCues ?? [])]).map((cue) => cue.text).join(" "),
});
</script>"""


def main(packages: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="lectern-players-") as folder, sync_playwright() as playwright:
        settings = {"SIGNED_URL_S": str(_LIFETIME_S), "PUBLIC_WITHOUT_ACCOUNT": "true"}
        with Server(Path(folder) / "data", settings) as server:
            recording_id = _prepare(Client(server.url), Path(folder))
            program = shutil.which("chromium") or shutil.which("chromium-headless-shell")
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
            for name, library in _LIBRARIES.items():
                page = browser.new_page()
                page.route("**/players-test", lambda route: route.fulfill(body=_PAGE.replace("ID", recording_id), content_type="text/html"))
                script = (packages / "node_modules" / library).read_text()
                page.route("**/player.js", _sender_of(script))
                page.goto(f"{server.url}/players-test")
                print(f"{name}: {_play(page, name)}", flush=True)
                page.close()
            browser.close()


def _sender_of(script: str) -> Callable[[Route], None]:
    """Return a handler with one parameter: Playwright passes the request as a second one, even over a default."""
    return lambda route: route.fulfill(body=script, content_type="text/javascript")


def _prepare(client: Client, folder: Path) -> str:
    """Upload a minute of 720p with captions and wait for its streams; return its id."""
    client.register()
    video = folder / "talk.mp4"
    source = ["-f", "lavfi", "-i", f"testsrc2=s=1280x720:r=25:d={_DURATION_S}", "-f", "lavfi", "-i", f"sine=d={_DURATION_S}"]
    encoders = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest"]
    subprocess.run([FFMPEG, "-v", "error", *source, *encoders, str(video)], check=True)
    files = {"file": (video.name, video.read_bytes()), "subtitles": ("talk.srt", _CAPTIONS)}
    upload = client.call("POST", "/upload", files=files, data={"formats": "vtt", "language": "en"})
    recording_id = str(upload["video_id"])
    client.wait(recording_id)
    client.call("POST", f"/api/v1/recordings/{recording_id}/streams")
    while not client.call("GET", f"/api/v1/videos/{recording_id}/playback")["hls"]:
        time.sleep(0.5)
    client.call("PATCH", f"/api/v1/recordings/{recording_id}", json={"visibility": "PUBLIC"})
    return recording_id


def _play(page: Page, name: str) -> str:
    """Play, and return what was seen. Raises TimeoutError if a step does not happen."""
    page.evaluate("(name) => window.start(name)", name)
    _until(page, "state.time > 1")
    page.evaluate("document.getElementById('video').currentTime = 24")
    state = _until(page, "state.time > 25 && state.time < 40 && state.caption")
    heights = state["heights"]
    played_heights = []
    for number in (0, len(heights) - 1):
        page.evaluate("(number) => window.select(number)", number)
        played_heights.append(_until(page, f"state.height === {heights[number]}")["height"])
    page.evaluate("document.getElementById('video').pause()")
    before = page.evaluate("window.state()")["renewals"]
    page.wait_for_timeout((_LIFETIME_S + 3) * 1000)
    page.evaluate("document.getElementById('video').currentTime = 48; document.getElementById('video').play()")
    after = _until(page, "state.time > 50")
    assert after["renewals"] > before and not after["errors"], after
    return f"seek to 24 s, caption “{state['caption']}”, heights {played_heights} of {heights}, went on after {_LIFETIME_S + 3} s of pause"


def _until(page: Page, condition: str) -> dict[str, object]:
    try:
        page.wait_for_function(f"() => {{ const state = window.state(); return {condition}; }}", timeout=40_000, polling=200)
    except Exception as error:
        raise TimeoutError(f"{condition}: {page.evaluate('window.state()')}") from error
    state: dict[str, object] = page.evaluate("window.state()")
    return state


if __name__ == "__main__":
    main(Path(sys.argv[1]))
