"""Conversion of real recordings: slide counts and start times compared with their truth files."""

from __future__ import annotations

import json

from bench.context import Context, markdown_table
from scripts.client import Client
from scripts.server import Server


def run(context: Context) -> str:
    if context.media is None:
        return "Not run: set the folder of recordings with `MEDIA=folder`."
    rows = []
    with Server(context.folder / "data") as server:
        client = Client(server.url)
        client.register()
        for truth_file in sorted(context.media.glob("*.truth.json")):
            path = truth_file.with_name(truth_file.name.removesuffix(".truth.json") + ".mp4")
            truth = [slide["start"] for slide in json.loads(truth_file.read_text())["slides"]]
            video_id = client.upload(path)["video_id"]
            status = client.wait(video_id)
            if status["status"] != "completed":
                rows.append([path.name, len(truth), "-", "-", "-", "-", f"{status['error_code']}: {status['error']}"])
                continue
            artifact = client.call("GET", f"/download/json/{video_id}")
            starts = sorted(visit["time"]["start_s"] for slide in artifact["slides"] for visit in slide["visits"])
            stages = status["metrics"]["stages"]
            wall = sum(stage["wall_s"] for name, stage in stages.items() if name in ("probe", "audio", "speech", "notes"))
            columns = [", ".join(f"{start:.2f}" for start in times) for times in (truth, starts)]
            rows.append(
                [
                    path.name,
                    len(truth),
                    len(artifact["slides"]),
                    *columns,
                    artifact["language"],
                    f"{status['metrics']['words']} words, {wall:.0f} s",
                ]
            )
    return markdown_table(
        ["recording", "slides, truth", "slides, detected", "starts, truth, s", "starts, detected, s", "language", "result"], rows
    )
