"""Looks up who gave a mandate, and keeps for whom the authority was notified.

A mandate counts on the day of the notice, or nobody is notified by it. The register is asked anew each time: of all
mandates only those of customers that a breach concerns are kept here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from services.cases.decisions.calls import CaseChanged
from services.cases.engine import opening, registers
from services.cases.engine import rules as engine
from services.cases.engine import store as cases
from services.cases.engine.values import Change, Entered
from services.cases.filings import calls, rules, store
from services.cases.filings.values import Filing, Mandate
from services.cases.kinds.breach import FILE_FOR, FREEZE
from services.cases.kinds.values import Moment, Step
from services.registers.engine.events import RegisterChanged
from shared import log
from shared.bus import Feature, answers, every, handles
from shared.bus.alarms import Waiting, alarm
from shared.calendar import oslo_date
from shared.calls import Caller
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.errors import Internal, NotFound, Permanent, Refused, Transient
from shared.events import Received
from shared.identifiers import new_id

REGISTER: Final = "mandate"
TOLD_BY: Final = "notification"
"""Whose word it is that a customer was told."""
A_ROUND: Final = 5
LATE_AFTER: Final = timedelta(minutes=5)

logger = log.get("cases.filings")


@dataclass(kw_only=True, eq=False)
class Filings(Feature):
    """What is asked for is a row, so whoever looks it up may be killed: the next round does it."""

    database: Database
    clock: Clock
    caller: Caller

    @answers(calls.LookUpMandates)
    def look_up_mandates(self, call: calls.LookUpMandates, tx: Transaction) -> CaseChanged:
        """Have it looked up who gave a mandate."""
        file = cases.lock(tx, call.case_id)
        engine.check_open(file.case, call.version)
        rules.check_state(file.case.kind, file.case.state)
        _ask(tx, call.case_id, str(call.actor), self.clock.now())
        case = cases.raise_version(tx, file.case)
        return CaseChanged(case_id=case.id, version=case.version, state=case.state)

    @every(seconds=1)
    def look_up(self) -> None:
        """Ask the register for what was asked for."""
        today = oslo_date(self.clock.now())
        with self.database.transaction() as tx:
            waiting = [(each, store.listed(tx, each.case_id)) for each in store.waiting(tx, limit=A_ROUND)]
        for asked, listed in waiting:
            try:
                found = list(self._mandates(listed, today))
            except (Transient, Refused, Permanent, Internal) as error:  # the register may answer the next round
                logger.warning("mandates are not looked up yet", case_id=asked.case_id, exc_info=error)
                continue
            with self.database.transaction() as tx:
                current = store.lock(tx, asked.id)
                if current is not None and current.looked_up_at is None:
                    standing = store.listed(tx, asked.case_id)  # whoever was erased meanwhile is on no list
                    store.fill(
                        tx, asked.id, [each for each in found if each.account_id in standing], self.clock.now()
                    )

    def _mandates(self, listed: Mapping[UUID, int], on: date) -> Iterator[Mandate]:
        for each in registers.counting(self.caller, REGISTER, on, list(listed)):
            if each.account_id is not None:
                yield Mandate(
                    account_id=each.account_id,
                    mandate_id=each.record_id,
                    scope=each.fields["scope"],
                    valid_from=each.valid_from,
                    valid_to=each.valid_to,
                    persons=listed[each.account_id],
                )

    @handles(RegisterChanged)
    def note_end(self, message: Received[RegisterChanged], tx: Transaction) -> None:
        """A mandate was withdrawn or replaced: nobody is notified by it who was not yet."""
        event = message.event
        if event.kind == REGISTER and event.state == "ended":
            store.ended(tx, event.record_id, event.valid_to)

    def follow(self, tx: Transaction, change: Change, step: Step) -> None:
        """The notice that a decision says was given names whom the mandates allow, and is kept with it.

        Once it is settled whom it concerns, it is looked up who of them gave a mandate: their time may run soon.
        """
        file, decision = change.after, change.decision
        if step.code == FREEZE and decision is not None:
            _ask(tx, file.case.id, decision.decided_by, decision.decided_at)
        if step.code != FILE_FOR or decision is None:
            return
        notified_at = file.moments[Moment.NOTIFIED_AT]
        filings = store.of_case(tx, file.case.id)
        filing = next(iter(filings), None)
        mandates = store.mandates(tx, filing.id) if filing else []
        days = (oslo_date(notified_at), oslo_date(decision.decided_at))
        given = [each.extent for each in filings]
        named = rules.named_in(filing, mandates, extent=decision.reason, days=days, given=given)
        if filing is not None:
            store.decide(
                tx,
                filing.id,
                named,
                extent=decision.reason,
                decision_id=decision.id,
                notified_at=notified_at,
            )

    @every(seconds=5)
    def start_customers_clocks(self) -> None:
        """The 72 hours of customers with a mandate run from when the first of them was told: we keep them."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            told = store.first_told(tx, oslo_date(now), limit=A_ROUND)
        for case_id, at in told:
            with self.database.transaction() as tx:
                file = cases.lock(tx, case_id)
                if file.case.ended_at is None and at < file.moments.get(Moment.CUSTOMER_AWARE_AT, now):
                    change = engine.entered_in(file, _aware(at, now))
                    cases.save(tx, change)
                    opening.tell_instants(tx, change, now)

    @answers(calls.ShowFilings)
    def show_filings(self, call: calls.ShowFilings) -> calls.FilingsShown:
        """For whom the authority is, or was, notified."""
        today = oslo_date(self.clock.now())
        with self.database.transaction() as tx:
            cases.get(tx, call.case_id)
            filings = store.of_case(tx, call.case_id)
            counts, others = store.counts(tx, call.case_id, today), store.others(tx, call.case_id)
        return calls.FilingsShown(
            filings=tuple(
                calls.FilingShown.of(
                    each,
                    filing_id=each.id,
                    named=counts[each.id]["named"],
                    over=counts[each.id]["over"],
                    others=others.get(each.id, 0),
                )
                for each in filings
            )
        )

    @answers(calls.ShowMandates)
    def show_mandates(self, call: calls.ShowMandates) -> calls.MandatesShown:
        """Which customers a filing names, a page of them."""
        today = oslo_date(self.clock.now())
        with self.database.transaction() as tx:
            if call.filing_id not in {each.id for each in store.of_case(tx, call.case_id)}:
                raise NotFound("the case has no such filing")
            found = store.mandates(tx, call.filing_id, after=call.after, limit=call.limit + 1)
        shown = found[: call.limit]
        return calls.MandatesShown(
            mandates=tuple(calls.MandateShown.of(each, is_valid=each.counts_on(today)) for each in shown),
            next_after=shown[-1].account_id if len(found) > len(shown) else None,
        )

    @alarm("mandates_not_looked_up", says="mandates that wait to be looked up", act="vilkar case list")
    def not_looked_up(self, tx: Transaction, now: datetime) -> Waiting | None:
        """The register does not answer."""
        late = [each for each in store.waiting(tx, limit=A_ROUND) if now - each.asked_at > LATE_AFTER]
        return Waiting(len(late), late[0].asked_at) if late else None


def _ask(tx: Transaction, case_id: UUID, asked_by: str, now: datetime) -> None:
    asked = Filing(
        id=new_id(),
        case_id=case_id,
        asked_by=asked_by,
        asked_at=now,
        looked_up_at=None,
        extent=None,
        decision_id=None,
        notified_at=None,
    )
    store.ask(tx, asked)


def _aware(at: datetime, now: datetime) -> Entered:
    return Entered(name=Moment.CUSTOMER_AWARE_AT, at=at, entered_by=TOLD_BY, recorded_at=now)
