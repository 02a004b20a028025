"""Connected channels: sign-in at Google, list, disconnect."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

import errors
from config.keys import signing_key
from database import end_read, session, transaction
from lib.clock import now
from lib.encryption import decrypt, encrypt
from models import PendingRevocation, YouTubeAccount, YouTubeSignIn
from services import youtube
from services.accounts import Caller
from services.publishing import revocations
from services.youtube import YouTubeOptions
from services.youtube.port import PublishingOff, SignInFailed

if TYPE_CHECKING:
    from config import Settings

_SIGN_IN_LIFETIME = dt.timedelta(minutes=15)
_MAX_SIGN_INS = 20  # unfinished ones of a user


@dataclass(frozen=True)
class PublishingAccess:
    """The address of YouTube, and the key that encrypts tokens."""

    youtube: YouTubeOptions
    key: str
    default_privacy: str

    @classmethod
    def from_settings(cls, settings: Settings) -> PublishingAccess:
        return cls(youtube.from_settings(settings), signing_key(settings), settings.youtube_default_privacy)

    def check_configured(self) -> None:
        """Raise PublishingOff unless the operator has set up an OAuth client."""
        if not self.youtube.oauth.is_configured:
            raise PublishingOff


def begin(caller: Caller, access: PublishingAccess) -> str:
    """Return Google's page where the caller allows access to a channel. Raises PublishingOff and TooManyRequests."""
    access.check_configured()
    sign_in = access.youtube.oauth.begin()
    with transaction() as write_session:
        write_session.execute(delete(YouTubeSignIn).where(YouTubeSignIn.expires_at <= now()))
        query = select(YouTubeSignIn.state_hash).where(YouTubeSignIn.user_id == caller.user_id)
        if len(write_session.execute(query).all()) >= _MAX_SIGN_INS:
            raise errors.TooManyRequests("Complete one of the sign-ins that you have begun.", wait_s=900)
        row = YouTubeSignIn(state_hash=_hash(sign_in.state), user_id=caller.user_id, expires_at=now() + _SIGN_IN_LIFETIME)
        row.sealed_verifier = encrypt(sign_in.verifier, access.key)
        write_session.add(row)
    return sign_in.url


def complete(caller: Caller, access: PublishingAccess, *, state: str, code: str, error: str = "") -> YouTubeAccount:
    """Connect the channel that the caller has chosen at Google. Raises SignInFailed.

    The caller must be the user who started the connection: otherwise another user's link could connect the channel to that user's account.
    """
    access.check_configured()
    with transaction() as write_session:
        row = write_session.get(YouTubeSignIn, _hash(state), with_for_update=True)
        if row is None or row.user_id != caller.user_id or row.expires_at <= now():
            raise SignInFailed("This sign-in has expired, or another user began it.")
        verifier = decrypt(row.sealed_verifier, access.key)
        write_session.delete(row)  # single use
    if error or not code or verifier is None:
        raise SignInFailed(f"Google answered: {error[:100] or 'no code'}.")
    refresh_token, token = access.youtube.oauth.complete(code, verifier)
    channel = access.youtube.client(lambda: token).get_channel()
    with transaction() as write_session:
        conditions = (YouTubeAccount.user_id == caller.user_id, YouTubeAccount.channel_id == channel.id)
        account = write_session.execute(select(YouTubeAccount).where(*conditions)).scalar_one_or_none()
        account = account or YouTubeAccount(user_id=caller.user_id, channel_id=channel.id)
        account.channel_title, account.sealed_token, account.error_code = channel.title, encrypt(refresh_token, access.key), ""
        write_session.add(account)
        write_session.flush()
        return account


def list_own(caller: Caller) -> Sequence[YouTubeAccount]:
    """Return the caller's channels."""
    end_read()
    query = select(YouTubeAccount).where(YouTubeAccount.user_id == caller.user_id)
    return session().execute(query.order_by(YouTubeAccount.created_at)).scalars().all()


def choose(caller: Caller, account_id: str | None) -> YouTubeAccount:
    """Return a channel of the caller; without an id the only one. Raises NotFound and Conflict."""
    accounts = list_own(caller)
    if account_id is not None:
        account = next((each for each in accounts if each.id == account_id), None)
        if account is None:
            raise errors.NotFound("channel")
        return account
    if len(accounts) != 1:
        text = "You have connected several channels." if accounts else "You have not connected a channel."
        raise errors.Conflict(text, hint="Send account_id; GET /api/v1/youtube/accounts lists the channels, /oauth connects one.")
    return accounts[0]


def disconnect(caller: Caller, account_id: str, access: PublishingAccess) -> None:
    """Forget a channel and revoke the access at Google; if Google does not answer, that is tried again later. Raises NotFound."""
    account = choose(caller, account_id)
    with transaction() as write_session:
        revocation = PendingRevocation(sealed_token=account.sealed_token)
        write_session.add(revocation)
        write_session.execute(delete(YouTubeAccount).where(YouTubeAccount.id == account_id))
        write_session.flush()
        row = (revocation.id, revocation.sealed_token)
    revocations.attempt(access, *row, number=1)


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
