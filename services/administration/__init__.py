"""What admins do: users, everybody's recordings, settings, servers. Every act is in the audit log."""
