"""gunicorn's target: `gunicorn wsgi:app`; Celery's: `celery -A wsgi.celery worker`; and the app that `flask` finds in this folder."""

from typing import Any

from cli import is_light_command_asked, light_app
from lib.garbage_collection import pause_garbage_collection

with pause_garbage_collection():
    if is_light_command_asked():
        app = light_app()
    else:
        from app import create_app

        app = create_app()


def __getattr__(name: str) -> Any:
    if name != "celery":
        raise AttributeError(name)
    if "celery" not in app.extensions:
        raise SystemExit("`celery -A wsgi.celery` needs JOB_EXECUTOR=celery, and CELERY_BROKER_URL or REDIS_URL.")
    return app.extensions["celery"]
