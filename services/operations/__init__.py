"""Administration: users, recordings, settings, servers, backup. Changes are recorded in the audit log."""
