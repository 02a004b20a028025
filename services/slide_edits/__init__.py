"""Corrections of a recording's slides: a journal of changes, which documents show when they are requested."""
