"""Messages on SQS in the form of S3's event notifications.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote_plus, urlsplit

import boto3  # noqa: TID251, this file is the SQS client
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

import errors
from lib.clock import iso, now
from lib.waiting import before_waiting
from services.transcoder_queue import TranscoderQueue


class TranscoderQueueRefused(errors.StageFailed):
    """The queue of the transcoder rejects messages."""

    code = "transcoder_queue_refused"
    hint = "The operator must check TRANSCODER_QUEUE_URL, the region and the credentials."


def send(queue: TranscoderQueue, key: str, size_bytes: int) -> None:
    address = urlsplit(queue.url)
    client = boto3.session.Session().client(
        "sqs",
        region_name=queue.region,
        endpoint_url=f"{address.scheme}://{address.netloc}",
        aws_access_key_id=queue.access_key_id,
        aws_secret_access_key=queue.secret_access_key,
        config=Config(connect_timeout=5, read_timeout=30, retries={"max_attempts": 1}),  # the job retries
    )
    before_waiting()
    try:
        client.send_message(QueueUrl=queue.url, MessageBody=json.dumps(event(queue, key, size_bytes)))
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500) >= 500:
            raise errors.TransientError("The queue of the transcoder does not answer.") from error
        raise TranscoderQueueRefused(str(error.response.get("Error", {}).get("Code", ""))) from error
    except BotoCoreError as error:
        raise errors.TransientError(f"The queue of the transcoder does not answer ({type(error).__name__}).") from error


def event(queue: TranscoderQueue, key: str, size_bytes: int) -> dict[str, Any]:
    """Return the notification of a new object. S3 encodes keys as in a form."""
    stored_object = {"key": quote_plus(key, safe="/"), "size": size_bytes}
    bucket = {"name": queue.bucket, "arn": f"arn:aws:s3:::{queue.bucket}"}
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": queue.region,
        "eventTime": iso(now()),
        "eventName": "ObjectCreated:Put",
        "s3": {"s3SchemaVersion": "1.0", "configurationId": "lectern", "bucket": bucket, "object": stored_object},
    }
    return {"Records": [record]}
