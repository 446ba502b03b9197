"""Webhooks that were taken: tokens and digests, against replay and repetition."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from services.notification.mailgun.values import Webhook
from shared.database import Transaction, load_queries

Q: Final = load_queries(__file__)


class WebhookStore:
    """Notes each webhook once."""

    def take(self, tx: Transaction, *, token: str, identity: str, signal: str | None, now: datetime) -> str:
        """Note a token: `new`, `repeated` for an event or mail told before, `replayed` for a token used twice.

        Two of the same event at the same moment may both be new; the letter's row lets the second change nothing.
        """
        row = {"token": token, "identity": identity, "letter_id": None, "signal": signal, "now": now}
        if not tx.run(Q.add_webhook, **row):
            known = tx.one(Q.webhook_by_token, token=token)
            return "repeated" if known and known["identity"] == identity else "replayed"
        return "repeated" if tx.one(Q.identity_seen, identity=identity, token=token) else "new"

    def judge(self, tx: Transaction, token: str, verdict: str, letter_id: UUID | None) -> None:
        """Note what was done about a webhook."""
        tx.run(Q.judge_webhook, token=token, verdict=verdict, letter_id=letter_id)

    def keep_unread(self, tx: Transaction, webhook: Webhook) -> None:
        """Note what could not be understood of a webhook, for as long as its token is known."""
        tx.run(Q.keep_unread, token=webhook.signature.token, unread=webhook.event.unread)
