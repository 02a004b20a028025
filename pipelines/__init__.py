"""Pipelines: named lists of stages, and the workers that run them."""
