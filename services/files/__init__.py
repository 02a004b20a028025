"""Pictures and documents that users upload in addition to recordings."""
