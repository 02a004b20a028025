"""Publishing on YouTube: connect channels, preview and upload recordings."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import Response, redirect, request

from routes.caller import caller, login_required, session_required
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.urls import path_url
from schemas.accounts import MessageOut
from schemas.publishing import (
    CallbackIn,
    ChannelOut,
    ChannelsOut,
    ConnectedOut,
    PreviewOut,
    PublicationOut,
    PublicationsOut,
    PublishFields,
    PublishIn,
    SignInOut,
)
from services.library.limits import UploadLimits
from services.publishing import channels, publishing
from services.publishing.channels import PublishingAccess

youtube = Blueprint("youtube", __name__, scope="content", tag="Publishing")
_OFF = {409: "The server cannot publish on YouTube"}


@youtube.get("/oauth")
@endpoint(scope="account")
@session_required
@youtube.output(SignInOut)
@youtube.doc(responses=_OFF)
def begin_sign_in() -> Any:
    """Return Google's page where the caller allows access to a channel."""
    url = channels.begin(caller(), _access())
    return SignInOut(url=url, authorization_url=url, auth_url=url)


def _browsers_return_to_the_page(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let the page complete the sign-in in browsers: it can renew an expired session, and show what went wrong."""

    @functools.wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if request.accept_mimetypes.best_match(["application/json", "text/html"]) != "text/html":
            return view(*args, **kwargs)
        callback_values = {name: request.args[name] for name in CallbackIn.model_fields if name in request.args}
        return redirect(path_url(f"/account?{urlencode({'youtube': 'returned', **callback_values})}"))

    return wrapper


@youtube.get("/callback")
@endpoint(scope="account")
@_browsers_return_to_the_page
@session_required
@youtube.input(CallbackIn, location="query")
@youtube.output(ConnectedOut)
@youtube.doc(responses={302: "For browsers: to the page, which completes the sign-in", 400: "The sign-in was not completed", **_OFF})
def return_from_google(query_data: CallbackIn) -> Any:
    """Connect the channel that the caller has chosen. Google leads the browser here."""
    return _connect(query_data)


@youtube.post("/callback")
@endpoint(scope="account")
@session_required
@youtube.input(CallbackIn)
@youtube.output(ConnectedOut)
@youtube.doc(responses={400: "The sign-in was not completed", **_OFF})
def complete_sign_in(json_data: CallbackIn) -> Any:
    """Do the same for clients that receive Google's redirect themselves."""
    return _connect(json_data)


@youtube.get("/accounts")
@login_required
@youtube.output(ChannelsOut)
def list_channels() -> Any:
    """List the caller's channels."""
    own_channels = [ChannelOut.of(each) for each in channels.list_own(caller())]
    return ChannelsOut(is_configured=_access().youtube.oauth.is_configured, channels=own_channels)


@youtube.delete("/accounts/<account_id>")
@endpoint(scope="account")
@session_required
@youtube.output(MessageOut)
@youtube.doc(responses={404: "Not found"})
def disconnect_channel(account_id: str) -> Any:
    """Disconnect a channel: the token is deleted, and revoked at Google. Videos stay."""
    channels.disconnect(caller(), account_id, _access())
    return MessageOut(message="The channel was disconnected.")


@youtube.post("/recordings/<recording_id>/preview")
@login_required
@youtube.input(PublishFields)
@youtube.output(PreviewOut)
@youtube.doc(responses={404: "Not found", 409: "The recording has no video"})
def preview_upload(recording_id: str, json_data: PublishFields) -> Any:
    """Show what would be sent with a recording: title, description with chapters, captions."""
    return PreviewOut.of(publishing.preview(caller(), recording_id, json_data.wishes(), _access()))


@youtube.get("/recordings/<recording_id>")
@login_required
@youtube.output(PublicationsOut)
@youtube.doc(responses={404: "Not found"})
def list_publications(recording_id: str) -> Any:
    """List the uploads of a recording, newest first."""
    publications = publishing.list_of_recording(caller(), recording_id)
    return PublicationsOut(publications=[PublicationOut.of(each) for each in publications])


@youtube.post("/upload")
@login_required
@youtube.input(PublishIn)
@youtube.output(PublicationOut, status_code=202)
@youtube.doc(responses={404: "Not found", 409: "No channel, no video, or the recording is being published"})
def publish_recording(json_data: PublishIn) -> Response | Any:
    """Upload a recording or a lesson to a channel. The upload is a job: it continues after interruptions, and makes one video."""
    upload_limits = UploadLimits.from_settings(container().settings)
    wishes = json_data.wishes(json_data.account_id)
    return PublicationOut.of(publishing.publish(caller(), json_data.recording_id, wishes, _access(), upload_limits))


def _connect(data: CallbackIn) -> ConnectedOut:
    account = channels.complete(caller(), _access(), state=data.state, code=data.code, error=data.error)
    return ConnectedOut(message=f"Connected with {account.channel_title or account.channel_id}.", channel=ChannelOut.of(account))


def _access() -> PublishingAccess:
    return PublishingAccess.from_settings(container().settings)
