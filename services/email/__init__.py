"""E-mail: the port and the SMTP adapter."""
