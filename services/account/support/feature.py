"""Support correspondence: what a person writes is sealed under that person's key, and staff answer it here."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.account.accounts import store as accounts
from services.account.accounts.publishing import acting, acting_user
from services.account.accounts.values import AccountState, UserState
from services.account.authorisation.access import enter, enter_to_read
from services.account.field_encryption.sealing import Sealing, locked_under_erasure
from services.account.support import calls, rules, store
from services.account.support.events import (
    CorrespondenceBegun,
    SupportAnswered,
    SupportMailDeclined,
    SupportSettled,
    SupportWritten,
)
from services.account.support.values import CATEGORY, DECLINED_BECAUSE, MAIL, PAGE, PERSON, QUESTION, SUPPORT, TEXT
from shared.bus import Feature, answers
from shared.bus.alarms import Waiting, alarm
from shared.bus.probes import HOURLY, probe
from shared.calendar import oslo_date
from shared.case_references import reference_of
from shared.clock import Clock
from shared.context import current
from shared.database import Database, Row, Transaction
from shared.errors import Conflict, Forbidden, Invalid, Locked, NotFound, TooMany
from shared.events import Code
from shared.identifiers import derived_id, new_id
from shared.keyset import Place, cut
from shared.privacy import Sealed, Subject, restricted
from shared.terms.clauses import collection

IN_LIST: Final = ("user_id", "kind", "state", "messages", "begun_at", "written_at", "answer_due", "expires_on")
IN_THREAD: Final = ("user_id", "kind", "state", "version", "begun_at", "answer_due", "expires_on")
IN_MESSAGE: Final = ("number", "written_by", "way", "written_at")


@dataclass(eq=False)
class Support(Feature):
    """Takes messages in, shows them to their writer and to staff, and takes answers."""

    database: Database
    clock: Clock
    sealing: Sealing

    # ── a person writes ───────────────────────────────────────────────────────────────────────────────────

    @answers(calls.BeginSupport)
    def begin_support(self, call: calls.BeginSupport, tx: Transaction) -> calls.SupportTaken:
        """Somebody of a customer writes to support about something new."""
        return self._take(tx, call, None)

    @answers(calls.BeginCorrespondence)
    def begin_correspondence(self, call: calls.BeginCorrespondence, tx: Transaction) -> calls.SupportTaken:
        """Somebody of a customer writes about what is a case, which is opened with the id of the thread."""
        return self._take(tx, call, None)

    @answers(calls.WriteOn)
    def write_on(self, call: calls.WriteOn, tx: Transaction) -> calls.SupportTaken:
        """The same in a thread of one's own."""
        return self._take(tx, call, call.thread_id)

    def _take(
        self,
        tx: Transaction,
        call: calls.BeginSupport | calls.BeginCorrespondence | calls.WriteOn,
        thread_id: UUID | None,
    ) -> calls.SupportTaken:
        account, acting_user = enter(tx, call)
        user, now = rules.check_writer(acting_user), self.clock.now()
        accounts.user(tx, user.id, lock=True)  # of two messages at once the second one knows of the first
        rules.check_often(store.earlier(tx, user.id, now=now), now)
        if thread_id is None:
            thread_id = new_id()
            begun_as = call.kind if isinstance(call, calls.BeginCorrespondence) else QUESTION
            row = store.begin(tx, thread_id, account.id, user.id, kind=begun_as, now=now)
        else:
            known = _own(store.thread(tx, account.id, thread_id, lock=True), user.id)
            rules.check_room(known["messages"], kept_free=1)
            row = store.wait(tx, thread_id, now=now)
        number = row["messages"]
        ids = {"thread_id": thread_id, "account_id": account.id, "user_id": user.id}
        self._keep(tx, ids, number, call.text, written_by=PERSON, now=now)
        with acting(call.actor):
            tx.outbox.add(SupportWritten(**ids, way=Code(PAGE)), now=now)
            if isinstance(call, calls.BeginCorrespondence):
                tx.outbox.add(CorrespondenceBegun(**ids, kind=Code(call.kind), about=Code(call.about)), now=now)
        return calls.SupportTaken(
            thread_id=thread_id,
            reference=reference_of(thread_id),
            number=number,
            received_at=now,
            answer_due=row["answer_due"],
        )

    def _keep(
        self,
        tx: Transaction,
        ids: dict[str, UUID],
        number: int,
        text: str,
        *,
        written_by: str,
        now: datetime,
        mail_id: UUID | None = None,
    ) -> None:
        """Seal a message and keep it, one by mail as `mail_id`. Raises `Locked` once the erasure has begun."""
        (table, column), message_id = TEXT, mail_id or new_id()
        subject = Subject.person(ids["user_id"], ids["account_id"])
        with locked_under_erasure():
            sealed = self.sealing.vault.seal(subject, table=table, column=column, row=message_id, text=text)
        way = PAGE if mail_id is None else MAIL
        row = {**ids, "id": message_id, "number": number, "written_by": written_by, "way": way}
        store.add_message(tx, {**row, "text_sealed": sealed}, now=now)

    # ── a person replies by mail ──────────────────────────────────────────────────────────────────────────

    def reply_name(self, thread_id: UUID, user_id: UUID) -> str:
        """The name of the address to which this person replies in this thread; nobody else can make it up."""
        return rules.reply_name(thread_id, self.sealing.index.of("support_reply", f"{thread_id} {user_id}"))

    def reply_name_in(
        self, tx: Transaction, thread_id: UUID | None, account: AccountState, user: UserState
    ) -> str | None:
        """The same for a letter to this user about a case or a thread; None where no reply would be taken.

        A case that staff entered has no thread, and whoever is inactive has none to go on with.
        """
        if thread_id is None or account.state != "active" or account.blocked or user.state != "active":
            return None
        named = store.of_reply(tx, thread_id)
        return self.reply_name(thread_id, user.id) if named and named["user_id"] == user.id else None

    @answers(calls.TakeSupportMail)
    def take_support_mail(self, call: calls.TakeSupportMail) -> calls.MailTaken:
        """A reply by mail to the letter of a thread."""
        thread_id = rules.thread_of(call.name)
        try:
            with self.database.transaction() as tx:
                named = store.of_reply(tx, thread_id) if thread_id is not None else None
                if named is None or not self._is_signed(call.name, named):
                    return calls.MailTaken(verdict="unknown")
                user = accounts.user(tx, named["user_id"], lock=True)  # before the thread, as where one writes on
                return calls.MailTaken(verdict=self._judged(tx, call, user, store.lock_reply(tx, named["id"])))
        except NotFound:  # what is held of somebody who was erased
            return calls.MailTaken(verdict="unknown")
        except Locked:
            return calls.MailTaken(verdict="inactive")

    def _is_signed(self, name: str, thread: Row) -> bool:
        return hmac.compare_digest(name.encode(), self.reply_name(thread["id"], thread["user_id"]).encode())

    def _judged(self, tx: Transaction, call: calls.TakeSupportMail, user: UserState, thread: Row) -> str:
        """What becomes of the mail, once it has become that."""
        now, mail_id = self.clock.now(), derived_id("support.mail", thread["id"], call.key)
        if store.is_known(tx, mail_id):
            return "repeated"
        text = rules.written_of(call.text)
        reason = self._reason_to_decline(tx, call, user, thread, text)
        if reason is None:
            self._take_mail(tx, thread, text, mail_id, now)
        told = reason or ("attachments" if call.attachments else None)
        if told in DECLINED_BECAUSE:
            self._decline(tx, thread, told, now)
        return reason or "taken"

    def _reason_to_decline(
        self, tx: Transaction, call: calls.TakeSupportMail, user: UserState, thread: Row, text: str
    ) -> str | None:
        """Why the mail is not taken; None where it is."""
        account, now = accounts.account(tx, thread["account_id"]), self.clock.now()
        if account.state != "active" or account.blocked or user.state != "active":
            return "inactive"
        if not call.is_proved:
            return "sender_not_proved"
        if not hmac.compare_digest(self._digest_of(call.author), accounts.user_row(tx, user.id)["email_index"]):
            return "other_sender"
        try:
            rules.check_often(store.earlier(tx, user.id, now=now), now)
            rules.check_room(thread["messages"], kept_free=1)
        except TooMany:
            return "too_often"
        except Conflict:
            return "thread_full"
        return rules.reason_to_decline(text, oslo_date(now))

    def _digest_of(self, author: str) -> bytes:
        try:
            return self.sealing.of_email(author)
        except Invalid:
            return b""

    def _take_mail(self, tx: Transaction, thread: Row, text: str, mail_id: UUID, now: datetime) -> None:
        ids = {"thread_id": thread["id"], "account_id": thread["account_id"], "user_id": thread["user_id"]}
        number = store.wait(tx, thread["id"], now=now)["messages"]
        self._keep(tx, ids, number, text, written_by=PERSON, now=now, mail_id=mail_id)
        with acting_user(thread["user_id"]):
            tx.outbox.add(SupportWritten(**ids, way=Code(MAIL)), now=now)

    @staticmethod
    def _decline(tx: Transaction, thread: Row, reason: str, now: datetime) -> None:
        """Tell the person, once a day: mail that answers mail would go on for ever."""
        if not rules.may_tell(thread["declined_at"], now):
            return
        store.note_declined(tx, thread["id"], now=now)
        ids = {"thread_id": thread["id"], "account_id": thread["account_id"], "user_id": thread["user_id"]}
        tx.outbox.add(SupportMailDeclined(**ids, reason=Code(reason)), now=now)

    # ── what was written is read ──────────────────────────────────────────────────────────────────────────

    @answers(calls.SupportThreads)
    def support_threads(self, call: calls.SupportThreads) -> calls.ThreadsShown:
        """The threads of whoever asks; for staff those of the account."""
        with self.database.transaction() as tx:
            reader = enter_to_read(tx, call)
            own = None if reader is None else reader.id
            found = store.of_account(tx, call.account_id, own, call)
        page, following = cut(found, call.limit, lambda row: Place(row["written_at"], row["id"]))
        readable = [row for row in page if reader is not None or _staff_may_read(row, is_kept=row["kept"])]
        opened = self._opened([{**row, "id": row["message_id"]} for row in readable])
        texts = dict(zip((row["id"] for row in readable), opened, strict=True))
        return calls.ThreadsShown(
            threads=tuple(_in_list(row, texts.get(row["id"])) for row in page), next_after=following
        )

    @answers(calls.SupportThread)
    def support_thread(self, call: calls.SupportThread) -> calls.ThreadShown:
        """A thread of whoever asks; for staff one of the account."""
        with self.database.transaction() as tx:
            reader = enter_to_read(tx, call)
            thread = store.thread(tx, call.account_id, call.thread_id)
            if reader is not None:
                _own(thread, reader.id)
            else:
                _check_staff_may_read(tx, thread)
            found = store.messages(tx, call.thread_id, call.before)
        texts = self._opened(found)
        read = list(zip(found, texts, strict=True))[: rules.fitting(texts)]
        earlier = read[-1][0]["number"] if len(read) < len(found) else None
        return calls.ThreadShown(
            **{name: thread[name] for name in IN_THREAD},
            thread_id=thread["id"],
            reference=reference_of(thread["id"]),
            messages=tuple(
                calls.SupportMessage(**{name: row[name] for name in IN_MESSAGE}, text=text)
                for row, text in reversed(read)
            ),
            earlier=earlier,
        )

    def _opened(self, rows: Sequence[Row]) -> list[str | None]:
        """The text of each message; None where nobody can read it any more."""
        table, column = TEXT
        return self.sealing.vault.unseal_many(
            [
                Sealed(
                    Subject.person(row["user_id"], row["account_id"]), table, column, row["id"], row["text_sealed"]
                )
                for row in rows
            ]
        )

    # ── staff answer ──────────────────────────────────────────────────────────────────────────────────────

    @answers(calls.AnswerSupport)
    def answer_support(self, call: calls.AnswerSupport, tx: Transaction) -> calls.Answered:
        """Answer a thread; a letter tells the person that there is an answer."""
        thread, now = self._for_staff(tx, call, call.thread_id, call.version), self.clock.now()
        user = accounts.user_of(tx, thread["account_id"], thread["user_id"])
        if user.state != "active":
            raise Conflict("the person is inactive and reads no answer here", details={"reason": "user_inactive"})
        rules.check_room(thread["messages"])
        row = store.answer(tx, thread["id"], now=now)
        ids = {"thread_id": thread["id"], "account_id": thread["account_id"], "user_id": thread["user_id"]}
        self._keep(tx, ids, row["messages"], call.text, written_by=SUPPORT, now=now)
        with acting(call.actor):
            tx.outbox.add(SupportAnswered(**ids), now=now)
        return calls.Answered(thread_id=thread["id"], state=row["state"], version=row["version"])

    @answers(calls.SettleSupport)
    def settle_support(self, call: calls.SettleSupport, tx: Transaction) -> calls.Answered:
        """Say that a thread needs no written answer."""
        thread = self._for_staff(tx, call, call.thread_id, call.version)
        rules.check_waiting(thread["state"])
        row = store.settle(tx, thread["id"])
        ids = {"thread_id": thread["id"], "account_id": thread["account_id"], "user_id": thread["user_id"]}
        with acting(call.actor):
            tx.outbox.add(SupportSettled(**ids, reason=Code(call.reason)), now=self.clock.now())
        return calls.Answered(thread_id=thread["id"], state=row["state"], version=row["version"])

    @staticmethod
    def _for_staff(
        tx: Transaction, call: calls.AnswerSupport | calls.SettleSupport, thread_id: UUID, version: int
    ) -> Row:
        """The thread, locked, as staff read it. Raises `Forbidden` for a customer."""
        account, acting_user = enter(tx, call, even_inactive=isinstance(call, calls.SettleSupport))
        if acting_user is not None:
            raise Forbidden("staff answer")
        thread = store.thread(tx, account.id, thread_id, lock=True)
        rules.check_read(version, thread["version"])
        _check_staff_may_read(tx, thread)
        return thread

    @answers(calls.WaitingSupport)
    def waiting_support(self, call: calls.WaitingSupport) -> calls.WaitingShown:
        """What waits for an answer of support, of all customers."""
        with self.database.transaction() as tx:
            found = store.waiting(tx, call)
        page, following = cut(found, call.limit, lambda row: Place(row["answer_due"], row["id"]))
        return calls.WaitingShown(
            threads=tuple(
                calls.WaitingThread(
                    **{name: row[name] for name in ("account_id", "kind", "waiting_since", "answer_due")},
                    thread_id=row["id"],
                    reference=reference_of(row["id"]),
                )
                for row in page
            ),
            next_after=following,
        )

    # ── what nobody sees to ───────────────────────────────────────────────────────────────────────────────

    @alarm(
        "support_unanswered",
        says="messages to support that should have been answered",
        act="vilkar support waiting",
    )
    def unanswered(self, tx: Transaction, now: datetime) -> Waiting | None:
        """They wait until somebody answers them, or says that they need no answer."""
        return Waiting.of(store.overdue(tx, now))

    @probe(
        collection.SUPPORT_NEEDS_LOGIN,
        nb="meldinger fra siden skrevet etter at skriveren ble gjort inaktiv",
        en="messages of the page written after their writer was made inactive",
        seconds=HOURLY,
    )
    def written_without_session(self, tx: Transaction, _now: datetime) -> Row | None:
        """Nobody who is inactive has a session."""
        return store.written_while_inactive(tx)


def _own(thread: Row, user_id: UUID) -> Row:
    """The thread, for whoever wrote it. Raises `NotFound` for everybody else of the customer."""
    if thread["user_id"] != user_id:
        raise NotFound
    return thread


def _staff_may_read(thread: Row, *, is_kept: bool) -> bool:
    statement = current().statement
    purpose = None if statement is None else statement.purpose
    return rules.staff_may_read(thread["state"], purpose, is_kept=is_kept)


def _check_staff_may_read(tx: Transaction, thread: Row) -> None:
    kept = restricted.is_kept(tx, thread["account_id"], thread["user_id"], CATEGORY)
    if not _staff_may_read(thread, is_kept=kept):
        raise Conflict("these messages may only be stored now", details={"reason": "restricted"})


def _in_list(row: Row, first: str | None) -> calls.ThreadInList:
    return calls.ThreadInList(
        **{name: row[name] for name in IN_LIST},
        thread_id=row["id"],
        reference=reference_of(row["id"]),
        opening=None if first is None else rules.opening_of(first),
    )
