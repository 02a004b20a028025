"""Links that open a recording without an account: how its owner manages them, and how visitors use them."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, g, request
from itsdangerous import BadSignature, URLSafeSerializer
from pydantic import BaseModel, Field

import errors
from routes.caller import caller, find_caller, login_required
from routes.container import container
from routes.endpoints import Blueprint
from routes.page import html_response
from routes.streams import PlaybackOut, playback_of, share_token
from routes.urls import endpoint_url
from schemas.accounts import MessageOut
from schemas.sharing import SharedDocumentOut, SharedIn, ShareLinkIn, ShareLinkOut, ShareLinksOut
from schemas.videos import VideoOut
from services.reactions import views
from services.sharing import links as use_case

recording_links = Blueprint("recording_links", __name__, scope="content", tag="Videos")
shared = Blueprint("shared", __name__, scope="open", tag="Videos")
embed = Blueprint("embed", __name__, scope="open", enable_openapi=False)


class SharedOut(BaseModel):
    recording: VideoOut
    playback: PlaybackOut = Field(description="Addresses for players; they end when the link does.")
    documents: list[SharedDocumentOut]


@recording_links.get("/<recording_id>/links")
@login_required
@recording_links.output(ShareLinksOut)
@recording_links.doc(responses={404: "Not found"})
def list_links(recording_id: str) -> Any:
    """List the links to a recording, expired ones included."""
    return ShareLinksOut(links=[_out(link) for link in use_case.list_links(caller(), recording_id)])


@recording_links.post("/<recording_id>/links")
@login_required
@recording_links.input(ShareLinkIn)
@recording_links.output(ShareLinkOut, status_code=201)
@recording_links.doc(responses={404: "Not found", 409: "Too many links"})
def create_link(recording_id: str, json_data: ShareLinkIn) -> Any:
    """Create a link that opens the recording, its streams and its documents without an account, also while it is private."""
    return _out(use_case.create(caller(), recording_id, json_data.label, json_data.password, json_data.expires_at))


@recording_links.delete("/<recording_id>/links/<link_id>")
@login_required
@recording_links.output(MessageOut)
@recording_links.doc(responses={404: "Not found"})
def revoke_link(recording_id: str, link_id: str) -> Any:
    """Revoke a link. Players and downloads that it opened end at once."""
    use_case.revoke(caller(), recording_id, link_id)
    return MessageOut(message="Revoked.")


@shared.post("/shared/<token>")
@shared.input(SharedIn)
@shared.output(SharedOut)
@shared.doc(responses={403: "A password is required, or it is wrong", 404: "Expired or revoked", 429: "Too many wrong passwords"})
def open_link(token: str, json_data: SharedIn) -> Any:
    """Open the recording of a link."""
    try:
        link_id = str(_serializer().loads(token))
    except BadSignature:
        raise errors.NotFound("This link has expired or was revoked.") from None
    share = use_case.open_link(link_id, json_data.password, request.remote_addr or "")
    stream_token, expires_in_s = share_token(link_id)

    def document_url(format_name: str) -> str:
        return endpoint_url("stream_files.stream_file", token=stream_token, name=f"document.{format_name}")

    documents = [SharedDocumentOut.of(each, document_url(each.format)) for each in share.documents]
    playback = playback_of(share.video.recording, stream_token, expires_in_s)
    body = SharedOut(recording=VideoOut.of(share.video), playback=playback, documents=documents)
    views.count(share.video.recording, find_caller(), request.remote_addr or "")
    return body


@embed.get("/embed/<token>")
def embed_page(token: str) -> Response:
    """Serve the page with a player for the link of this token. EMBED_ORIGINS says which pages may embed it."""
    g.frame_ancestors = " ".join(container().settings.embed_origins)
    return html_response("embed.html")


def _out(link: Any) -> ShareLinkOut:
    token = _serializer().dumps(link.id)
    return ShareLinkOut.of(link, endpoint_url("shared.open_link", token=token), endpoint_url("embed.embed_page", token=token))


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["JWT_SECRET_KEY"], salt="lectern-share")
