"""What an e-mail about a job says, as plain text and as HTML."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from services.email.port import Message

_OUTCOMES = {"job.succeeded": "is ready", "job.failed": "could not be converted"}


def compose(told: Mapping[str, Any], *, to: str, key: str, bcc: tuple[str, ...] = ()) -> Message:
    """`told` is the body that webhooks get too. Links that lead nowhere without a server's name are left out."""
    job = told["job"]
    title, how = str(job["title"]), _OUTCOMES[told["event"]]
    said = [f"“{title}” {how}."]
    if job["error"]:
        said += [text for text in (job["error"]["message"], job["error"]["hint"]) if text]
    said += [str(warning) for warning in job["warnings"]]
    watch = next((told["links"][name] for name in ("page", "job") if name in told["links"]), "")
    link = watch if watch.startswith(("http://", "https://")) else ""
    return Message(to, f"{title} {how}", _plain(said, link), _html(said, link), key, bcc)


def _plain(said: list[str], link: str) -> str:
    return "\n\n".join([*said, *([link] if link else []), "-- \nLectern. Which e-mails you get is among your account's settings."]) + "\n"


def _html(said: list[str], link: str) -> str:
    paragraphs = "".join(f"<p>{html.escape(text)}</p>" for text in said)
    button = f'<p><a href="{html.escape(link)}">Open it</a></p>' if link else ""
    footer = "<p><small>Lectern. Which e-mails you get is among your account's settings.</small></p>"
    return f'<!doctype html><html><body style="font-family: sans-serif">{paragraphs}{button}{footer}</body></html>\n'
