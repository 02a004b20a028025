"""Plans and subscriptions: what a plan gives, and how a payment provider's events change who has which plan."""
