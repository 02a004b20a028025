"""Links to a media file itself."""

from __future__ import annotations

import errors
from lib.process import Report
from services.downloaders import partial_file
from services.downloaders.port import Download, DownloadRequest


class DirectDownloader:
    """Takes links whose server answers with a media file, not with a page."""

    def fetch(self, request: DownloadRequest, report: Report) -> Download | None:
        try:
            file, filename = partial_file.download(request, request.url, report, page_bytes=0)
        except errors.LinkNotFound:
            raise
        except (partial_file.NotAFile, errors.LinkUnusable):  # other downloaders may know what the server wants
            return None
        return Download((file,), filename, request.url)
