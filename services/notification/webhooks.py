"""Mailgun's webhooks: whether one is to be believed, and what it says of which letter.

The signature covers an instant and a token, not the body. So the secret in the path, the instant, the single use of
the token and our own letter's id must all fit, and of the body nothing is kept but codes.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.notification.course import Course
from services.notification.mailgun import Mailgun, verify_signature
from services.notification.mailgun_events import read_webhook
from services.notification.rules import LOG_DELAY, signal_of, suppression_from, webhook_is_timely
from services.notification.store import Queue, Records, Refusals
from services.notification.values import Letter, VendorEvent, Webhook
from shared import errors, log
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.privacy import BlindIndex

_log = log.get("notification.webhooks")

APPLIED: Final = "applied"


@dataclass(frozen=True)
class Verdict:
    """`accepted` webhooks are not sent again, and neither are refused ones; `word` says why."""

    accepted: bool
    word: str


class Webhooks:
    """Takes webhooks in. Safe to run in any number of processes and threads at once."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        mailgun: Mailgun,
        index: BlindIndex,
        signing_key: str,
        path_secret: str,
    ) -> None:
        """`signing_key` is Mailgun's, `path_secret` ours; both are compared in constant time."""
        self._database = database
        self._clock = clock
        self._mailgun = mailgun
        self._index = index
        self._signing_key = signing_key
        self._path_secret = path_secret
        self._queue, self._records = Queue(), Records()
        self._course = Course(self._queue, Refusals(), self._records)

    def receive(self, *, path_secret: str, body: str) -> Verdict:
        """Check a webhook and take in what it says.

        Raises `Unavailable` where something must be done at Mailgun and could not: the webhook is to be answered
        as not received, and its repetition does the rest.
        """
        try:
            webhook = self._believed(path_secret, body)
        except errors.Refused as refused:
            word = str(refused.details.get("verdict", "malformed"))
            _log.warning("webhook_refused", verdict=word)
            return Verdict(accepted=False, word=word)
        verdict = self._take(webhook)
        if verdict.accepted:
            self._forget_after_farewell(webhook.event)
        return verdict

    def _believed(self, path_secret: str, body: str) -> Webhook:
        """The webhook, if secret, form, signature and instant fit. Raises `Refused` with the verdict."""
        if not hmac.compare_digest(path_secret.encode(), self._path_secret.encode()):
            raise errors.Unauthenticated("wrong path", details={"verdict": "wrong_path"})
        webhook = read_webhook(body)
        if not verify_signature(self._signing_key, webhook.signature):
            raise errors.Unauthenticated("wrong signature", details={"verdict": "wrong_signature"})
        if not webhook_is_timely(webhook.signature.timestamp, self._clock.now()):
            raise errors.Unauthenticated("too old or too new", details={"verdict": "untimely"})
        return webhook

    def _take(self, webhook: Webhook) -> Verdict:
        now = self._clock.now()
        signal = signal_of(webhook.event)
        with self._database.transaction() as tx:
            seen = self._records.take_webhook(tx, webhook, signal, now)
            if seen != "new":
                return Verdict(accepted=seen == "repeated", word=seen)
            letter = self._letter(tx, webhook.event)
            word = "of_no_use" if signal is None else APPLIED
            if letter is None:
                word = "unknown_letter"
            else:
                self._course.apply(tx, letter, webhook.event, now)
            if webhook.event.unread is not None:
                word = self._keep_unread(tx, webhook, letter, word, now)
            self._records.judge_webhook(tx, webhook.signature.token, word, letter.id if letter else None)
        if letter is None:
            _log.info("webhook_about_unknown_letter")
        return Verdict(accepted=True, word=word)

    def _keep_unread(
        self, tx: Transaction, webhook: Webhook, letter: Letter | None, word: str, now: datetime
    ) -> str:
        """Part of it could not be read: keep that, have a person look, and ask Mailgun's records for the letter.

        They may be half an hour late. Of a letter that the webhook does not name they are read anyway, when nothing
        else was heard of it.
        """
        _log.error("webhook_not_understood", unread=webhook.event.unread, letter_id=letter.id if letter else None)
        self._records.keep_unread(tx, webhook)
        self._records.alarm(tx, "webhook_not_understood", now)
        if letter is not None:
            self._queue.look_up(tx, letter, now + LOG_DELAY)
        return word if word == APPLIED else "not_understood"

    def _letter(self, tx: Transaction, event: VendorEvent) -> Letter | None:
        if event.letter_id is not None:
            return self._queue.lock(tx, event.letter_id)
        return self._queue.lock_by_message(tx, event.message_id) if event.message_id else None

    def _forget_after_farewell(self, event: VendorEvent) -> None:
        """A last letter that bounces puts its address on Mailgun's list again: have it deleted once more.

        The address comes from the unsigned body. While we have the letter it must be the one it went to; after
        the erasure nothing is left to compare it with, and the worst a forger gains is one address fewer on a list.
        Done again for a repeated webhook, since the first time may have ended in between.
        """
        if event.letter_id is None or event.recipient is None or suppression_from(event) is None:
            return
        with self._database.transaction() as tx:
            if not self._records.is_farewell(tx, event.letter_id):
                return
            letter = self._queue.lock(tx, event.letter_id)
        try:
            written_to = letter is None or letter.address_index == self._index.of_email(event.recipient)
        except errors.Invalid:
            written_to = False
        if written_to:
            self._mailgun.forget(event.recipient)
        else:
            _log.warning("webhook_names_another_address", letter_id=event.letter_id)
