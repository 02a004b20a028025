"""The message to an external transcoder, on an SQS server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import boto3
import pytest
from pydantic import ValidationError

import errors
from config import Settings
from lib.process import ignore_progress, never_cancelled
from pipelines.engines import Engines
from pipelines.stage import StageInput, Workspace
from pipelines.stages import streaming
from scripts import backends
from services import transcoder_queue
from services.transcoder_queue import TranscoderQueue
from services.transcoder_queue.sqs import TranscoderQueueRefused

KEY = "videos/user one/ä.mp4"


def sqs(url: str) -> Any:
    keys = {"aws_access_key_id": backends.KEY_ID, "aws_secret_access_key": backends.SECRET}
    return boto3.client("sqs", region_name="us-east-1", endpoint_url=url, **keys)


def queue_at(url: str) -> TranscoderQueue:
    return TranscoderQueue(url, "raw-videos", "us-east-1", backends.KEY_ID, backends.SECRET)


def test_the_transcoder_is_told_as_by_s3(moto: backends.S3Server, tmp_path: Path) -> None:
    client = sqs(moto.url)
    url = client.create_queue(QueueName="videos")["QueueUrl"]
    options = {"storage_key": KEY, "size_bytes": 7}
    stage_input = StageInput(Workspace(tmp_path), options, Engines(1, (queue_at(url),)), ignore_progress, never_cancelled)
    streaming.announce(stage_input)
    [message] = client.receive_message(QueueUrl=url, WaitTimeSeconds=1)["Messages"]
    [record] = json.loads(message["Body"])["Records"]
    assert (record["eventSource"], record["eventName"]) == ("aws:s3", "ObjectCreated:Put")
    assert record["s3"]["bucket"]["name"] == "raw-videos"
    assert (unquote_plus(record["s3"]["object"]["key"]), record["s3"]["object"]["size"]) == (KEY, 7)


def test_failures_are_final_or_passing(moto: backends.S3Server) -> None:
    with pytest.raises(TranscoderQueueRefused):
        transcoder_queue.announce(queue_at(f"{moto.url}/123456789012/never-made"), KEY, 7)
    with pytest.raises(errors.TransientError):
        transcoder_queue.announce(queue_at("http://127.0.0.1:9/123456789012/videos"), KEY, 7)
    transcoder_queue.announce(TranscoderQueue(), KEY, 7)  # nobody has to be told


def test_the_queue_needs_an_external_transcoder_and_a_bucket() -> None:
    url = "https://sqs.us-east-1.amazonaws.com/1/videos"
    with pytest.raises(ValidationError, match="TRANSCODER=external"):
        Settings(_env_file=None, transcoder_queue_url=url, s3_bucket_name="videos")
    settings = Settings(_env_file=None, transcoder_queue_url=url, s3_bucket_name="videos", transcoder="external")
    assert transcoder_queue.from_settings(settings).bucket == "videos"
