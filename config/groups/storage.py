"""Settings of file storage."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import AliasChoices, BaseModel, Field, SecretStr, model_validator


class StorageSettings(BaseModel):
    """Storage"""

    storage: Literal["auto", "local", "s3"] = Field(
        "auto", description="Where files are stored; auto: in S3 if a bucket is set, else in DATA_DIR/files."
    )
    s3_bucket_name: str = Field(
        "", validation_alias=AliasChoices("s3_bucket_name", "S3_BUCKET"), description="Bucket for all files without a bucket of their own."
    )
    s3_raw_videos_bucket: str = Field("", description="Bucket for recordings; default: S3_BUCKET_NAME.")
    s3_processed_videos_bucket: str = Field("", description="Bucket for documents; default: S3_BUCKET_NAME.")
    s3_video_thumbnails_bucket: str = Field("", description="Bucket for thumbnails; default: S3_BUCKET_NAME.")
    s3_endpoint_url: str | None = Field(
        None,
        validation_alias=AliasChoices("s3_endpoint_url", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"),
        description="Address of an S3-compatible store other than AWS (MinIO, R2, Ceph, rclone).",
    )
    s3_public_url: str | None = Field(None, description="Address of the store for signed links; default: S3_ENDPOINT_URL.")
    aws_region: str | None = Field(
        None,
        validation_alias=AliasChoices("aws_region", "AWS_DEFAULT_REGION", "REGION_NAME"),
        description="Region of the buckets, and of SQS if that is the broker.",
    )
    aws_access_key_id: str | None = Field(
        None, description="AWS access key; default: boto3's credential chain (profile, instance role ...)."
    )
    aws_secret_access_key: SecretStr | None = Field(None, description="Secret of the AWS access key.")

    x_accel_prefix: str = Field(
        "",
        pattern="^(/[A-Za-z0-9._-]+)*$",
        description="Path of an nginx location marked `internal` whose alias is the folder of local storage, e.g. `/stored-files`: nginx "
        "then sends files (X-Accel-Redirect), this server only checks who may have them. Empty: this server sends them.",
    )
    cdn_url: str = Field(
        "",
        pattern=r"^(https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~-]+)*/?)?$",
        description="Address of a content delivery network in front of this server, such as `https://cdn.example.org`: players then load "
        "streams from there. Empty: from this server.",
    )
    download_bytes_per_hour: int = Field(
        0,
        ge=0,
        description="Bytes of recordings, streams and documents that one IP address may load from this server in an hour; 0: no limit.",
    )

    @model_validator(mode="after")
    def _require_buckets(self) -> Self:
        if self.storage == "s3" and not (self.s3_bucket_name or (self.s3_raw_videos_bucket and self.s3_processed_videos_bucket)):
            raise ValueError("STORAGE=s3 requires S3_BUCKET_NAME, or S3_RAW_VIDEOS_BUCKET and S3_PROCESSED_VIDEOS_BUCKET")
        return self

    @property
    def uses_s3(self) -> bool:
        return self.storage == "s3" or (self.storage == "auto" and bool(self.s3_bucket_name or self.s3_raw_videos_bucket))
