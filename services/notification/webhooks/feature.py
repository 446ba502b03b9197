"""Mailgun's webhooks: whether one is to be believed, and what it says of which letter.

The signature covers an instant and a token, not the body. So the secret in the path, the instant, the single use of
the token and our own letter's id must all fit, and of the body nothing is kept but codes.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from services.notification.letter_lifecycle.lifecycle import LetterLifecycle
from services.notification.letter_lifecycle.store import Queue
from services.notification.letter_lifecycle.values import Letter
from services.notification.mailgun.client import Mailgun
from services.notification.mailgun.rules import LOG_DELAY, check_signed, signal_of, suppression_from
from services.notification.mailgun.values import VendorEvent, Webhook
from services.notification.mailgun.vendor_events import read_webhook
from services.notification.webhooks.calls import ReceiveWebhook, WebhookVerdict
from services.notification.webhooks.store import WebhookStore
from shared import errors, log
from shared.bus import Feature, answers
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.privacy import BlindIndex

if TYPE_CHECKING:
    from services.notification.alarms.store import AlarmStore
    from services.notification.last_letters.store import FarewellStore

_log = log.get("notification.webhooks")

APPLIED: Final = "applied"


@dataclass(kw_only=True, eq=False)
class Webhooks(Feature):
    """Takes webhooks in. Safe to run in any number of processes and threads at once.

    `signing_key` is Mailgun's, `path_secret` ours; both are compared in constant time. `to_staff` takes in what is
    told of letters to whoever is on duty, and says whether it was about one.
    """

    database: Database
    clock: Clock
    mailgun: Mailgun
    index: BlindIndex
    lifecycle: LetterLifecycle
    farewells: FarewellStore
    alarms: AlarmStore
    signing_key: str = field(repr=False)
    path_secret: str = field(repr=False)
    to_staff: Callable[[Transaction, VendorEvent, datetime], bool]
    queue: Queue = field(default_factory=Queue)
    store: WebhookStore = field(default_factory=WebhookStore)

    @answers(ReceiveWebhook)
    def receive_webhook(self, call: ReceiveWebhook) -> WebhookVerdict:
        """Check a webhook and take in what it says. Accepted ones are not sent again, and neither are refused ones.

        Raises `Unavailable` where something must be done at Mailgun and could not: the webhook is to be answered
        as not received, and its repetition does the rest.
        """
        try:
            webhook = self._believed(call.path_secret, call.body)
        except errors.Refused as refused:
            word = str(refused.details.get("verdict", "malformed"))
            _log.warning("webhook_refused", verdict=word)
            return WebhookVerdict(accepted=False, verdict=word)
        verdict = self._take(webhook)
        if verdict.accepted:
            self._forget_after_farewell(webhook.event)
        return verdict

    def _believed(self, path_secret: str, body: str) -> Webhook:
        """The webhook, if secret, form, signature and instant fit. Raises `Refused` with the verdict."""
        if not hmac.compare_digest(path_secret.encode(), self.path_secret.encode()):
            raise errors.Unauthenticated("wrong path", details={"verdict": "wrong_path"})
        webhook = read_webhook(body)
        check_signed(self.signing_key, webhook.signature, self.clock.now())
        return webhook

    def _take(self, webhook: Webhook) -> WebhookVerdict:
        now = self.clock.now()
        signal = signal_of(webhook.event)
        with self.database.transaction() as tx:
            token, identity = webhook.signature.token, webhook.event.identity
            seen = self.store.take(tx, token=token, identity=identity, signal=signal, now=now)
            if seen != "new":
                return WebhookVerdict(accepted=seen == "repeated", verdict=seen)
            letter = self._letter(tx, webhook.event)
            if letter is not None:
                self.lifecycle.apply(tx, letter, webhook.event, now)
                word = "of_no_use" if signal is None else APPLIED
            else:
                word = APPLIED if self.to_staff(tx, webhook.event, now) else "unknown_letter"
            if webhook.event.unread is not None:
                word = self._keep_unread(tx, webhook, letter, word, now)
            self.store.judge(tx, token, word, letter.id if letter else None)
        if word == "unknown_letter":
            _log.info("webhook_about_unknown_letter")
        return WebhookVerdict(accepted=True, verdict=word)

    def _keep_unread(
        self, tx: Transaction, webhook: Webhook, letter: Letter | None, word: str, now: datetime
    ) -> str:
        """Part of it could not be read: keep that, have a person look, and ask Mailgun's records for the letter.

        They may be half an hour late. Of a letter that the webhook does not name they are read anyway, when nothing
        else was heard of it.
        """
        _log.error("webhook_not_understood", unread=webhook.event.unread, letter_id=letter.id if letter else None)
        self.store.keep_unread(tx, webhook)
        self.alarms.raise_alarm(tx, "webhook_not_understood", now)
        if letter is not None:
            self.queue.look_up(tx, letter, now + LOG_DELAY)
        return word if word == APPLIED else "not_understood"

    def _letter(self, tx: Transaction, event: VendorEvent) -> Letter | None:
        if event.letter_id is not None:
            return self.queue.lock(tx, event.letter_id)
        return self.queue.lock_by_message(tx, event.message_id) if event.message_id else None

    def _forget_after_farewell(self, event: VendorEvent) -> None:
        """A last letter that bounces puts its address on Mailgun's list again: have it deleted once more.

        The address comes from the unsigned body. While we have the letter it must be the one it went to; after
        the erasure nothing is left to compare it with, and the worst a forger gains is one address fewer on a list.
        Done again for a repeated webhook, since the first time may have ended in between.
        """
        if event.letter_id is None or event.recipient is None or suppression_from(event) is None:
            return
        with self.database.transaction() as tx:
            if not self.farewells.is_farewell(tx, event.letter_id):
                return
            letter = self.queue.lock(tx, event.letter_id)
        try:
            written_to = letter is None or letter.address_index == self.index.of_email(event.recipient)
        except errors.Invalid:
            written_to = False
        if written_to:
            self.mailgun.forget(event.recipient)
        else:
            _log.warning("webhook_names_another_address", letter_id=event.letter_id)
