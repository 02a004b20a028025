"""Jobs: the row is the truth, an executor only wakes."""
