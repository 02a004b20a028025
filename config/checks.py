"""Checks of valid settings that are risky or do not fit together; their results are logged at each start."""

from __future__ import annotations

from config.settings import Settings


def deployment_errors(settings: Settings) -> list[str]:
    """Return the settings that are required by others but missing: e-mail needs PUBLIC_URL, several machines need shared stores."""
    return [
        *_email_errors(settings),
        *_speech_errors(settings),
        *_payment_errors(settings),
        *_publishing_errors(settings),
        *_shared_queue_errors(settings),
    ]


def _email_errors(settings: Settings) -> list[str]:
    if not settings.smtp_host or settings.public_url:
        return []
    return ["E-mail is configured (SMTP_HOST). Set PUBLIC_URL: without it e-mails contain codes, but no links."]


def _speech_errors(settings: Settings) -> list[str]:
    urls = {
        "TRANSCRIBE_API_URL": settings.transcribe_api_url,
        "GET_RESULT_TRANSCRIBE_API_URL": settings.get_result_transcribe_api_url,
    }
    missing = [name for name, url in urls.items() if not url]
    return [f"Set {missing[0]} too: without it the inference service is not used."] if len(missing) == 1 else []


def _payment_errors(settings: Settings) -> list[str]:
    has_prices = any(plan.price_ids for plan in settings.all_plans) or bool(settings.credit_packs)
    if not settings.stripe_secret_key.get_secret_value():
        return (
            ["There are prices of Stripe (PLANS, STRIPE_PRICE_*, CREDIT_PACKS). Set STRIPE_SECRET_KEY to sell them."] if has_prices else []
        )
    messages = [] if settings.public_url else ["Payments are configured. Set PUBLIC_URL: Stripe leads customers back to it."]
    if not has_prices:
        messages.append("Payments are configured. Set price_ids in PLANS, or CREDIT_PACKS: nothing can be bought.")
    return messages


def _publishing_errors(settings: Settings) -> list[str]:
    secret = settings.google_client_secret.get_secret_value()
    if not settings.google_client_id:
        return ["Set GOOGLE_CLIENT_ID too: without it nothing is published on YouTube."] if secret else []
    messages = [] if secret else ["Set GOOGLE_CLIENT_SECRET too: without it Google refuses every sign-in."]
    if not settings.public_url and not settings.google_redirect_uri:
        messages.append("Publishing is configured (GOOGLE_CLIENT_ID). Set PUBLIC_URL: Google leads users back to it.")
    return messages


def _shared_queue_errors(settings: Settings) -> list[str]:
    """Return the reasons why several machines can't share this queue, if they are meant to."""
    if not settings.shares_queue:
        return []
    prefix = "Several machines share the queue (JOB_EXECUTOR, SEVERAL_MACHINES). This requires"
    messages = []
    if not settings.uses_s3:
        messages.append(f"{prefix} an S3 store: set S3_BUCKET_NAME, or SEVERAL_MACHINES=false if there is only one machine.")
    if settings.is_sqlite:
        messages.append(f"{prefix} PostgreSQL: set DATABASE_URL, or SEVERAL_MACHINES=false if there is only one machine.")
    if not settings.jwt_secret_key.get_secret_value():
        messages.append(f"{prefix} the same JWT_SECRET_KEY on all of them; without it each machine refuses the tokens of the others.")
    return messages


def security_warnings(settings: Settings) -> list[str]:
    """Return warnings about insecure settings."""
    messages = []
    key = settings.jwt_secret_key.get_secret_value()
    if key and len(key) < 32:
        messages.append("JWT_SECRET_KEY is short enough to be guessed. Use at least 32 random characters, or leave it unset.")
    if settings.static_bearer_token.get_secret_value():
        messages.append("STATIC_BEARER_TOKEN is set: everyone who knows it has access. Use it on test installations only.")
    if settings.open_mode != "off":
        reach = "from this machine" if settings.open_mode == "loopback" else "from the whole network"
        messages.append(f"OPEN_MODE={settings.open_mode}: requests {reach} need no credentials while there is only one account.")
    return messages
