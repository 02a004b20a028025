"""Notifications about jobs: notices on the web page, and e-mail."""
