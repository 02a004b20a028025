"""Jobs. The row decides; an executor only wakes workers."""
