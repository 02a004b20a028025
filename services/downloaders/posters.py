"""Pictures of recordings: the thumbnail that a site shows, as a JPEG of moderate size."""

from __future__ import annotations

import io
import warnings

import errors
from lib import http_client
from services.downloaders.partial_file import USER_AGENT
from services.downloaders.port import DownloadRequest

_FILE = "poster.jpg"
_FORMATS = ("JPEG", "PNG", "WEBP")
_MAX_BYTES = 8 * 2**20
_MAX_PIXELS = 50_000_000
_SIZE = (1280, 1280)
_QUALITY = 85


def fetch(url: str, request: DownloadRequest) -> str:
    """Download a picture into the request's folder. Return its file name, or "" if there is no usable one: nothing depends on it."""
    if not url.startswith(("http://", "https://")):
        return ""
    try:
        with http_client.open_download(url, request.policy, headers={"User-Agent": USER_AGENT}) as response:
            data = response.read(_MAX_BYTES + 1) if response.status == 200 else b""
    except (errors.TransientError, errors.UrlRefused):
        return ""
    return _FILE if 0 < len(data) <= _MAX_BYTES and _write_jpeg(data, request) else ""


def _write_jpeg(data: bytes, request: DownloadRequest) -> bool:
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            warnings.simplefilter("ignore")
            if image.width * image.height > _MAX_PIXELS:
                return False
            image.thumbnail(_SIZE)
            image.convert("RGB").save(request.path(_FILE), "JPEG", quality=_QUALITY)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):  # Pillow raises them for broken files
        return False
    return True
