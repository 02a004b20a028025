"""Payment providers: Stripe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.payments.port import PaymentProvider

if TYPE_CHECKING:
    from config import Settings

__all__ = ["PaymentProvider", "from_settings"]


def from_settings(settings: Settings) -> PaymentProvider | None:
    """Return the configured provider, or None."""
    if not settings.stripe_secret_key.get_secret_value():
        return None
    from services.payments.stripe_payments import StripePayments  # slow to import

    return StripePayments.from_settings(settings)
