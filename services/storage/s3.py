"""Storage in S3 or a compatible store."""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
from boto3.exceptions import S3UploadFailedError
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

import errors
from config import Settings
from lib.clock import now
from lib.disk import disk_errors
from lib.serialization import atomic_write
from lib.waiting import before_waiting
from services.storage.port import WrongPartSize

_BLOCK_BYTES = 1 << 20
_MAX_DELETE_BATCH = 1000  # S3's limit for one DeleteObjects request
_TRANSFER = TransferConfig(multipart_threshold=16 * 2**20, multipart_chunksize=16 * 2**20, max_concurrency=4)
_RECORDINGS = "videos/"
_NOT_FOUND_CODES = ("404", "NoSuchKey", "NotFound", "NoSuchUpload")
_ACCESS_CODES = ("403", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "401")
_WRONG_PARTS = ("EntityTooSmall", "EntityTooLarge", "InvalidPart", "InvalidPartOrder", "MalformedXML")
_BUCKET_CODES = ("NoSuchBucket", "PermanentRedirect", "AuthorizationHeaderMalformed")


class StorageRefused(errors.LecternError):
    """The store rejects this server's requests."""

    code = "storage_refused"
    status = 503
    hint = "The operator must check bucket, region, endpoint and credentials; `flask doctor` shows what the store says."


@dataclass(frozen=True)
class S3Config:
    """Buckets and credentials. Recordings go to `raw`, thumbnails to `thumbnails`, all else to `processed`. They may be one bucket."""

    raw: str
    processed: str
    thumbnails: str
    region: str | None = None
    endpoint_url: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None
    public_url: str | None = None

    @classmethod
    def from_settings(cls, settings: Settings) -> S3Config:
        default_bucket = settings.s3_bucket_name or settings.s3_processed_videos_bucket
        secret = settings.aws_secret_access_key
        return cls(
            raw=settings.s3_raw_videos_bucket or default_bucket,
            processed=settings.s3_processed_videos_bucket or default_bucket,
            thumbnails=settings.s3_video_thumbnails_bucket or default_bucket,
            region=settings.aws_region,
            endpoint_url=settings.s3_endpoint_url,
            public_url=settings.s3_public_url,
            access_key_id=settings.aws_access_key_id,
            secret_access_key=secret.get_secret_value() if secret else None,
        )

    def bucket_of(self, key: str) -> str:
        return {"videos": self.raw, "thumbnails": self.thumbnails}.get(key.partition("/")[0], self.processed)

    @property
    def buckets(self) -> set[str]:
        return {self.raw, self.processed, self.thumbnails}


class S3Store:
    name = "S3"
    takes_uploads = True

    def __init__(self, config: S3Config) -> None:
        self._config = config
        self._client = _client(config, config.endpoint_url)
        self._signer = _client(config, config.public_url) if config.public_url else self._client  # the signature includes the host name

    def put(self, source: Path, key: str, content_type: str) -> None:
        with _translate_errors(key):
            extra = {"ContentType": content_type}
            self._client.upload_file(str(source), self._config.bucket_of(key), key, ExtraArgs=extra, Config=_TRANSFER)
        source.unlink(missing_ok=True)

    def fetch(self, key: str, target: Path) -> None:
        with _translate_errors(key), disk_errors(), atomic_write(target) as part:
            self._client.download_file(self._config.bucket_of(key), key, str(part), Config=_TRANSFER)

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        byte_range = {"Range": f"bytes={start}-{'' if end is None else end - 1}"} if start or end is not None else {}
        with _translate_errors(key):
            response = self._client.get_object(Bucket=self._config.bucket_of(key), Key=key, **byte_range)
            with contextlib.closing(response["Body"]) as body:
                yield from body.iter_chunks(_BLOCK_BYTES)

    def path(self, key: str) -> Path | None:
        return None

    def move(self, key: str, new_key: str) -> None:
        try:
            self.copy(key, new_key)
        except errors.NotFound:
            with _translate_errors(new_key):
                self._client.head_object(Bucket=self._config.bucket_of(new_key), Key=new_key)  # already moved
        self.delete([key])

    def copy(self, key: str, new_key: str) -> None:
        source = {"Bucket": self._config.bucket_of(key), "Key": key}
        with _translate_errors(key):
            self._client.copy(source, self._config.bucket_of(new_key), new_key, Config=_TRANSFER)

    def delete(self, keys: Sequence[str]) -> None:
        by_bucket: dict[str, list[str]] = {}
        for key in keys:
            by_bucket.setdefault(self._config.bucket_of(key), []).append(key)
        for bucket, names in by_bucket.items():
            for first in range(0, len(names), _MAX_DELETE_BATCH):
                batch = [{"Key": name} for name in names[first : first + _MAX_DELETE_BATCH]]
                with _translate_errors(names[first]):
                    response = self._client.delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True})
                failures = response.get("Errors", [])
                if failures:
                    raise errors.TransientError(
                        f"The store kept {failures[0]['Key']}: {failures[0].get('Message', failures[0].get('Code'))}"
                    )

    def signed_url(self, key: str, filename: str, content_type: str, lifetime: dt.timedelta, *, inline: bool = False) -> str | None:
        disposition = f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(filename)}"
        headers = {"ResponseContentType": content_type, "ResponseContentDisposition": disposition}
        with _translate_errors(key):
            url: str = self._signer.generate_presigned_url(
                "get_object",
                Params={"Bucket": self._config.bucket_of(key), "Key": key, **headers},
                ExpiresIn=int(lifetime.total_seconds()),
            )
        return url

    def size(self, key: str) -> int | None:
        try:
            with _translate_errors(key):
                return int(self._client.head_object(Bucket=self._config.bucket_of(key), Key=key)["ContentLength"])
        except errors.NotFound:
            return None

    def signed_put(self, key: str, content_type: str, lifetime: dt.timedelta) -> str | None:
        parameters = {"Bucket": self._config.bucket_of(key), "Key": key, "ContentType": content_type}
        with _translate_errors(key):
            url: str = self._signer.generate_presigned_url("put_object", Params=parameters, ExpiresIn=int(lifetime.total_seconds()))
        return url

    def begin_parts(self, key: str, content_type: str) -> str:
        with _translate_errors(key):
            response = self._client.create_multipart_upload(Bucket=self._config.bucket_of(key), Key=key, ContentType=content_type)
        return str(response["UploadId"])

    def signed_part(self, key: str, upload_id: str, number: int, size_bytes: int, lifetime: dt.timedelta) -> str | None:
        parameters = {**self._upload(key, upload_id), "PartNumber": number, "ContentLength": size_bytes}
        with _translate_errors(key):
            url: str = self._signer.generate_presigned_url("upload_part", Params=parameters, ExpiresIn=int(lifetime.total_seconds()))
        return url

    def put_part(self, source: Path, key: str, upload_id: str, number: int) -> None:
        with _translate_errors(key), source.open("rb") as body:
            self._client.upload_part(**self._upload(key, upload_id), PartNumber=number, Body=body)
        source.unlink(missing_ok=True)

    def parts(self, key: str, upload_id: str) -> Mapping[int, int]:
        return {int(part["PartNumber"]): int(part["Size"]) for part in self._list_parts(key, upload_id)}

    def join_parts(self, key: str, upload_id: str) -> None:
        parts = [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in self._list_parts(key, upload_id)]
        with _translate_errors(key):
            try:
                self._client.complete_multipart_upload(**self._upload(key, upload_id), MultipartUpload={"Parts": parts})
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") in _WRONG_PARTS:
                    raise WrongPartSize(str(error.response["Error"].get("Message", ""))) from error
                raise

    def abort_parts(self, key: str, upload_id: str) -> None:
        with contextlib.suppress(errors.NotFound), _translate_errors(key):
            self._client.abort_multipart_upload(**self._upload(key, upload_id))

    def delete_stale_parts(self, age_s: float) -> None:
        begun_before = now() - dt.timedelta(seconds=age_s)
        with _translate_errors(_RECORDINGS):
            pages = self._client.get_paginator("list_multipart_uploads").paginate(Bucket=self._config.raw, Prefix=_RECORDINGS)
            stale = [each for page in pages for each in page.get("Uploads", []) if each["Initiated"] < begun_before]
        for each in stale:
            self.abort_parts(each["Key"], each["UploadId"])

    def _upload(self, key: str, upload_id: str) -> dict[str, str]:
        return {"Bucket": self._config.bucket_of(key), "Key": key, "UploadId": upload_id}

    def _list_parts(self, key: str, upload_id: str) -> list[Any]:
        with _translate_errors(key):
            pages = self._client.get_paginator("list_parts").paginate(**self._upload(key, upload_id))
            return sorted((part for page in pages for part in page.get("Parts", [])), key=lambda part: part["PartNumber"])

    def check(self) -> None:
        """Write, read and remove a probe in each bucket."""
        for bucket in self._config.buckets:
            key = f".probe-{uuid.uuid4().hex}"
            with _translate_errors(bucket):
                self._client.put_object(Bucket=bucket, Key=key, Body=b"ok")
                try:
                    self._client.get_object(Bucket=bucket, Key=key)["Body"].read()
                finally:
                    self._client.delete_object(Bucket=bucket, Key=key)


def _client(config: S3Config, endpoint_url: str | None) -> Any:
    return boto3.session.Session().client(
        "s3",
        region_name=config.region or "us-east-1",
        endpoint_url=endpoint_url,
        aws_access_key_id=config.access_key_id,
        aws_secret_access_key=config.secret_access_key,
        config=_client_config(config),
    )


def _client_config(config: S3Config) -> Any:
    options: dict[str, Any] = {
        "signature_version": "s3v4",
        "connect_timeout": 5,
        "read_timeout": 60,
        "retries": {"max_attempts": 4, "mode": "standard"},
        "max_pool_connections": 32,
    }
    if config.endpoint_url:  # other stores often lack trailer checksums and virtual-hosted buckets
        options |= {
            "s3": {"addressing_style": "path"},
            "request_checksum_calculation": "when_required",
            "response_checksum_validation": "when_required",
        }
    return Config(**options)


@contextlib.contextmanager
def _translate_errors(key: str) -> Iterator[None]:
    """Convert errors of boto3 to LecternError."""
    before_waiting()
    try:
        yield
    except ClientError as error:
        raise _to_lectern_error(error.response, key) from error
    except S3UploadFailedError as error:
        cause = error.__cause__ or error.__context__
        if isinstance(cause, ClientError):
            raise _to_lectern_error(cause.response, key) from error
        raise errors.TransientError(f"The store did not take {key}.") from error
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise StorageRefused("There are no credentials for it.") from error
    except BotoCoreError as error:
        raise errors.TransientError(f"The store did not answer ({type(error).__name__}).") from error


def _to_lectern_error(response: Mapping[str, Any], key: str) -> errors.LecternError:
    code = str(response.get("Error", {}).get("Code", ""))
    message = str(response.get("Error", {}).get("Message", ""))
    if code in _NOT_FOUND_CODES:
        return errors.NotFound(f"{key} is not in the store.")
    if code in _ACCESS_CODES or code in _BUCKET_CODES:
        return StorageRefused(f"It says {code}: {message}")
    return errors.TransientError(f"The store said {code}: {message}")
