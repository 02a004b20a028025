"""gunicorn reads this file when it is started in this folder; `lectern serve` uses `server_config` itself."""

from server_config import *  # noqa: F403
