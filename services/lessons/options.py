"""The options of a rendered lesson."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from lib.numbers import reject_bool
from services.lessons.themes import THEMES

Aspect = Literal["16:9", "9:16", "1:1"]

MAX_SPEED = 1.15  # of the voice's natural pace
ThemeName = Annotated[str, StringConstraints(pattern=f"^({'|'.join(THEMES)})$")]
_Term = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
VoiceName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.+/-]{0,64}$")]


class LessonOptions(BaseModel):
    """Options of speaking and drawing a script.

    `height` is the shorter side of the picture in pixels, which is the height of a picture of 16:9. `voice` is a name that the voice engine
    knows; "" chooses one for the language. `pronunciations` maps words to what is spoken instead. `silent` gives a lesson without a voice,
    whose times are estimated.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    height: Literal[720, 1080, 1440, 2160] = 1080
    aspect: Aspect = "16:9"
    frame_rate: Literal[24, 25, 30, 50, 60] = 30
    theme: ThemeName = "paper"
    logo_image_id: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{0,64}$")] = ""
    voice: VoiceName = ""
    speed: Annotated[float, Field(ge=0.7, le=MAX_SPEED), reject_bool] = 1.0
    silent: StrictBool = False
    pronunciations: Annotated[dict[_Term, _Term], Field(max_length=200)] = {}
    transitions: Literal["fade", "slide", "none"] = "fade"
    progress_bar: StrictBool = True
    chapter_titles: StrictBool = True
    burn_captions: StrictBool = False


def picture_size(aspect: Aspect, height: int) -> tuple[int, int]:
    """Return the width and height of the picture in pixels, both even."""
    long = height * 16 // 9 // 2 * 2
    return {"16:9": (long, height), "9:16": (height, long), "1:1": (height, height)}[aspect]


def estimated_bytes(duration_s: float, options: LessonOptions) -> int:
    """Return about how large the video will be: sound of 128 kbit/s, and pictures that seldom change."""
    return round(duration_s * (16_000 + 12_000 * options.height / 1080))
