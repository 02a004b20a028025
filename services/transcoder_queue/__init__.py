"""The queue of an external transcoder, which is told of each new video by the message that S3 sends for a new object."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config import Settings

__all__ = ["TranscoderQueue", "announce", "from_settings"]


@dataclass(frozen=True)
class TranscoderQueue:
    """An SQS queue, and the bucket that the messages name. `url` is "" if no transcoder is used."""

    url: str = ""
    bucket: str = ""
    region: str = "us-east-1"
    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)

    @property
    def fingerprint(self) -> str:
        return self.url


def from_settings(settings: Settings) -> TranscoderQueue:
    """Return the configured queue."""
    secret = settings.aws_secret_access_key
    return TranscoderQueue(
        url=settings.transcoder_queue_url,
        bucket=settings.s3_raw_videos_bucket or settings.s3_bucket_name,
        region=settings.aws_region or "us-east-1",
        access_key_id=settings.aws_access_key_id,
        secret_access_key=secret.get_secret_value() if secret else None,
    )


def announce(queue: TranscoderQueue, key: str, size_bytes: int) -> None:
    """Send the message about a new object. Raises TransientError, and TranscoderQueueRefused if the queue rejects it."""
    if queue.url:
        from services.transcoder_queue import sqs  # boto3 is slow to import

        sqs.send(queue, key, size_bytes)
