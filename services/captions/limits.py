"""The limits of captions, with units and sources.

Sources: BBC Subtitle Guidelines (https://www.bbc.co.uk/accessibility/forproducts/guides/subtitles/) and
Netflix Timed Text Style Guide, General Requirements and language guides
(https://partnerhelp.netflixstudios.com/hc/en-us/articles/215758617).
"""

from __future__ import annotations

MAX_LINES = 2  # Netflix, and BBC for landscape video

MAX_LINE_COLUMNS = 42
"""Netflix, for Latin scripts. A narrow character takes one column, a wide one two: a line holds 21 wide ones (Netflix: 16, Japanese 13)."""

TARGET_LINE_COLUMNS = 37  # BBC, for teletext; line breaking gives no penalty to lines up to this length

MIN_DURATION_MS = 1000
"""Shortest time that a caption is shown. Netflix: 5/6 s; BBC: 0.3 s per word, at least 1 to 2 s."""

MAX_DURATION_MS = 7000  # Netflix

MAX_COLUMNS_PER_S = 17
"""Netflix allows 20 characters a second for adults and 17 in children's programmes; BBC 160 to 180 words a minute, which is 14 to 17.

Wide characters count two: 8.5 a second (Netflix: 9 in Chinese).
"""

MAX_PAUSE_MS = 1200
"""A longer pause in the speech ends a caption. BBC: a gap between captions lasts at least 1 s, if possible 1.5 s."""

MIN_GAP_MS = 500
"""A caption is extended to the next one if the gap is shorter, since short gaps flicker. Netflix: gaps under half a second are closed."""
