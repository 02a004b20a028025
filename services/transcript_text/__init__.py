"""Pure functions on transcripts: words with ids, alignment of changed text, replacements, and transcripts as JSON lines."""
