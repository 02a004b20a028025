"""Events as they happen: read from the table by one thread per process, given to everybody who listens."""
