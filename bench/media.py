"""Real recordings through the API: slide counts and starts beside their truth."""

from __future__ import annotations

import json

from bench.context import Context, table
from scripts.client import Client
from scripts.server import Server


def run(context: Context) -> str:
    if context.media is None:
        return "Not run: name a folder with `MEDIA=folder`."
    rows = []
    with Server(context.folder / "data") as server:
        client = Client(server.url)
        client.register()
        for truth_file in sorted(context.media.glob("*.truth.json")):
            path = truth_file.with_name(truth_file.name.removesuffix(".truth.json") + ".mp4")
            truth = [slide["start"] for slide in json.loads(truth_file.read_text())["slides"]]
            sent = client.upload(path)
            status = client.wait(sent["video_id"])
            if status["status"] != "completed":
                rows.append([path.name, len(truth), "-", "-", "-", "-", f"{status['error_code']}: {status['error']}"])
                continue
            artifact = client.call("GET", f"/download/json/{sent['video_id']}")
            starts = sorted(visit["time"]["start_s"] for slide in artifact["slides"] for visit in slide["visits"])
            stages = status["metrics"]["stages"]
            wall = sum(stage["wall_s"] for name, stage in stages.items() if name in ("probe", "audio", "speech", "notes"))
            shown = [", ".join(f"{start:.2f}" for start in times) for times in (truth, starts)]
            rows.append(
                [
                    path.name,
                    len(truth),
                    len(artifact["slides"]),
                    *shown,
                    artifact["language"],
                    f"{status['metrics']['words']} words, {wall:.0f} s",
                ]
            )
    return table(["recording", "slides, truth", "slides, found", "starts, truth, s", "starts, found, s", "language", "heard"], rows)
