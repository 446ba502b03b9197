"""Takes in what persons complain of or ask, and shows each how it stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.account.authentication.calls import InSession
from services.account.login.calls import Authenticate
from services.account.support.events import CorrespondenceBegun
from services.cases.affected.values import Subject
from services.cases.clocks.rules import day_before
from services.cases.correspondence import calls, store
from services.cases.correspondence.values import KIND_OF
from services.cases.engine import rules as engine
from services.cases.engine import store as cases
from services.cases.engine.values import CaseFile
from services.cases.rights_requests.calls import RequestTaken
from services.cases.rights_requests.values import Asked, Asker
from shared import log
from shared.bus import Feature, answers, handles
from shared.calls import Caller
from shared.clock import Clock
from shared.database import Database, Row, Transaction
from shared.errors import NotFound
from shared.events import Received

STAFF, CUSTOMER = "staff", "customer"

logger = log.get("cases.correspondence")


@dataclass(kw_only=True, eq=False)
class Correspondence(Feature):
    """Whoever writes is answered as whoever makes a request is, whose room hands over how.

    `check_named`, `take_in`, `open_case` and `withdraw` are of the room of requests, `without_erased` of that of
    lists.
    """

    database: Database
    clock: Clock
    caller: Caller
    check_named: Callable[[UUID | None, UUID | None], None]
    take_in: Callable[[Transaction, Asked, datetime, str], RequestTaken]
    open_case: Callable[[Transaction, Asked, datetime, bytes | None, UUID | None], CaseFile]
    withdraw: Callable[[Transaction, UUID], None]
    without_erased: Callable[[Transaction, Sequence[Subject]], list[Subject]]

    def check_writer(self, call: calls.TakeCorrespondence) -> None:
        """Raise for whom staff name and account does not know."""
        self.check_named(call.account_id, call.user_id)

    @answers(calls.TakeCorrespondence, first=check_writer)
    def take_correspondence(self, call: calls.TakeCorrespondence, tx: Transaction) -> RequestTaken:
        """Somebody has complained or asked by telephone, mail or post."""
        asked = Asked(KIND_OF[call.kind], call.about, STAFF, str(call.actor), call.account_id, call.user_id)
        return self.take_in(tx, asked, call.received_at, call.external_id)

    @handles(CorrespondenceBegun)
    def take_from_page(self, message: Received[CorrespondenceBegun], tx: Transaction) -> None:
        """Somebody who is logged in has written: the case has the id of what was written, which stays there.

        Of whoever was erased since it is not opened: nobody could be answered, and nobody would take their ids out.
        """
        event = message.event
        digest = engine.digest_of(CUSTOMER, f"{event.kind} {event.thread_id}")
        cases.one_by_one(tx, digest.hex())
        if cases.taken_before(tx, CUSTOMER, digest) is not None:
            return
        writer = (event.account_id, event.user_id)
        if writer not in self.without_erased(tx, [writer]):  # their company may stand
            logger.info("whoever wrote was erased", case_id=event.thread_id)
            return
        kind, now = KIND_OF[str(event.kind)], self.clock.now()
        asked = Asked(kind, str(event.about), CUSTOMER, CUSTOMER, event.account_id, event.user_id)
        self.open_case(tx, asked, min(message.time, now), digest, event.thread_id)
        cases.note_taken(tx, CUSTOMER, digest, event.thread_id, now)

    @answers(calls.OwnCorrespondence)
    def own_correspondence(self, call: calls.OwnCorrespondence) -> calls.OwnCasesShown:
        """What the person of a session has written about, and how it stands."""
        writer = self._writer(call)
        with self.database.transaction() as tx:
            rows = store.own(tx, writer)
        return calls.OwnCasesShown(cases=tuple(map(_shown, rows)))

    @answers(calls.WithdrawOwnCorrespondence)
    def withdraw_own_correspondence(self, call: calls.WithdrawOwnCorrespondence) -> calls.OwnCase:
        """Whoever wrote takes it back. The decision names no person: the case outlives them."""
        writer = self._writer(call)
        with self.database.transaction() as tx:
            if not store.own(tx, writer, call.case_id):
                raise NotFound("there is no such case of yours")
            self.withdraw(tx, call.case_id)
            (row,) = store.own(tx, writer, call.case_id)
        return _shown(row)

    def _writer(self, call: InSession) -> Asker:
        session = self.caller.ask(Authenticate(token=call.token))
        return Asker(session.account_id, session.user_id)


def _shown(row: Row) -> calls.OwnCase:
    names = (
        "case_id",
        "reference",
        "kind",
        "about",
        "state",
        "reason",
        "received_at",
        "ended_at",
        "letter_left_at",
    )
    return calls.OwnCase(**{name: row[name] for name in names}, answer_by=day_before(row["internal_due"]))
