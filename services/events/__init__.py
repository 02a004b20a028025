"""Event streams: one thread per process reads new events from the table and passes them to all listeners."""
