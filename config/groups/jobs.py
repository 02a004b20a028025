"""Settings of the job queue and the executors."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, BaseModel, Field, SecretStr, field_validator

from config.types import GIB, MIB, CountByName


class JobSettings(BaseModel):
    """Jobs"""

    job_threads: int = Field(1, ge=1, le=64, description="Concurrent jobs of one process.")
    job_executor: Literal["threads", "celery", "remote"] = Field(
        "threads", description="What runs jobs: threads of the server's processes, Celery workers, or remote workers over HTTP."
    )
    celery_broker_url: SecretStr = Field(
        SecretStr(""),
        validation_alias=AliasChoices("celery_broker_url", "BROKER_URL"),
        description="Celery's broker: redis://, rediss://, amqp://, amqps:// or sqs://; default: SQS_QUEUE_URL, REDIS_URL or REDIS_HOST.",
    )
    sqs_queue_url: str = Field(
        "",
        description="SQS queue that Celery's jobs are sent through, if JOB_EXECUTOR is celery and CELERY_BROKER_URL is not set: "
        "https://sqs.REGION.amazonaws.com/ACCOUNT/NAME.",
    )
    celery_visibility_timeout_s: int = Field(
        12 * 3600,
        ge=10,
        le=12 * 3600,
        description="Seconds after which the broker redelivers an unacknowledged task; must be longer than the longest job.",
    )
    worker_service_url: str = Field("", description="Address of a remote worker that gets each job by POST /process; empty: workers poll.")
    dispatch_prefetch: int = Field(
        8, ge=1, le=1000, description="Jobs of a lane that are staged before a worker is free; the others stay in the database."
    )
    drain_s: float = Field(
        10.0, ge=0, le=86400, description="Seconds that running jobs get to finish at shutdown; then they return to the queue."
    )
    several_machines: bool | None = Field(
        None, description="Whether several machines share the queue; default: true if JOB_EXECUTOR is celery, else false."
    )
    lease_s: float = Field(30.0, ge=2, description="Seconds after which a job without a heartbeat is given to another worker.")
    max_jobs_per_user: int = Field(0, ge=0, description="Concurrent jobs of one user on all machines; 0: no limit.")
    max_jobs_per_pipeline: CountByName = Field(
        {}, description="Concurrent jobs of a pipeline on all machines, such as `lecture_notes=4`; comma-separated."
    )
    max_long_jobs: int = Field(0, ge=0, description="Concurrent long jobs on all machines; 0: no limit.")
    short_job_max_media_s: float = Field(1200.0, ge=0, description="Longest recording of a short job, seconds.")
    short_job_max_expected_s: float = Field(600.0, ge=0, description="Longest expected duration of a short job, seconds.")
    long_job_aging_s: float = Field(
        1800.0, ge=0, description="Seconds after which a waiting long job is no longer overtaken by short ones."
    )
    job_disk_factor: float = Field(
        3.0,
        ge=0,
        description="Free disk space that a job needs to start, as a multiple of its recording's size; see JOB_DISK_RESERVE_BYTES.",
    )
    job_disk_reserve_bytes: int = Field(GIB, ge=0, description="Free disk space that a job needs in addition, bytes.")
    job_memory_bytes: int = Field(
        512 * MIB, ge=0, description="Free memory that a job needs to start, bytes; at most half of the machine's memory is required."
    )
    stage_timeout_base_s: float = Field(1800.0, gt=0, description="Constant part of a stage's timeout, seconds.")
    stage_timeout_factor: float = Field(
        6.0, ge=0, description="Variable part of a stage's timeout, as a multiple of the recording's duration."
    )
    stage_stall_s: float = Field(1800.0, gt=0, description="Seconds without progress after which a stage is stopped and retried.")

    @field_validator("sqs_queue_url")
    @classmethod
    def _check_queue_url(cls, value: str) -> str:
        address = urlsplit(value)
        if value and (address.scheme not in ("http", "https") or not address.hostname or len(address.path.strip("/").split("/")) != 2):
            raise ValueError("the address of a queue is https://sqs.REGION.amazonaws.com/ACCOUNT/NAME")
        if value.endswith(".fifo"):
            raise ValueError("Lectern orders its jobs itself and needs a standard queue, not a FIFO one")
        return value

    @property
    def shares_queue(self) -> bool:
        """Whether a job may continue on another machine than it started on."""
        return self.job_executor == "celery" if self.several_machines is None else self.several_machines
