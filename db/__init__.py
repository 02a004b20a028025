"""The parts of `database.py`; other modules import from there."""
