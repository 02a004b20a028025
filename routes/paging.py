"""Pages of a list: `page` and `limit` in, `X-Total-Count` and `Link` out."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Response, request
from pydantic import BaseModel, Field

from routes.links import base_url


class Paging(BaseModel):
    page: int = Field(1, ge=1, le=1_000_000)
    limit: int = Field(50, ge=1, le=200)


def with_links(response: Response, paging: Paging, total: int) -> Response:
    """Say how many there are, and where the first, previous, next and last pages are (RFC 8288)."""
    last = max(1, -(-total // paging.limit))
    pages = {"first": 1, "prev": paging.page - 1, "next": paging.page + 1, "last": last}
    known = {name: number for name, number in pages.items() if 1 <= number <= last}
    query = request.args.to_dict()
    links = [
        f'<{base_url()}{request.path}?{urlencode({**query, "page": number, "limit": paging.limit})}>; rel="{name}"'
        for name, number in known.items()
    ]
    response.headers["X-Total-Count"] = str(total)
    response.headers["Link"] = ", ".join(links)
    return response
