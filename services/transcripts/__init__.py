"""Transcripts as data: read, edit and undo, with their permission checks. A transcript has the id of its recording."""
