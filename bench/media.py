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
            true_starts = [slide["start"] for slide in json.loads(truth_file.read_text())["slides"]]
            video_id = client.upload(path)["video_id"]
            status = client.wait(video_id)
            if status["status"] != "completed":
                rows.append([path.name, len(true_starts), "-", "-", "-", "-", f"{status['error_code']}: {status['error']}"])
                continue
            notes = client.call("GET", f"/download/json/{video_id}")
            detected_starts = sorted(visit["time"]["start_s"] for slide in notes["slides"] for visit in slide["visits"])
            stages = status["metrics"]["stages"]
            wall_s = sum(stage["wall_s"] for name, stage in stages.items() if name in ("probe", "audio", "speech", "notes"))
            columns = [", ".join(f"{start:.2f}" for start in times) for times in (true_starts, detected_starts)]
            rows.append(
                [
                    path.name,
                    len(true_starts),
                    len(notes["slides"]),
                    *columns,
                    notes["language"],
                    f"{status['metrics']['words']} words, {wall_s:.0f} s",
                ]
            )
    return markdown_table(
        ["recording", "slides, truth", "slides, detected", "starts, truth, s", "starts, detected, s", "language", "result"], rows
    )
