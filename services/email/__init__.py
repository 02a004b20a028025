"""Sending e-mail: a port, and SMTP behind it."""
