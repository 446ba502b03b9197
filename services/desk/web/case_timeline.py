"""What became known of a case, and what was done, in the order in which it was written down. For paper, too.

It names staff by their codes, and customers and persons only as counts: a print leaves the desk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.cases.board.calls import CaseWhole
from services.cases.costs.calls import CostsShown
from services.cases.notices.calls import NoticesShown
from services.cases.severity.calls import SeverityShown
from services.desk.web.visit import Visit

ASSESSED: Final = ("Alvorlighet etter ENISA: {score}, {band}", "Severity after ENISA: {score}, {band}")
DECIDED: Final = (
    "Varsel {number} til {to} ble avgjort, mottakere: {n}",
    "Notice {number} to {to} was decided, recipients: {n}",
)
FIRST_TOLD: Final = ("Varsel {number} nådde den første av: {to}", "Notice {number} reached the first one of: {to}")
LAST_TOLD: Final = ("Varsel {number} har nådd {n} av: {to}", "Notice {number} has reached {n} of: {to}")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line. `at` is when it was known here, `happened_at` when what it tells happened, where that differs."""

    at: datetime
    what: str
    who: str | None = None
    happened_at: datetime | None = None


def timeline(
    visit: Visit, case: CaseWhole, notices: NoticesShown, severity: SeverityShown, costs: CostsShown
) -> list[Line]:
    """The lines of a case, the first one first."""
    lines = [
        Line(at=case.opened_at, what=visit.say("Saken ble åpnet", "The case was opened")),
        *_instants(visit, case),
        *_decisions(visit, case),
        *_effects(visit, case),
        *_assessments(visit, case, severity),
        *_told(visit, notices),
        *_costs(visit, costs),
    ]
    return sorted(lines, key=lambda each: each.at)


def _instants(visit: Visit, case: CaseWhole) -> Iterator[Line]:
    for each in case.instants:
        replaced = "" if each.counts else visit.say(" (erstattet siden)", " (replaced since)")
        yield Line(
            at=each.recorded_at,
            what=visit.code("case_instant", each.name) + replaced,
            who=visit.person(each.entered_by),
            happened_at=each.at,
        )


def _decisions(visit: Visit, case: CaseWhole) -> Iterator[Line]:
    for each in case.decisions:
        what = f"{visit.code('case_step', each.step)}: {visit.code('case_reason', each.reason)}"
        if each.supersedes is not None:
            what += visit.say(", erstatter en tidligere avgjørelse", ", supersedes an earlier decision")
        if each.is_late:
            what += visit.say(", for sent", ", late")
            if each.late_reason is not None:
                what += f" ({visit.code('late_reason', each.late_reason)})"
        yield Line(at=each.decided_at, what=what, who=visit.signed(each.decided_by, each.approved_by))


def _effects(visit: Visit, case: CaseWhole) -> Iterator[Line]:
    for each in case.effects:
        if each.confirmed_at is not None:
            what = f"{visit.code('effect_state', each.state)}: {visit.code('case_effect', each.effect)}"
            yield Line(at=each.confirmed_at, what=what)


def _assessments(visit: Visit, case: CaseWhole, severity: SeverityShown) -> Iterator[Line]:
    for each in severity.assessments:
        if each.case_id == case.case_id:
            what = visit.say(
                *ASSESSED, score=visit.decimal(each.score), band=visit.code("severity_band", each.band)
            )
            yield Line(at=each.assessed_at, what=what, who=visit.person(each.assessed_by))


def _told(visit: Visit, notices: NoticesShown) -> Iterator[Line]:
    for each in notices.notices:
        if each.decided_at is None:
            continue
        to: dict[str, Any] = {"to": visit.code("notice_audience", each.audience), "number": each.number}
        yield Line(at=each.decided_at, what=visit.say(*DECIDED, **to, n=each.recipients))
        if each.first_told_at is not None:
            yield Line(at=each.first_told_at, what=visit.say(*FIRST_TOLD, **to))
        if each.last_told_at is not None and each.told > 1:
            yield Line(at=each.last_told_at, what=visit.say(*LAST_TOLD, **to, n=each.told))


def _costs(visit: Visit, costs: CostsShown) -> Iterator[Line]:
    for each in costs.costs:
        what = f"{visit.code('cost_bearer', each.bearer)}: {visit.code('cost_reason', each.reason)}"
        yield Line(at=each.decided_at, what=what, who=visit.signed(each.decided_by, each.approved_by))
