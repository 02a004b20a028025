"""The installed release of yt-dlp. Sites change often, so an old release fails at more and more of them."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
from dataclasses import dataclass

PACKAGE = "yt-dlp"
SOLVER_PACKAGE = "yt-dlp-ejs"  # the scripts with which a JavaScript runtime solves YouTube's challenges
_OLD_DAYS = 90


@dataclass(frozen=True)
class Release:
    """`version` is the date of the release: year, month, day, and possibly further numbers."""

    version: str

    def age_days(self, today: dt.date) -> int:
        year, month, day = (int(part) for part in self.version.split(".")[:3])
        return (today - dt.date(year, month, day)).days

    def is_old(self, today: dt.date) -> bool:
        return self.age_days(today) > _OLD_DAYS


def read_installed() -> Release:
    """Return the release that downloads use after the next start."""
    return Release(importlib.metadata.version(PACKAGE))
