"""E-mails about jobs, as plain text and HTML."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from services.email.port import Attachment, Message

_OUTCOMES = {"job.succeeded": "is ready", "job.failed": "could not be converted"}
_OUTCOMES_OF_PIPELINES = {
    "youtube_publishing": {"job.succeeded": "is on YouTube", "job.failed": "could not be published on YouTube"},
    "lesson": {"job.succeeded": "is ready as a video", "job.failed": "could not be made into a video"},
}


def compose(event: Mapping[str, Any], *, to: str, key: str, bcc: tuple[str, ...] = (), attachments: tuple[Attachment, ...] = ()) -> Message:
    """Return the e-mail for an event; `event` is the body that webhooks get too. Relative links are left out."""
    job = event["job"]
    title, outcome = str(job["title"]), _OUTCOMES_OF_PIPELINES.get(job["pipeline"], _OUTCOMES)[event["event"]]
    paragraphs = [f"“{title}” {outcome}."]
    if job["error"]:
        paragraphs += [text for text in (job["error"]["message"], job["error"]["hint"]) if text]
    paragraphs += [str(warning) for warning in job["warnings"]]
    url = next((event["links"][name] for name in ("page", "job") if name in event["links"]), "")
    link = url if url.startswith(("http://", "https://")) else ""
    return Message(to, f"{title} {outcome}", _plain(paragraphs, link), _html(paragraphs, link), key, bcc, attachments)


def _plain(paragraphs: list[str], link: str) -> str:
    return (
        "\n\n".join([*paragraphs, *([link] if link else []), "-- \nLectern. Choose which e-mails you get in your account settings."]) + "\n"
    )


def _html(texts: list[str], link: str) -> str:
    paragraphs = "".join(f"<p>{html.escape(text)}</p>" for text in texts)
    button = f'<p><a href="{html.escape(link)}">Open</a></p>' if link else ""
    footer = "<p><small>Lectern. Choose which e-mails you get in your account settings.</small></p>"
    return f'<!doctype html><html><body style="font-family: sans-serif">{paragraphs}{button}{footer}</body></html>\n'
