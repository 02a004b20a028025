"""Topics of `database.notify_after_commit`."""

JOBS_WAITING = "jobs_waiting"  # a job was put into the queue, or the queue was resumed: executors wake
