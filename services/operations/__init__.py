"""What admins do: users, everybody's recordings, settings, servers. What is not their own is noted in the audit log."""
