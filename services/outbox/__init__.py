"""What others are told (webhooks, e-mail) waits in the database and is sent from there, again and again until it is heard."""
