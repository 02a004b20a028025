"""Pictures and documents that users upload beside their recordings."""
