"""The tables, one file per group of nouns: columns and constraints only. Import them from `models`."""
