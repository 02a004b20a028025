"""Paginated responses: `page` and `limit` in the query; `X-Total-Count` and `Link` in the headers."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from flask import Response, jsonify, request
from pydantic import BaseModel, Field

from lib.paging import Paging
from routes.urls import path_url


class PageQuery(BaseModel):
    page: int = Field(1, ge=1, le=1_000_000)
    limit: int = Field(50, ge=1, le=200)

    @property
    def paging(self) -> Paging:
        return Paging(self.page, self.limit)


def page_response(body: BaseModel | Sequence[BaseModel], query: PageQuery, total: int) -> Response:
    """The body as JSON, with the total and links to the first, previous, next and last pages (RFC 8288)."""
    response = jsonify(body.model_dump() if isinstance(body, BaseModel) else [each.model_dump() for each in body])
    last = max(1, -(-total // query.limit))
    pages = {"first": 1, "prev": query.page - 1, "next": query.page + 1, "last": last}
    arguments = request.args.to_dict()
    response.headers["X-Total-Count"] = str(total)
    response.headers["Link"] = ", ".join(
        f'<{path_url(request.path)}?{urlencode({**arguments, "page": number, "limit": query.limit})}>; rel="{name}"'
        for name, number in pages.items()
        if 1 <= number <= last
    )
    return response
