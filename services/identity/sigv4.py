"""Verification of requests with AWS Signature Version 4: botocore computes the signature again.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import errors

ALGORITHM = "AWS4-HMAC-SHA256"
MAX_SKEW = dt.timedelta(minutes=5)
_PARTS = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[\w-]{1,128})/(?P<day>\d{8})/(?P<region>[\w-]{1,40})/(?P<service>[\w.-]{1,40})/aws4_request,"
    r"\s*SignedHeaders=(?P<headers>[a-z0-9;_-]{1,2000}),\s*Signature=(?P<signature>[0-9a-f]{64})"
)


class SignatureRefused(errors.Unauthenticated):
    """The request's signature is not valid."""

    code = "signature_refused"
    hint = "Use the configured access key, sign the host and every x-amz header, and keep the clock within five minutes."


@dataclass(frozen=True)
class SignedRequest:
    """The request as received: `url` with encoded path and query, `headers` with lower-case names."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Signature:
    """A valid signature; after `expires_at` it is too old to be accepted."""

    value: str
    key_id: str
    expires_at: dt.datetime


def verify(request: SignedRequest, key_id: str, secret: str, at: dt.datetime) -> Signature:
    """Verify the signature of a request at the time `at`. Raises SignatureRefused."""
    parts = _PARTS.fullmatch(request.headers.get("authorization", ""))
    if parts is None:
        raise SignatureRefused("The Authorization header is malformed.")
    signed_at = _time_of(request, parts["day"], at)
    names = parts["headers"].split(";")
    _check_headers(request, names)
    own_signature = _sign(request, names, parts, key_id, secret)
    is_valid = hmac.compare_digest(own_signature, parts["signature"])
    if not (hmac.compare_digest(parts["key"], key_id) and is_valid):
        raise SignatureRefused
    return Signature(parts["signature"], key_id, signed_at + MAX_SKEW)


def _time_of(request: SignedRequest, day: str, at: dt.datetime) -> dt.datetime:
    stamp = request.headers.get("x-amz-date", "")
    try:
        signed_at = dt.datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
    except ValueError:
        raise SignatureRefused("X-Amz-Date is missing or malformed.") from None
    if not stamp.startswith(day) or abs(at - signed_at) > MAX_SKEW:
        raise SignatureRefused("Its time differs by more than five minutes.")
    return signed_at


def _check_headers(request: SignedRequest, names: list[str]) -> None:
    """Check that all required headers are signed and that the body matches its hash."""
    required_headers = {"host", *(name for name in request.headers if name.startswith("x-amz-"))}
    if not required_headers <= set(names):
        raise SignatureRefused(f"Not signed: {', '.join(sorted(required_headers - set(names)))}.")
    body_sha256 = request.headers.get("x-amz-content-sha256")
    if body_sha256 is not None and body_sha256 != hashlib.sha256(request.body).hexdigest():
        raise SignatureRefused("The body does not match its hash.")


def _sign(request: SignedRequest, names: list[str], parts: re.Match[str], key_id: str, secret: str) -> str:
    from botocore.auth import SigV4Auth  # botocore takes long to load
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    class Signer(SigV4Auth):  # type: ignore[misc]
        def headers_to_sign(self, request: Any) -> Any:
            return request.headers

    signer = Signer(Credentials(key_id, secret), parts["service"], parts["region"])
    headers = {name: request.headers.get(name, "") for name in names}
    aws_request = AWSRequest(method=request.method, url=request.url, headers=headers, data=request.body)
    aws_request.context["timestamp"] = request.headers["x-amz-date"]
    signature: str = signer.signature(signer.string_to_sign(aws_request, signer.canonical_request(aws_request)), aws_request)
    return signature
