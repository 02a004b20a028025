"""Rate limits, size limits and quotas."""

from __future__ import annotations

from pydantic import BaseModel, Field

from config.types import GIB, KIB, MIB, Rate


class LimitSettings(BaseModel):
    """Limits and quotas"""

    rate_limits: bool = Field(
        True, description="Whether requests beyond the rate limits get 429. Counted in Redis if configured, else by each process."
    )
    rate_limit_login: Rate = Field(
        "5 per minute",
        description="Wrong passwords for one account from one IP address; four times as many for all accounts together.",
    )
    rate_limit_register: Rate = Field("20 per hour", description="Registrations from one IP address, and password changes of one user.")
    rate_limit_mail: Rate = Field("10 per hour", description="Requests that may send e-mail to one e-mail address, registrations included.")
    rate_limit_mail_sender: Rate = Field(
        "100 per hour", description="Requests from one IP address that send e-mail or use a token or code from one."
    )
    rate_limit_upload: Rate = Field("120 per minute", description="Uploads of one user, not counting chunks.")
    rate_limit_comments: Rate = Field("20 per minute", description="Comments, and members added to projects, of one user.")
    rate_limit_default: Rate = Field("1200 per minute", description="All requests of one user or IP address.")
    max_upload_bytes: int = Field(10 * GIB, ge=1, description="Maximum size of a recording, bytes.")
    transcribing_allowed: bool = Field(True, description="Whether new recordings and conversions are accepted; admins can pause them.")
    transcription_wait_s: float = Field(
        600.0, gt=0, le=7200, description="Maximum duration of a request to `/v1/audio/transcriptions`, seconds."
    )
    max_body_bytes: int = Field(2 * MIB, ge=1024, description="Maximum size of a request body other than an upload, bytes.")
    max_chunk_bytes: int = Field(128 * MIB, ge=1024, description="Maximum size of a chunk of a chunked upload, bytes.")
    min_chunk_bytes: int = Field(64 * KIB, ge=1, description="Minimum size of a chunk other than the last one, bytes.")
    max_duration_s: float = Field(12 * 3600, gt=0, description="Maximum duration of a recording, seconds.")
    user_quota_bytes: int = Field(50 * GIB, ge=0, description="Storage quota per user, derived files included, bytes.")
    user_active_jobs: int = Field(100, ge=0, description="Maximum number of queued and running jobs per user.")
    user_uploads_per_day: int = Field(500, ge=0, description="Maximum number of uploads per user in 24 hours.")
    signed_url_s: int = Field(3600, ge=10, le=7 * 86400, description="Lifetime of a signed download link, seconds.")
    incomplete_upload_expiry_s: int = Field(86400, ge=60, description="Seconds after which an incomplete upload is deleted.")
    servers_allow_private: bool = Field(
        False, description="Whether processing servers may have private, loopback and link-local addresses."
    )
    user_concurrent_uploads: int = Field(
        16, ge=1, le=1000, description="Maximum number of files and chunks that one user may send at the same time."
    )
    user_chunked_uploads: int = Field(
        20,
        ge=1,
        le=1000,
        description="Maximum number of unfinished uploads per user, of each kind: in chunks, resumable, and direct to storage.",
    )
    user_event_streams: int = Field(20, ge=1, le=2000, description="Concurrent event streams of one user in one process.")
    user_waiting_requests: int = Field(
        4, ge=1, le=2000, description="Concurrent requests of one user in one process that wait for the result of a job."
    )
    max_waiting_requests: int = Field(
        32, ge=1, le=2000, description="Those of all users. Each occupies a thread; the server has as many more."
    )
    max_event_streams: int = Field(
        200,
        ge=1,
        le=2000,
        description="Concurrent event streams of one process. A user gets another one while they have fewer than are free; else 503.",
    )
    event_heartbeat_s: float = Field(15.0, ge=0.2, le=300, description="Seconds after which a silent event stream gets a comment.")
