"""Webhooks of Mailgun, as the gateway hands them over."""

from __future__ import annotations

from typing import Annotated, Final

from marshmallow.validate import Length

from shared.calls import Call
from shared.records import Record

WEBHOOK_LIMIT_BYTES: Final = 256 * 1024
WEBHOOK_SECONDS: Final = 30.0
"""Mailgun may be asked to forget an address before the webhook is answered."""


class WebhookVerdict(Record):
    """`accepted` is answered with 200, anything else with 406; `verdict` says why."""

    accepted: bool
    verdict: str


class ReceiveWebhook(Call[WebhookVerdict], service="notification", seconds=WEBHOOK_SECONDS):
    """Check a webhook of Mailgun and take in what it says.

    It comes as it was received: the secret in its path and the text of the body, neither looked at yet.
    """

    path_secret: Annotated[str, Length(max=200)]
    body: Annotated[str, Length(max=WEBHOOK_LIMIT_BYTES)]
