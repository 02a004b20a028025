"""`lectern serve`: run the web server."""

from __future__ import annotations

import sys

import click
from gunicorn.app.wsgiapp import WSGIApplication

from config import PROJECT


@click.command("serve", context_settings={"ignore_unknown_options": True})
@click.argument("gunicorn_options", nargs=-1, type=click.UNPROCESSED)
def serve(gunicorn_options: tuple[str, ...]) -> None:
    """Serve the page and the API on PORT (5001). Further options are gunicorn's, such as `--bind 127.0.0.1:8000`."""
    sys.argv[1:] = ["--config", "python:server_config", "--pythonpath", str(PROJECT), *gunicorn_options]
    WSGIApplication("%(prog)s [OPTIONS]").run()
