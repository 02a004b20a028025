"""What an hourly chore takes away: old pauses, spent mails' tokens, log-ins that ended long ago."""

from __future__ import annotations

from services.accounts import letters, pauses, sessions


def tidy() -> None:
    pauses.forget_old()
    letters.forget_old()
    sessions.forget_old()
