"""Recordings from links: submit a link, download it in a job, then convert the recording in another one."""
