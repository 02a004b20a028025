"""What the queue is worth: under kills and outages, under load, and while people watch."""
