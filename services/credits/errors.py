"""Errors of credits."""

from __future__ import annotations

import errors


class InsufficientCredits(errors.LecternError):
    """You do not have enough credits."""

    code = "insufficient_credits"
    status = 402
    hint = "Buy credits or choose a larger plan; credits that are held return when a job fails or is cancelled."


class TooFewCredits(errors.Conflict):
    """This user has fewer available credits."""

    code = "too_few_credits"
    hint = "Take at most what is available; credits that are held may return."


class CreditsOff(errors.Conflict):
    """Credits are not used on this server."""

    code = "credits_off"
    hint = "The operator can turn them on with CREDITS_ENABLED."


class PayerSuspended(errors.Conflict):
    """The account that pays for this job is suspended."""

    code = "payer_suspended"
    hint = "The owner or an editor of the project can take over its payments."


class HoldEnded(errors.Conflict):
    """These credits are not held any more."""

    code = "hold_ended"
