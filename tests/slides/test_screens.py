"""The slide engine on recorded screens: real programs with their windows, pointers and transitions.

The recording slide_show is of Impress, with its editor, a black screen, steps back and the end of the show; terminal_over_slides of a PDF
viewer with a terminal in front of it; paging_back of a PDF viewer in which each page comes after some others have been passed; browser of
reveal.js 6 in Chromium with its zoom transition, steps back and its overview; charts_in_viewer of a PDF viewer with two charts that differ
in little but their headings; writing_on_pages of Xournal++ with pages that are written, left and scrolled back to. The programs were driven
by xdotool; the truth has the times of the keys.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.slides.vary import detect_and_score
from services.slides.parameters import DEFAULTS

pytestmark = pytest.mark.slow("analyses whole recordings")
SCREENS = Path(__file__).parent / "screens"


@pytest.mark.parametrize("truth_file", sorted(SCREENS.glob("*.truth.json")), ids=lambda path: path.name.split(".")[0])
def test_every_slide_of_a_recorded_screen_is_found_once(truth_file: Path) -> None:
    result = detect_and_score(truth_file, DEFAULTS)
    assert (result.f1, result.page_f1) == (1.0, 1.0), result
