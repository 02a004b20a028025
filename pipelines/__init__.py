"""What Lectern does, as lists of stages by name."""
