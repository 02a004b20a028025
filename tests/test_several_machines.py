"""Several machines on one PostgreSQL and one S3 store: stages finished by one machine are not repeated by another."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from app import create_app
from config import Settings
from scripts import backends
from scripts.client import Client
from scripts.server import Server
from tests.conftest import SAMPLES


def list_cached_stages(store: backends.S3Server, bucket: str, job_id: str) -> list[str]:
    listing = backends.s3_client(store.url).list_objects_v2(Bucket=bucket, Prefix=f"jobs/{job_id}/")
    return [each["Key"].rpartition("/")[2].rpartition("-")[0] for each in listing.get("Contents", [])]


@pytest.mark.slow("starts two servers and converts a recording")
def test_another_machine_continues_after_the_last_finished_stage(
    tmp_path: Path, models_dir: Path, postgres: str, migrated_postgres: str, moto: backends.S3Server
) -> None:
    bucket = moto.make_bucket()
    backends.empty_database(migrated_postgres)  # a database with open connections cannot be copied
    with backends.fresh_database(postgres, migrated_postgres) as database_url:
        variables = {
            "MODELS_DIR": str(models_dir),
            "DATABASE_URL": database_url,
            "S3_ENDPOINT_URL": moto.url,
            "S3_BUCKET_NAME": bucket,
            "AWS_ACCESS_KEY_ID": backends.KEY_ID,
            "AWS_SECRET_ACCESS_KEY": backends.SECRET,
            "JWT_SECRET_KEY": "one key for all machines, long enough to be no guess",
            "SEVERAL_MACHINES": "true",
            "LEASE_S": "5",
        }
        first = Server(tmp_path / "first", variables)
        first.start()
        client = Client(first.url)
        client.register()
        upload = client.upload(SAMPLES / "tiny.mp4", formats="txt,pdf")
        patience = time.monotonic() + 90
        while "slides" not in list_cached_stages(moto, bucket, upload["job_id"]):
            assert time.monotonic() < patience
            time.sleep(0.02)
        first.kill()
        with Server(tmp_path / "second", variables) as second:
            client.url = second.url
            status = client.wait(upload["video_id"])
            job = client.call("GET", f"/api/v1/jobs/{upload['job_id']}")
    assert status["status"] == "completed", status
    assert job["attempt"] == 2
    stages = job["metrics"]["stages"]
    assert stages["slides"]["resumed"] and stages["probe"]["resumed"]
    assert not stages["document_pdf"]["resumed"]
    assert list_cached_stages(moto, bucket, upload["job_id"]) == []


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"several_machines": True}, ["S3_BUCKET_NAME", "DATABASE_URL", "JWT_SECRET_KEY"]),
        ({"job_executor": "celery", "celery_broker_url": "redis://localhost"}, ["S3_BUCKET_NAME", "DATABASE_URL", "JWT_SECRET_KEY"]),
        ({"several_machines": True, "s3_bucket_name": "b", "jwt_secret_key": "k" * 64}, ["DATABASE_URL"]),
        ({"job_executor": "celery", "celery_broker_url": "redis://localhost", "several_machines": False}, []),
        ({}, []),
    ],
)
def test_doctor_refuses_machines_without_a_shared_database_and_store(
    tmp_path: Path, changes: dict[str, object], missing: list[str]
) -> None:
    app = create_app(Settings(_env_file=None, data_dir=tmp_path, **changes))
    report = app.test_cli_runner().invoke(args=["doctor"])
    refusals = [line for line in report.output.splitlines() if line.startswith("REFUSED")]
    assert len(refusals) == len(missing) and all(name in line for name, line in zip(missing, refusals, strict=True))
    if missing:
        assert report.exit_code == 1
