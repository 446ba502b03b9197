"""Shows the register of breaches, put together from the cases as they stand: nobody types it a second time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from services.cases.affected.values import AffectedList
from services.cases.breach_register import calls, store
from services.cases.engine import rules
from services.cases.engine import store as cases
from services.cases.engine.values import CaseFile, Decision, Link
from services.cases.kinds.values import OF_BREACH
from services.cases.notices.values import Notice
from shared.bus import Feature, answers
from shared.database import Database, Row, Transaction

KINDS: Final = ("breach_controller", "breach_processor")
CONTENT: Final = ("natures", "causes", "groups", "data", "whereabouts", "records", "consequences", "measures")


@dataclass(kw_only=True, eq=False)
class BreachRegister(Feature):
    """Reads, and changes nothing. Lists, notices and severity are asked of their rooms."""

    database: Database
    newest_list: Callable[[Transaction, UUID], AffectedList | None]
    notices_of: Callable[[Transaction, UUID], list[Notice]]
    told_of: Callable[[Transaction, UUID], Mapping[UUID, Row]]
    severity_of: Callable[[Transaction, UUID], tuple[str, str] | None]

    @answers(calls.BreachRegister)
    def breach_register(self, call: calls.BreachRegister) -> calls.BreachesRegistered:
        """A page of the register."""
        with self.database.transaction() as tx:
            found = store.page(tx, KINDS, call.after, limit=call.limit + 1)
            breaches = tuple(self._entry(tx, each) for each in found[: call.limit])
        return calls.BreachesRegistered(breaches=breaches, complete=len(found) <= call.limit)

    def _entry(self, tx: Transaction, case_id: UUID) -> calls.BreachInRegister:
        file = cases.get(tx, case_id)
        belonging = store.belonging(tx, case_id)
        incident = next((row for row in belonging if row["kind"] == Link.PROMOTED_TO), None)
        twins = [row for row in belonging if row["kind"] == Link.TWIN]
        before = cases.get(tx, incident["id"]).decisions if incident else ()
        notices, listed = self.notices_of(tx, case_id), self.newest_list(tx, case_id)
        score, band = self.severity_of(tx, case_id) or (None, None)
        said = next((of[-1] for of in (notices, *(self.notices_of(tx, twin["id"]) for twin in twins)) if of), None)
        told = self.told_of(tx, case_id)
        return calls.BreachInRegister(
            **_facts(file),
            **_content(said),
            incident=incident["reference"] if incident else None,
            twins=tuple(row["reference"] for row in twins),
            customers=listed.customers if listed else None,
            persons=listed.persons if listed else None,
            severity_score=score,
            severity_band=band,
            decisions=tuple(map(_decided, (*before, *file.decisions))),
            notices=tuple(_notice(each, told[each.id]) for each in notices if each.decided_at is not None),
        )


def _facts(file: CaseFile) -> dict[str, Any]:
    case, moments = file.case, file.moments
    names = ("reference", "kind", "signal", "state", "opened_at", "ended_at")
    facts = {name: getattr(case, name) for name in names} | {each.value: moments.get(each) for each in OF_BREACH}
    return facts | {"case_id": case.id, "party": rules.kind_of(case).party.value}


def _content(said: Notice | None) -> dict[str, Any]:
    if said is None:
        return dict.fromkeys(CONTENT, ()) | {"records": None}
    return {name: getattr(said, name) for name in CONTENT}


def _decided(decision: Decision) -> calls.DecidedInRegister:
    return calls.DecidedInRegister.of(decision)


def _notice(notice: Notice, told: Row) -> calls.NoticeInRegister:
    return calls.NoticeInRegister.of(
        notice, told=told["told"], first_told_at=told["first_told_at"], last_told_at=told["last_told_at"]
    )
