"""Lesson scripts of users: their versions, edits and estimates, the jobs that write them, and those that render them."""
