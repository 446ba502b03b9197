"""Mail from Mailgun's route: alarms of the host and of vendors, which become cases.

As with its webhooks the signature covers an instant and a token, not the form. So the secret in the path, the
signature, the instant and the single use of the token must fit before anything is made of who sent it. Nothing of
what a mail says is kept: the route delivers it to people as well, and the case tells them to look.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from services.account.support.calls import NAME_MOST, TakeSupportMail
from services.notification.inbound_mail import rules
from services.notification.inbound_mail.calls import ReceiveMail, ReceiveReply
from services.notification.inbound_mail.events import AlarmMailReceived
from services.notification.inbound_mail.form import read_form, read_reply
from services.notification.inbound_mail.values import AlarmMailbox, InboundMail
from services.notification.mailgun.rules import check_signed
from services.notification.webhooks.calls import WebhookVerdict
from shared import errors, log
from shared.bus import Feature, answers
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.events import Code
from shared.identifiers import derived_id

if TYPE_CHECKING:
    from services.notification.alarms.store import AlarmStore
    from services.notification.recipients.lookup import Lookup
    from services.notification.webhooks.store import WebhookStore

_log = log.get("notification.inbound_mail")

TAKEN: Final = frozenset({"taken", "repeated"})
"""What became of a reply that is in its thread."""
REFUSED: Final = "mail_refused"
"""The alarm that counts mails that were signed by Mailgun and are no alarms of anybody who may send one."""


@dataclass(kw_only=True, eq=False)
class InboundMails(Feature):
    """Takes mails in. `signing_key` is Mailgun's, `path_secret` ours; both are compared in constant time.

    `replies_to` is the domain of the addresses to which people reply to support; empty where no replies are taken.
    """

    database: Database
    clock: Clock
    mailbox: AlarmMailbox
    lookup: Lookup
    replies_to: str
    alarms: AlarmStore
    store: WebhookStore
    signing_key: str = field(repr=False)
    path_secret: str = field(repr=False)

    @answers(ReceiveMail)
    def receive_mail(self, call: ReceiveMail) -> WebhookVerdict:
        """Check a mail and take in what it is. Neither what is taken nor what is refused is to be sent again."""
        try:
            mail = self._believed(call)
        except errors.Refused as refused:
            word = str(refused.details.get("verdict", "malformed"))
            _log.warning("mail_not_from_mailgun", verdict=word)
            return WebhookVerdict(accepted=False, verdict=word)
        now = self.clock.now()
        verdict, sender = rules.judge(mail, self.mailbox)
        identity = rules.identity_of(mail, verdict)
        with self.database.transaction() as tx:
            token = mail.signature.token
            seen = self.store.take(tx, token=token, identity=identity, signal="mail", now=now)
            if seen == "replayed":
                return self._refuse(tx, seen, now)
            self.store.judge(tx, token, verdict, None)
            if sender is None:
                return self._refuse(tx, verdict, now)
            if seen == "repeated":
                return WebhookVerdict(accepted=True, verdict=seen)
            told_at = datetime.fromtimestamp(int(mail.signature.timestamp), UTC)
            alarm_id = derived_id(AlarmMailReceived.type, identity)
            event = AlarmMailReceived(
                alarm_id=alarm_id,
                sent_by=Code(sender.source),
                signal=Code(sender.signal),
                received_at=min(told_at, now),
            )
            tx.outbox.add(event, now=now, event_id=alarm_id)
        return WebhookVerdict(accepted=True, verdict=verdict)

    @answers(ReceiveReply)
    def receive_reply(self, call: ReceiveReply) -> WebhookVerdict:
        """Check a reply to support and have account take it in, once.

        Its token is noted before account is asked, so that nobody uses it for another text; Mailgun may tell the
        same mail again, and account knows it by its key.
        """
        try:
            self._check_path(call.path_secret)
            reply = read_reply(call.fields)
            check_signed(self.signing_key, reply.mail.signature, self.clock.now())
        except errors.Refused as refused:
            word = str(refused.details.get("verdict", "malformed"))
            _log.warning("reply_not_from_mailgun", verdict=word)
            return WebhookVerdict(accepted=False, verdict=word)
        verdict, name = rules.name_of_reply(reply, self.replies_to)
        identity = rules.identity_of_reply(reply, name or verdict)
        token = reply.mail.signature.token
        with self.database.transaction() as tx:
            seen = self.store.take(tx, token=token, identity=identity, signal="reply", now=self.clock.now())
        if seen == "replayed":
            verdict, name = seen, None
        if name is not None:
            author = reply.mail.authors[0]
            asked = TakeSupportMail(
                name=name[:NAME_MOST],
                author=author,
                is_proved=rules.is_proved(reply.mail, author.rpartition("@")[2]),
                text=reply.text,
                attachments=reply.attachments,
                key=identity,
            )
            verdict = self.lookup.take_reply(asked)
        with self.database.transaction() as tx:
            self.store.judge(tx, token, verdict, None)
        _log.info("reply_judged", verdict=verdict)
        return WebhookVerdict(accepted=verdict in TAKEN, verdict=verdict)

    def _check_path(self, path_secret: str) -> None:
        if not hmac.compare_digest(path_secret.encode(), self.path_secret.encode()):
            raise errors.Unauthenticated("wrong path", details={"verdict": "wrong_path"})

    def _believed(self, call: ReceiveMail) -> InboundMail:
        """The mail, if secret, form, signature and instant fit. Raises `Refused` with the verdict."""
        self._check_path(call.path_secret)
        mail = read_form(call.fields)
        check_signed(self.signing_key, mail.signature, self.clock.now())
        return mail

    def _refuse(self, tx: Transaction, verdict: str, now: datetime) -> WebhookVerdict:
        """A person looks what came: a forgery, a sender that nobody has named, or one whose mail is not signed."""
        self.alarms.raise_alarm(tx, REFUSED, now)
        _log.warning("mail_refused", verdict=verdict)
        return WebhookVerdict(accepted=False, verdict=verdict)
