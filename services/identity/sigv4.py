"""Requests that are signed as for AWS (Signature Version 4): the signature is computed again, with botocore's own signer.

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
    hint = "Sign with the configured access key, every x-amz header and the host, and a clock that is right to five minutes."


@dataclass(frozen=True)
class SignedRequest:
    """As it came over the wire: `url` with its path and query still encoded, `headers` with names in lower case."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Signature:
    """A signature that was found right; `expires_at`: from when on it is too old anyhow."""

    value: str
    key_id: str
    expires_at: dt.datetime


def verify(request: SignedRequest, key_id: str, secret: str, at: dt.datetime) -> Signature:
    """Raises SignatureRefused."""
    parts = _PARTS.fullmatch(request.headers.get("authorization", ""))
    if parts is None:
        raise SignatureRefused("The Authorization header is not of its form.")
    signed_at = _time_of(request, parts["day"], at)
    names = parts["headers"].split(";")
    _check_headers(request, names)
    expected = _sign(request, names, parts, key_id, secret)
    right = hmac.compare_digest(expected, parts["signature"])
    if not (hmac.compare_digest(parts["key"], key_id) and right):
        raise SignatureRefused
    return Signature(parts["signature"], key_id, signed_at + MAX_SKEW)


def _time_of(request: SignedRequest, day: str, at: dt.datetime) -> dt.datetime:
    stamp = request.headers.get("x-amz-date", "")
    try:
        signed_at = dt.datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
    except ValueError:
        raise SignatureRefused("X-Amz-Date is missing or not of its form.") from None
    if not stamp.startswith(day) or abs(at - signed_at) > MAX_SKEW:
        raise SignatureRefused("It was signed more than five minutes from now.")
    return signed_at


def _check_headers(request: SignedRequest, names: list[str]) -> None:
    """What AWS wants signed is signed, and the body is the one that was signed."""
    must = {"host", *(name for name in request.headers if name.startswith("x-amz-"))}
    if not must <= set(names):
        raise SignatureRefused(f"Not signed: {', '.join(sorted(must - set(names)))}.")
    announced = request.headers.get("x-amz-content-sha256")
    if announced is not None and announced != hashlib.sha256(request.body).hexdigest():
        raise SignatureRefused("The body is not the one that was signed.")


def _sign(request: SignedRequest, names: list[str], parts: re.Match[str], key_id: str, secret: str) -> str:
    from botocore.auth import SigV4Auth  # botocore takes long to load
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    class Signer(SigV4Auth):  # type: ignore[misc]
        def headers_to_sign(self, request: Any) -> Any:
            return request.headers

    signer = Signer(Credentials(key_id, secret), parts["service"], parts["region"])
    headers = {name: request.headers.get(name, "") for name in names}
    again = AWSRequest(method=request.method, url=request.url, headers=headers, data=request.body)
    again.context["timestamp"] = request.headers["x-amz-date"]
    signed: str = signer.signature(signer.string_to_sign(again, signer.canonical_request(again)), again)
    return signed
