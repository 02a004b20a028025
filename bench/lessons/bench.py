"""`make bench ONLY=lessons`: the example lesson, rendered, changed, looked at and listened to.

`VOICE_FOLDER` names the folder of Kokoro's weights; without them espeak-ng narrates.
"""

from __future__ import annotations

import os
from pathlib import Path

from bench.context import Context
from bench.lessons import reading_back, rendering
from config import PROJECT
from services.lessons.options import LessonOptions
from services.lessons.script import LessonScript
from services.speech_synthesis import VoiceOptions

_EXAMPLE = PROJECT / "examples" / "photosynthesis.json"


def run(context: Context) -> str:
    script = LessonScript.model_validate_json(_EXAMPLE.read_text(encoding="utf-8"))
    voices = VoiceOptions(folder=Path(os.environ.get("VOICE_FOLDER") or context.folder / "voices"), threads=rendering.CORES)
    previews = rendering.preview_section(script, context.folder / "previews")
    silent_render = rendering.render(script, LessonOptions(silent=True), voices, context.folder / "silent")
    parts = [rendering.rendering_section(silent_render), previews]
    narrated_render = rendering.render(script, LessonOptions(), voices, context.folder / "spoken")
    parts += [reading_back.section(narrated_render, context.folder / "read")]
    parts += [rendering.change_section(narrated_render, voices, LessonOptions())]
    return "\n\n".join(parts)
