"""Lessons: scripts of scenes, and the narrated videos made of them."""
