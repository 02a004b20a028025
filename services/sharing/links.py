"""Links that open a recording without an account, whatever its visibility, until they expire or are revoked."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

import errors
from database import end_read, session, transaction
from lib.clock import now
from lib.paging import count_rows
from models import Artifact, Recording, ShareLink
from services.accounts import Caller, login_throttle, passwords
from services.accounts.login_throttle import Subject, ThrottleLimits
from services.library import recordings, videos
from services.library.videos import Video
from services.operations import audit

MAX_LINKS = 100  # of a recording
_LINK_FACTOR = 200  # times the free attempts of an account: 1000 wrong passwords for a link from all networks
_NOT_FOUND_MESSAGE = "This link has expired or was revoked."


class TooManyLinks(errors.Conflict):
    """This recording has too many links."""

    code = "too_many_links"
    hint = f"Revoke some; the limit is {MAX_LINKS}."


class PasswordRequired(errors.Forbidden):
    """This link requires a password."""

    code = "password_required"
    hint = "Ask the person who sent you the link, and send it as `password`."


class WrongPassword(errors.Forbidden):
    """This password is wrong."""

    code = "wrong_password"
    hint = "Ask the person who sent you the link."


@dataclass(frozen=True)
class SharedRecording:
    """The recording and the documents that a link opens."""

    video: Video
    documents: Sequence[Artifact]


def create(caller: Caller, recording_id: str, label: str, password: str, expires_at: dt.datetime | None) -> ShareLink:
    """Create a link to a recording. `password`: "" for none. Raises NotFound and TooManyLinks."""
    recordings.get_owned(caller, recording_id)
    end_read()
    password_hash = passwords.hash_password(password) if password else None
    with transaction() as write_session:
        recording = recordings.get_locked(write_session, caller, recording_id)
        if count_rows(ShareLink, ShareLink.recording_id == recording_id) >= MAX_LINKS:
            raise TooManyLinks
        link = ShareLink(recording_id=recording_id, label=label, password_hash=password_hash, expires_at=expires_at)
        write_session.add(link)
        write_session.flush()
        audit.record_if_other_user(write_session, caller, recording.user_id, "recording.share", ("recording", recording_id))
    return link


def list_links(caller: Caller, recording_id: str) -> Sequence[ShareLink]:
    """Return the links to a recording, expired ones included, the newest first. Raises NotFound."""
    recordings.get_owned(caller, recording_id)
    query = select(ShareLink).where(ShareLink.recording_id == recording_id)
    return session().execute(query.order_by(ShareLink.created_at.desc(), ShareLink.id)).scalars().all()


def revoke(caller: Caller, recording_id: str, link_id: str) -> None:
    """Delete a link; what was opened with it ends at once. Raises NotFound."""
    with transaction() as write_session:
        recordings.get_locked(write_session, caller, recording_id)
        link = write_session.get(ShareLink, link_id)
        if link is None or link.recording_id != recording_id:
            raise errors.NotFound("link")
        write_session.delete(link)


def open_link(link_id: str, password: str, ip_address: str) -> SharedRecording:
    """Return the recording of a link. `ip_address`: that of the client, whose wrong passwords are counted.

    Raises NotFound, PasswordRequired, WrongPassword and TooManyAttempts.
    """
    link = _get_valid(link_id)
    if link.password_hash is not None:
        password_hash = link.password_hash
        end_read()
        _check_password(link_id, password_hash, password, ip_address)
    recording = recording_of(link_id)
    return SharedRecording(videos.with_owners([recording])[0], recordings.documents_of(recording.id))


def recording_of(link_id: str) -> Recording:
    """Return the recording that a link opens at present. The caller has checked the password. Raises NotFound."""
    link = _get_valid(link_id)
    recording = session().get(Recording, link.recording_id)
    if recording is None or not videos.is_shared(recording):
        raise errors.NotFound(_NOT_FOUND_MESSAGE)
    return recording


def document_of(recording: Recording, format_name: str) -> Artifact:
    """Return a document of a shared recording. Raises NotFound."""
    for artifact in recordings.documents_of(recording.id):
        if artifact.format == format_name:
            return artifact
    raise errors.NotFound(_NOT_FOUND_MESSAGE)


def _get_valid(link_id: str) -> ShareLink:
    link = session().get(ShareLink, link_id)
    if link is None or (link.expires_at is not None and link.expires_at <= now()):
        raise errors.NotFound(_NOT_FOUND_MESSAGE)
    return link


def _check_password(link_id: str, password_hash: str, password: str, ip_address: str) -> None:
    if not password:
        raise PasswordRequired
    subjects = _throttled_subjects(link_id, ip_address)
    login_throttle.count_attempt(subjects, ThrottleLimits())
    try:
        is_right = passwords.verify(password_hash, password)
    except passwords.PasswordChecksBusy:
        login_throttle.take_back(subjects)
        raise
    if not is_right:
        raise WrongPassword
    login_throttle.record_success(*subjects)


def _throttled_subjects(link_id: str, ip_address: str) -> tuple[Subject, Subject, Subject]:
    """Return what guesses are counted for: this link from this network, the network, and the link from everywhere.

    Few guesses from one network don't lock the others out; the ceiling of the link bounds those of many networks together.
    """
    network = login_throttle.network_subject(ip_address)
    digest = hashlib.sha256(f"{link_id} {network.key}".encode()).hexdigest()
    return Subject(f"share:{digest}", 2), network, Subject(f"share:{link_id}", _LINK_FACTOR)
