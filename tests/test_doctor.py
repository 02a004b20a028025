"""The output of `flask doctor`."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from app import create_app
from commands.downloader import update_downloader
from config import Settings
from scripts.server import free_port
from scripts.stripe_server import KEY, WEBHOOK_SECRET, StripeServer, serve
from services.downloaders.release import Release
from services.media.ffmpeg_versions import FfmpegVersion


@pytest.fixture
def run_doctor(models_dir: Path):
    def run(**settings: object):
        app = create_app(Settings(_env_file=None, models_dir=models_dir, **settings))
        try:
            return app.test_cli_runner().invoke(args=["doctor"])
        finally:
            app.extensions["lectern"].shut_down(wait_s=0)

    return run


def test_a_new_installation_is_healthy(run_doctor, tmp_path: Path) -> None:
    result = run_doctor(data_dir=tmp_path / "not" / "there" / "yet")
    assert result.exit_code == 0, result.output
    assert "ok       database       sqlite" in result.output
    assert "MISSING" not in result.output
    assert re.search(r"^(ok|optional) +soffice +(/|not installed: LibreOffice)", result.output, re.MULTILINE)
    assert re.search(r"^ok +ffmpeg program n?\d+\.\d+\S*$", result.output, re.MULTILINE)
    assert re.search(r"^ok +ffmpeg PyAV +n?\d+\.\d+\S*$", result.output, re.MULTILINE)
    assert re.search(r"^(ok|old) +downloader +yt-dlp [\d.]+, \d+ days old", result.output, re.MULTILINE)


@pytest.mark.parametrize("name", ["lesso", "lesson.proofread"])
def test_a_price_that_no_job_has_is_refused(run_doctor, tmp_path: Path, name: str) -> None:
    result = run_doctor(data_dir=tmp_path, credit_prices=f"lecture_notes=1,lecture_notes.proofread=0.5,{name}=2")
    assert result.exit_code == 1
    assert re.findall("^REFUSED +CREDIT_PRICES: .*(?:no jobs of the kind 'lesso'|no option 'proofread')", result.output, re.MULTILINE)


@pytest.mark.parametrize(
    ("version", "is_weak"),
    [
        ("9.0.2-static", False),
        ("8.1.2", False),
        ("8.1", True),
        ("n7.1.1-12-gabcdef", True),
        ("5.1.6-0+deb12u1", True),
        ("N-118000-g1a2b3c", False),
    ],
)
def test_old_versions_of_ffmpeg_are_marked(version: str, is_weak: bool) -> None:
    assert FfmpegVersion("program", version).has_known_vulnerabilities == is_weak


def test_failures_are_shown_with_hints_and_without_passwords(run_doctor, tmp_path: Path) -> None:
    result = run_doctor(
        data_dir=tmp_path,
        database_url=f"postgresql://ada:open-sesame@127.0.0.1:{free_port()}/lectures",
        redis_url="redis://:open-sesame@127.0.0.1:1/0",
        s3_endpoint_url=f"http://127.0.0.1:{free_port()}",
        s3_bucket_name="lectures",
        aws_access_key_id="id",
        aws_secret_access_key="open-sesame",
    )
    assert result.exit_code == 1
    assert "open-sesame" not in result.output
    lines = {line.split()[1]: line for line in result.output.splitlines() if line.startswith("MISSING")}
    assert "Connection refused" in lines["database"]
    assert "Check DATABASE_URL" in lines["database"]
    assert "Check S3_ENDPOINT_URL" in lines["storage"]
    assert "unhealthy" in result.output


def test_an_invalid_data_folder_is_reported(run_doctor, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = run_doctor(data_dir=tmp_path / "file" / "data")
    assert result.exit_code == 1
    assert "Check that DATA_DIR" in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_the_prices_are_looked_up_at_the_payment_provider(run_doctor, tmp_path: Path) -> None:
    amounts = {"price_pro": 2900, "price_pack": 500}
    with serve(StripeServer(amounts)) as url:
        settings: dict[str, object] = {
            "data_dir": tmp_path,
            "public_url": "https://lectern.example",
            "stripe_secret_key": KEY,
            "stripe_webhook_secret": WEBHOOK_SECRET,
            "stripe_api_url": url,
        }
        right = run_doctor(**settings, stripe_price_pro="price_pro", credit_packs="price_pack=10")
        assert right.exit_code == 0 and re.search("^ok +payments ", right.output, re.MULTILINE), right.output
        wrong = run_doctor(**settings, stripe_price_pro="price_pack", stripe_price_enterprise="price_none")
        assert wrong.exit_code == 1
        assert "price_pack must be recurring" in wrong.output and "there is no price price_none" in wrong.output
        result = run_doctor(**{**settings, "stripe_secret_key": "sk_wrong"}, stripe_price_pro="price_pro")
        assert result.exit_code == 1
        assert re.search("^MISSING +payments .*Invalid API Key", result.output, re.MULTILINE), result.output


def test_the_javascript_runtime_is_started(run_doctor, tmp_path: Path) -> None:
    program = tmp_path / "deno"
    program.write_text("#!/bin/sh\necho deno 2.9.8\necho v8\n")
    program.chmod(0o755)
    result = run_doctor(data_dir=tmp_path / "data", link_js_runtime=program)
    assert re.search(r"^ok +js runtime +deno 2\.9\.8$", result.output, re.MULTILINE), result.output
    missing = run_doctor(data_dir=tmp_path / "data", link_js_runtime=tmp_path / "nothing")
    assert re.search(r"^optional js runtime .*nothing does not start.*LINK_JS_RUNTIME", missing.output, re.MULTILINE), missing.output
    assert missing.exit_code == 0


def test_an_old_downloader_is_recognised() -> None:
    assert not Release("2026.10.26").is_old(dt.date(2026, 11, 28))
    assert Release("2026.7.4.1").is_old(dt.date(2026, 11, 28)) and Release("2026.7.4.1").age_days(dt.date(2026, 7, 14)) == 10


def test_an_update_without_an_index_says_so() -> None:
    result = CliRunner().invoke(update_downloader, ["--index-url", f"http://127.0.0.1:{free_port()}/simple"])
    assert result.exit_code == 1 and "yt-dlp was not updated." in result.output
