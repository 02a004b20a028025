"""Public shares of Nextcloud, at the WebDAV address of version 29 and later, else at the older one."""

from __future__ import annotations

import base64
import re
from urllib.parse import urlsplit, urlunsplit

import errors
from lib.process import Report
from services.downloaders import partial_file
from services.downloaders.port import Downloaded, DownloadRequest

_SHARE = re.compile(r"(?P<base>.*?)(?:/index\.php)?/s/(?P<token>[A-Za-z0-9]{8,32})(?:/download(?:/[^/]*)?)?/?")


class NextcloudDownloader:
    """Takes links of the form `/s/TOKEN` whose server has one of the two addresses for public shares."""

    def fetch(self, request: DownloadRequest, report: Report) -> Downloaded | None:
        parts = urlsplit(request.url)
        match = _SHARE.fullmatch(parts.path)
        if match is None:
            return None
        base, token = urlunsplit((parts.scheme, parts.netloc, match["base"], "", "")), match["token"]
        newer = f"{base}/public.php/dav/files/{token}"
        older = f"{base}/public.php/webdav"
        attempts = [(newer, _basic("anonymous", request.password) if request.password else ""), (older, _basic(token, request.password))]
        refusal: errors.LecternError | None = None
        for url, credentials in attempts:
            try:
                file, filename = partial_file.download(request, url, report, identity=request.url, credentials=credentials, page_bytes=0)
            except (partial_file.NotAFile, errors.LinkNotFound):
                continue
            except errors.LinkPrivate:
                refusal = errors.LinkPasswordNeeded()
                continue
            except errors.ProviderDown as down:  # sabre/dav answers 501 to the GET of a folder
                refusal = errors.LinkIsCollection("It is a folder of Nextcloud.") if " 501" in down.detail else down
                continue
            except errors.LinkUnusable as other:
                refusal = other
                continue
            is_named = filename.rpartition("/")[2] not in (token, "webdav")
            return Downloaded((file,), filename if is_named else f"{token}", request.url)
        if refusal is not None:
            raise refusal
        return None


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
