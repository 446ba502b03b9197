"""Shows what cases there are, and how each stands: one board and one page for all kinds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.cases.board import calls, store
from services.cases.engine import rules
from services.cases.engine import store as cases
from services.cases.engine.values import Case, CaseFile
from services.cases.kinds.values import Step
from shared.bus import Feature, answers
from shared.clock import Clock
from shared.database import Database, Row, Transaction
from shared.keyset import Place, cut


@dataclass(kw_only=True, eq=False)
class Board(Feature):
    """Reads. `came` is told who looks at a case: whoever was called to it has come.

    `held_for` tells what is held for one.
    """

    database: Database
    clock: Clock
    came: Callable[[Transaction, UUID], None]
    held_for: Callable[[Transaction, UUID], Sequence[Row]]

    @answers(calls.CaseBoard)
    def case_board(self, call: calls.CaseBoard) -> calls.CasesShown:
        """Cases that are open, or overdue, or have ended."""
        with self.database.transaction() as tx:
            found = store.listed(tx, call, self.clock.now())
        by = "ended_at" if call.state == calls.ENDED else "next_due"
        rows, following = cut(found, call.limit, lambda row: Place(row[by], row["id"]))
        return calls.CasesShown(cases=_listed(rows), next_after=following)

    @answers(calls.CasesOfAccount)
    def cases_of_account(self, call: calls.CasesOfAccount) -> calls.CasesShown:
        """Cases that concern one company."""
        with self.database.transaction() as tx:
            found = store.of_account(tx, call)
        rows, following = cut(found, call.limit, lambda row: Place(row["opened_at"], row["id"]))
        return calls.CasesShown(cases=_listed(rows), next_after=following)

    @answers(calls.ShowCase)
    def show_case(self, call: calls.ShowCase) -> calls.CaseWhole:
        """One case."""
        with self.database.transaction() as tx:
            file = cases.get(tx, call.case_id)
            self.came(tx, call.case_id)
            links = cases.links(tx, call.case_id)
            sightings = store.sightings(tx, call.case_id)
            holds = self.held_for(tx, call.case_id)
            count, customers = cases.count_subjects(tx, call.case_id)
            first_customers, _ = _page(tx, calls.CaseCustomers(case_id=call.case_id))
        running = [each for each in file.clocks if each.stopped_at is None]
        first = min(running, key=lambda each: (each.internal_due, each.rule), default=None)
        return calls.CaseWhole(
            **_facts(file.case),
            subjects=count,
            not_carried_out=len(file.not_carried_out),
            next_rule=first.rule if first else None,
            next_due=first.internal_due if first else None,
            clocks=tuple(map(calls.ClockShown.of, file.clocks)),
            instants=_instants(file),
            decisions=tuple(calls.DecisionShown.of(each, decision_id=each.id) for each in file.decisions),
            effects=tuple(
                calls.EffectShown.of(each, effect=each.code, state=each.state.value) for each in file.effects
            ),
            links=tuple(calls.LinkShown(link=row.pop("kind"), **row) for row in links),
            sightings=tuple(calls.SightingShown(**each) for each in sightings),
            account_ids=tuple(first_customers),
            customers=customers,
            holds=tuple(calls.HoldOfCase(**row) for row in holds),
            steps=tuple(_step(file, each, self.clock.now()) for each in rules.steps_of(file.case)),
        )

    @answers(calls.CaseCustomers)
    def case_customers(self, call: calls.CaseCustomers) -> calls.CaseCustomersShown:
        """The customers that a case is about."""
        with self.database.transaction() as tx:
            cases.get(tx, call.case_id)
            account_ids, following = _page(tx, call)
        return calls.CaseCustomersShown(account_ids=tuple(account_ids), next_after=following)


def _page(tx: Transaction, call: calls.CaseCustomers) -> tuple[Sequence[UUID], Place | None]:
    """A page of the customers of a case, by their ids alone."""
    found = cases.customers(tx, call.case_id, call)
    return cut(found, call.limit, lambda account_id: Place(None, account_id))


def _listed(rows: Sequence[Row]) -> tuple[calls.CaseShown, ...]:
    shown = []
    for row in rows:
        beside = {name: row.pop(name) for name in ("next_rule", "next_due", "subjects", "not_carried_out")}
        shown.append(calls.CaseShown(**_facts(Case.of_row(row)), **beside))
    return tuple(shown)


def _facts(case: Case) -> dict[str, Any]:
    kind = rules.kind_of(case)
    state = kind.state(case.state)
    names = (
        "reference", "kind", "kind_version", "state", "state_since", "owner", "opened_by", "signal", "signals",
        "received_at", "opened_at", "ended_at", "version", "subjects_erased",
        "restored_at",
    )  # fmt: skip
    facts = {name: getattr(case, name) for name in names}
    owner_role = state.owner.value if state is not None else None
    return facts | {"case_id": case.id, "party": kind.party.value, "owner_role": owner_role}


def _instants(file: CaseFile) -> tuple[calls.InstantShown, ...]:
    last = {each.name: number for number, each in enumerate(file.entered)}
    return tuple(
        calls.InstantShown.of(each, name=each.name.value, counts=last[each.name] == number)
        for number, each in enumerate(file.entered)
    )


def _step(file: CaseFile, step: Step, now: datetime) -> calls.StepShown:
    return calls.StepShown(
        step=step.code,
        leads=step.leads,
        reasons=step.reasons,
        decisive=step.decisive,
        two_persons=step.two_persons,
        lacking=tuple(each.value for each in rules.lacking(file, step)),
        joins=step.joins,
        is_late=rules.is_late(file, step, now),
    )
