"""Benches of the queue: kills and outages, throughput, and latency with many listeners."""
