"""Runs the slide engine on one recording, as `flask slides VIDEO --json OUT` does: `python -m bench.slides.run VIDEO OUT [IMAGES]`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from commands.slides import as_json
from services.media.probe import probe
from services.slides import SlideOptions, detect_slides, find_slides


def main() -> None:
    video, out = (Path(argument) for argument in sys.argv[1:3])
    images = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    media = probe(video)
    timeline = find_slides(video, media, SlideOptions(), images) if images else detect_slides(video, media, SlideOptions())
    out.write_text(json.dumps(as_json(timeline, media.duration_s, images)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
