"""`flask doctor`, as an operator reads it: what is set, what works, what is missing and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import create_app
from config import Settings
from scripts.server import free_port


@pytest.fixture
def doctor(models_dir: Path):
    def look(**settings: object):
        app = create_app(Settings(_env_file=None, models_dir=models_dir, **settings))
        try:
            return app.test_cli_runner().invoke(args=["doctor"])
        finally:
            app.extensions["lectern"].shut_down(wait_s=0)

    return look


def test_a_fresh_installation_is_well(doctor, tmp_path: Path) -> None:
    told = doctor(data_dir=tmp_path / "not" / "there" / "yet")
    assert told.exit_code == 0, told.output
    assert "ok       database       sqlite" in told.output
    assert "MISSING" not in told.output


def test_what_is_away_is_named_with_what_to_do_and_no_password(doctor, tmp_path: Path) -> None:
    told = doctor(
        data_dir=tmp_path,
        database_url=f"postgresql://ada:open-sesame@127.0.0.1:{free_port()}/lectures",
        redis_url="redis://:open-sesame@127.0.0.1:1/0",
        s3_endpoint_url=f"http://127.0.0.1:{free_port()}",
        s3_bucket_name="lectures",
        aws_access_key_id="id",
        aws_secret_access_key="open-sesame",
    )
    assert told.exit_code == 1
    assert "open-sesame" not in told.output
    lines = {line.split()[1]: line for line in told.output.splitlines() if line.startswith("MISSING")}
    assert "Connection refused" in lines["database"]
    assert "Check DATABASE_URL" in lines["database"]
    assert "Check S3_ENDPOINT_URL" in lines["storage"]
    assert "unhealthy" in told.output


def test_a_data_folder_that_cannot_be_is_named(doctor, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    told = doctor(data_dir=tmp_path / "file" / "data")
    assert told.exit_code == 1
    assert "Check that DATA_DIR" in told.output
    assert told.exception is None or isinstance(told.exception, SystemExit)
