"""Paginated responses: `page` and `limit` in the query; `X-Total-Count` and `Link` in the headers."""

from __future__ import annotations

import math
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
    """Return the body as JSON with the total count and links to the first and last pages, and to adjacent ones if they exist (RFC 8288)."""
    response = jsonify(body.model_dump() if isinstance(body, BaseModel) else [each.model_dump() for each in body])
    last_page = max(1, math.ceil(total / query.limit))
    page_by_relation = {"first": 1, "prev": query.page - 1, "next": query.page + 1, "last": last_page}
    query_arguments = request.args.to_dict()
    response.headers["X-Total-Count"] = str(total)
    response.headers["Link"] = ", ".join(
        f'<{path_url(request.path)}?{urlencode({**query_arguments, "page": page, "limit": query.limit})}>; rel="{relation}"'
        for relation, page in page_by_relation.items()
        if 1 <= page <= last_page
    )
    return response
