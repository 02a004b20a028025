"""Jobs over the one SQS queue of SQS_QUEUE_URL, on a local SQS server."""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest
from pydantic import ValidationError

from config import Settings
from scripts import backends
from scripts.celery_worker import CeleryWorker
from scripts.client import Client
from scripts.server import Server
from services.jobs.executors.celery_app import BrokerSettings, _sqs_options
from tests.conftest import upload_quick_recording
from tests.waiting import wait_for


@pytest.mark.slow("starts a Celery worker")
def test_jobs_go_through_the_queue(
    tmp_path: Path, models_dir: Path, migrated_data_dir: Path, moto: backends.S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {"aws_access_key_id": backends.KEY_ID, "aws_secret_access_key": backends.SECRET}
    client = boto3.client("sqs", region_name="us-east-1", endpoint_url=moto.url, **keys)
    queue_url = client.create_queue(QueueName="ai-film-studio-jobs")["QueueUrl"].replace("http://localhost:", "http://127.0.0.1:")
    variables = {
        "DATA_DIR": str(migrated_data_dir),
        "MODELS_DIR": str(models_dir),
        "JOB_EXECUTOR": "celery",
        "SEVERAL_MACHINES": "false",
        "SQS_QUEUE_URL": queue_url,
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": backends.KEY_ID,
        "AWS_SECRET_ACCESS_KEY": backends.SECRET,
    }
    with Server(migrated_data_dir, variables) as server:
        ada = Client(server.url)
        ada.register()
        job_id = upload_quick_recording(ada)["job_id"]

        def waiting() -> bool:
            attributes = client.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
            return attributes["ApproximateNumberOfMessages"] == "1"

        wait_for(waiting)
        with CeleryWorker(variables, tmp_path / "worker.log"):
            wait_for(lambda: ada.call("GET", f"/api/v1/jobs/{job_id}")["status"] == "completed")
        assert not client.receive_message(QueueUrl=queue_url, WaitTimeSeconds=0).get("Messages")


def test_the_broker_follows_from_the_queue() -> None:
    url = "https://sqs.eu-west-1.amazonaws.com/123456789/jobs"
    settings = Settings(_env_file=None, sqs_queue_url=url, redis_url="redis://r", aws_access_key_id="A/B", aws_secret_access_key="C+D")
    assert (settings.broker, settings.broker_queue_url) == ("sqs://A%2FB:C%2BD@", url)
    options = _sqs_options(BrokerSettings(settings.broker, 10, 1, 1.0, "us-east-1", url))
    assert options["region"] == "eu-west-1" and options["is_secure"]
    assert options["predefined_queues"]["short"] == options["predefined_queues"]["long"] == {"url": url, "region": "eu-west-1"}
    explicit = Settings(_env_file=None, sqs_queue_url=url, celery_broker_url="redis://other")
    assert (explicit.broker, explicit.broker_queue_url) == ("redis://other", "")
    for wrong in ("sqs://x/1/jobs", "https://sqs.us-east-1.amazonaws.com/jobs", f"{url}.fifo"):
        with pytest.raises(ValidationError, match="sqs_queue_url"):
            Settings(_env_file=None, sqs_queue_url=wrong)
