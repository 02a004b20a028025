"""Captions for SRT and VTT: divide timed words into captions, and check captions against the rules of broadcasters. Pure functions."""

from __future__ import annotations

from services.captions.adjustment import adjust_captions
from services.captions.checker import RULES, Problem, avoidable_problems, find_problems
from services.captions.reading_time import min_duration_ms
from services.captions.segmentation import build_captions

__all__ = ["RULES", "Problem", "adjust_captions", "avoidable_problems", "build_captions", "find_problems", "min_duration_ms"]
