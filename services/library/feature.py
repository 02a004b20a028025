"""The background parts of the library."""

from __future__ import annotations

import functools
import time
from collections.abc import Sequence

from config import Settings
from services.feature import Context, Feature, Task
from services.jobs.queue.topics import JOB_ENDED
from services.library import artifacts, automatic_streams, chunked_uploads, multipart_uploads, object_deletion, resumable_uploads, trash
from services.library.limits import UploadLimits
from services.library.receiving import incoming_folder


def _recovery(context: Context) -> Sequence[Task]:
    return (
        functools.partial(object_deletion.run_due, context.store),
        functools.partial(artifacts.promote_left_over, context.store),
        functools.partial(delete_incomplete_uploads, context.settings),
    )


def delete_incomplete_uploads(settings: Settings) -> None:
    """Delete uploads that have received nothing for INCOMPLETE_UPLOAD_EXPIRY_S, and those of deleted accounts."""
    chunked_uploads.sweep(settings)
    resumable_uploads.sweep(settings)
    chunked_uploads.delete_of_missing_users(settings)
    for part in incoming_folder(settings).glob("*.part"):
        try:
            age_s = time.time() - part.stat().st_mtime
        except OSError:  # the upload ended meanwhile
            continue
        if age_s > settings.incomplete_upload_expiry_s:
            part.unlink(missing_ok=True)


def _cleanup(context: Context) -> Sequence[Task]:
    return (
        lambda: trash.put_old(context.current_settings().retention_days),
        lambda: trash.delete_expired(context.store, context.current_settings().trash_days),
        functools.partial(trash.delete_temporary, context.store),
        lambda: multipart_uploads.delete_stale(UploadLimits.from_settings(context.current_settings()), context.store),
    )


FEATURE = Feature(
    "library",
    recovery=_recovery,
    cleanup=_cleanup,
    hooks=lambda context: {JOB_ENDED: automatic_streams.hook(context.known_settings)},
)
