"""Webhooks: who wants to be told where, what they are told, and the telling."""
