"""Publishing recordings on YouTube: connected channels, previews, and the jobs that upload."""
