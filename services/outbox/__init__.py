"""Deliver webhooks and e-mail from the database, with retries."""
