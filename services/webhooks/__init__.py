"""Webhooks: subscriptions and signed delivery."""
