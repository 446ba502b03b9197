"""Support correspondence: what a person writes is sealed under that person's key, and staff answer it here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.account.accounts import store as accounts
from services.account.accounts.publishing import acting
from services.account.authorisation.access import enter, enter_to_read
from services.account.field_encryption.sealing import Sealing, locked_under_erasure
from services.account.support import calls, rules, store
from services.account.support.events import SupportAnswered, SupportSettled, SupportWritten
from services.account.support.values import CATEGORY, PAGE, PERSON, SUPPORT, TEXT
from shared.bus import Feature, answers
from shared.bus.alarms import Waiting, alarm
from shared.bus.probes import HOURLY, probe
from shared.case_references import reference_of
from shared.clock import Clock
from shared.context import current
from shared.database import Database, Row, Transaction
from shared.errors import Conflict, Forbidden, NotFound
from shared.events import Code
from shared.identifiers import new_id
from shared.keyset import Place, cut
from shared.privacy import Sealed, Subject, restricted
from shared.terms.clauses import collection

IN_LIST: Final = ("user_id", "state", "messages", "begun_at", "written_at", "answer_due", "expires_on")
IN_THREAD: Final = ("user_id", "state", "version", "begun_at", "answer_due", "expires_on")
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

    @answers(calls.WriteOn)
    def write_on(self, call: calls.WriteOn, tx: Transaction) -> calls.SupportTaken:
        """The same in a thread of one's own."""
        return self._take(tx, call, call.thread_id)

    def _take(
        self, tx: Transaction, call: calls.BeginSupport | calls.WriteOn, thread_id: UUID | None
    ) -> calls.SupportTaken:
        account, acting_user = enter(tx, call)
        user, now = rules.check_writer(acting_user), self.clock.now()
        accounts.user(tx, user.id, lock=True)  # of two messages at once the second one knows of the first
        rules.check_often(store.earlier(tx, user.id, now=now), now)
        if thread_id is None:
            thread_id = new_id()
            row = store.begin(tx, thread_id, account.id, user.id, now=now)
        else:
            known = _own(store.thread(tx, account.id, thread_id, lock=True), user.id)
            rules.check_room(known["messages"], kept_free=1)
            row = store.wait(tx, thread_id, now=now)
        number = row["messages"]
        ids = {"thread_id": thread_id, "account_id": account.id, "user_id": user.id}
        self._keep(tx, ids, number, call.text, written_by=PERSON, now=now)
        with acting(call.actor):
            tx.outbox.add(SupportWritten(**ids, way=Code(PAGE)), now=now)
        return calls.SupportTaken(
            thread_id=thread_id,
            reference=reference_of(thread_id),
            number=number,
            received_at=now,
            answer_due=row["answer_due"],
        )

    def _keep(
        self, tx: Transaction, ids: dict[str, UUID], number: int, text: str, *, written_by: str, now: datetime
    ) -> None:
        """Seal a message and keep it. Raises `Locked` once the erasure of the person has begun."""
        (table, column), message_id = TEXT, new_id()
        subject = Subject.person(ids["user_id"], ids["account_id"])
        with locked_under_erasure():
            sealed = self.sealing.vault.seal(subject, table=table, column=column, row=message_id, text=text)
        row = {**ids, "id": message_id, "number": number, "written_by": written_by, "way": PAGE}
        store.add_message(tx, {**row, "text_sealed": sealed}, now=now)

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
                    **{name: row[name] for name in ("account_id", "waiting_since", "answer_due")},
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
