"""Watches the clocks: owners are told in time, others take over when it is over, and files end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from services.cases.engine import rules
from services.cases.engine import store as cases
from services.cases.engine.events import CaseAssigned, CaseClockPassed
from services.cases.engine.opening import staff_code
from services.cases.engine.values import RunningClock
from services.cases.escalation import store
from services.cases.escalation.rules import forgotten_before
from services.cases.kinds.table import PRESENT
from shared import log
from shared.bus import Feature, every
from shared.bus.alarms import Waiting, alarm
from shared.bus.probes import HOURLY, probe
from shared.clock import Clock
from shared.database import Database, Row, Transaction
from shared.events import Code
from shared.identifiers import derived_id
from shared.terms.clauses.incidents import CONTROLLERS_ARE_TOLD, INCIDENTS_ARE_KEPT, MENDED_FREE_OF_CHARGE
from shared.terms.clauses.rights import QUESTIONS_ARE_ANSWERED

BATCH: Final = 100
BATCHES: Final = 50
NextOwner = Callable[[Transaction, str | None, datetime], str | None]

logger = log.get("cases.escalation")


@dataclass(kw_only=True, eq=False)
class Escalation(Feature):
    """Tells of clocks that come so far, and of cases that nobody answers for."""

    database: Database
    clock: Clock
    next_owner: NextOwner

    @every(seconds=30)
    def watch_clocks(self) -> None:
        """Tell of every mark that has passed; where the time is over, who is next on duty answers."""
        now = self.clock.now()
        for _ in range(BATCHES):
            with self.database.transaction() as tx:
                found = store.coming(tx, now, limit=BATCH)
                for case_id in found:
                    self._tell(tx, case_id, now)
            if len(found) < BATCH:
                return

    def _tell(self, tx: Transaction, case_id: UUID, now: datetime) -> None:
        file = cases.lock(tx, case_id)
        case, told = file.case, []
        for clock in file.clocks:
            found = rules.told(case, clock, now)
            if found is None:
                continue
            after, mark = found
            told.append(after)
            passed = _passed(case_id, clock, mark)
            told_once = derived_id(passed.type, case_id, clock.rule, clock.started_at.isoformat(), mark.isoformat())
            tx.outbox.add(passed, now=now, sequence=case.version, event_id=told_once)
        cases.save_clocks(tx, case_id, told)
        if any(each.internal_due <= now for each in told):
            owner = self.next_owner(tx, case.owner, now)
            if owner != case.owner:
                given = replace(case, owner=owner, version=case.version + 1)
                cases.save_case(tx, given)
                assigned = CaseAssigned(case_id=case_id, staff_code=staff_code(owner))
                tx.outbox.add(assigned, now=now, sequence=given.version)
                logger.info("a case went to who is next on duty", case_id=case_id)

    # ── alarms, probes, the end of files ──────────────────────────────────────────────────────────────────────

    @probe(INCIDENTS_ARE_KEPT, nb="saker som ingen har ansvaret for", en="cases that nobody answers for")
    @alarm("cases_without_owner", says="cases that nobody answers for", act="vilkar case list")
    def cases_without_owner(self, tx: Transaction, now: datetime) -> Waiting | None:  # noqa: ARG002
        """Nobody was on duty when they were opened."""
        return Waiting.of(store.without_owner(tx))

    @alarm("cases_restored", says="cases of which a restore has lost something", act="vilkar case list")
    def cases_restored(self, tx: Transaction, now: datetime) -> Waiting | None:  # noqa: ARG002
        """A person looks what is lacking, enters it again and says so."""
        return Waiting.of(store.restored(tx))

    @probe(
        CONTROLLERS_ARE_TOLD,
        MENDED_FREE_OF_CHARGE,
        QUESTIONS_ARE_ANSWERED,
        nb="saker der fristen er ute",
        en="cases whose time is over",
    )
    @alarm("cases_overdue", says="cases whose time is over", act="vilkar case list")
    def cases_overdue(self, tx: Transaction, now: datetime) -> Waiting | None:
        """A state has lasted longer than it may, or a deadline has passed."""
        return Waiting.of(store.overdue(tx, now))

    @probe(
        INCIDENTS_ARE_KEPT,
        nb="frister som løper etter at saken er avsluttet",
        en="clocks that outlive their case",
        seconds=HOURLY,
    )
    def clocks_outliving_their_case(self, tx: Transaction, now: datetime) -> Row | None:  # noqa: ARG002
        """A clock stops with its case."""
        return store.outliving(tx)

    @every(seconds=600, irreversible=True)
    def forget_files(self) -> None:
        """Forget files whose time is over; none of which a case that is kept came from."""
        now = self.clock.now()
        for kind in PRESENT.values():
            for _ in range(BATCHES):
                with self.database.transaction() as tx:
                    if store.purge(tx, kind.code, forgotten_before(kind, now), limit=BATCH) < BATCH:
                        break


def _passed(case_id: UUID, clock: RunningClock, mark: datetime) -> CaseClockPassed:
    return CaseClockPassed(
        case_id=case_id,
        rule=Code(clock.rule),
        started_at=clock.started_at,
        mark=mark,
        due=clock.internal_due,
        reached=Code("over" if mark >= clock.internal_due else "warning"),
    )
