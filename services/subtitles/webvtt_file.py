"""Read WebVTT by the rules of the standard (https://www.w3.org/TR/webvtt1/), with the package webvtt-py."""

from __future__ import annotations

import re

import webvtt

import errors
from services.subtitles.cue import Cue
from services.subtitles.markup import webvtt_line
from services.subtitles.timestamps import GAP, TIME, full, seconds

SIGNATURE = "WEBVTT"
# Short times and decimal commas are no WebVTT, but programs write them: only lines that begin with two times are changed.
_LENIENT_TIMING = re.compile(rf"(?m)^({GAP})({TIME}){GAP}-->{GAP}({TIME})(?![\d:.,])")


def parse(text: str) -> list[Cue]:
    """Return the cues in the order of the file; comments, styles, regions and identifiers are left out. Raises BadSubtitles."""
    text = _LENIENT_TIMING.sub(lambda match: f"{match[1]}{full(match[2])} --> {full(match[3])}", text)
    try:
        captions = webvtt.from_string(text).captions
    except webvtt.errors.MalformedFileError as error:
        raise errors.BadSubtitles(str(error)) from error
    cues = []
    for caption in captions:
        lines = tuple(line for raw in caption.raw_text.split("\n") if (line := webvtt_line(raw)).text)
        if lines:
            cues.append(Cue(seconds(caption.start), seconds(caption.end), lines))
    return cues
