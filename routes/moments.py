"""Short links to moments of recordings, and their citations."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect
from pydantic import BaseModel, Field

import errors
from routes.caller import viewer, viewer_required
from routes.container import container
from routes.endpoints import Blueprint
from routes.urls import base_url, path_url
from schemas.moments import CitationOut
from services.accounts import Caller
from services.moments import moments as use_case

moments = Blueprint("moments", __name__, scope="open", enable_openapi=False)
citations = Blueprint("citations", __name__, scope="content", tag="Videos")


class CitationQuery(BaseModel):
    time: float = Field(ge=0, le=1_000_000, allow_inf_nan=False, description="Seconds of the recording.")
    quote: str = Field("", max_length=use_case.MAX_QUOTE_CHARS, description="The words to quote; the sentence at that time if omitted.")


@moments.get("/m/<short_code>")
@moments.get("/m/<short_code>/<code>", endpoint="moment")
def open_moment(short_code: str, code: str = "") -> Any:
    """Lead to the moment in the player, which asks strangers to sign in. Printed documents link here."""
    recording_id, time_s = use_case.find_target(short_code, code, _viewer_or_none(), container().store)
    fragment = f"#t={time_s:.1f}".removesuffix(".0") if time_s else ""
    response: Response = redirect(path_url(f"/watch/{recording_id}") + fragment, 302)  # type: ignore[assignment]
    response.headers["Cache-Control"] = "no-store"
    return response


@citations.get("/<recording_id>/citation")
@viewer_required
@citations.input(CitationQuery, location="query")
@citations.output(CitationOut)
@citations.doc(responses={404: "Not found"})
def cite_moment(recording_id: str, query_data: CitationQuery) -> Any:
    """Cite a moment of a recording that the caller may watch: as text, BibTeX and CSL-JSON, with a permanent link."""
    moment = use_case.cite(viewer(), recording_id, query_data.time, query_data.quote, base_url(), container().store)
    return CitationOut.of(moment)


def _viewer_or_none() -> Caller | None:
    try:
        return viewer()
    except errors.LecternError:
        return None
