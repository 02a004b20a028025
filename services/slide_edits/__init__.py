"""Slide edits: a journal of corrections of a recording's slides, which documents show when they are requested."""
