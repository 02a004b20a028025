"""Moments of recordings: what their short links lead to, and how they are cited."""
