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
from services.cases.duty_alerts.calls import AlertsShown
from services.cases.filings.calls import FilingsShown
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

SEEN: Final = (
    "{what}: {attempts} forsøk, {failures} mislyktes, {targets} mål, {networks} nett, {got_in} kom inn",
    "{what}: {attempts} attempts, {failures} failed, {targets} targets, {networks} networks, {got_in} got in",
)
SEEN_AGAIN: Final = ("{what}: sagt fra om {n} ganger", "{what}: told {n} times")
LED_HERE: Final = ("Fra sak {reference}: {link}", "From case {reference}: {link}")
LEADS_TO: Final = ("Til sak {reference}: {link}", "To case {reference}: {link}")
CALLED: Final = ("Varslet: {why}", "Called: {why}")
CALL_FAILED: Final = ("Varselet kom ikke fram: {why}", "The call did not arrive: {why}")
CAME: Final = ("Den som ble varslet, kom: {why}", "Somebody who was called came: {why}")
LOOKED_UP: Final = (
    "Fullmakter slått opp: meldingen nevner {named}, {others} andre",
    "Mandates looked up: the notice names {named}, others: {others}",
)
FILED: Final = (
    "Meldt til tilsynet etter fullmakt, for så mange kunder: {named}",
    "The authority was notified by mandate, for so many customers: {named}",
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line. `at` is when it was known here, `happened_at` when what it tells happened, where that differs."""

    at: datetime
    what: str
    who: str | None = None
    happened_at: datetime | None = None


def timeline(
    visit: Visit,
    *,
    case: CaseWhole,
    notices: NoticesShown,
    severity: SeverityShown,
    costs: CostsShown,
    alerts: AlertsShown,
    filings: FilingsShown,
) -> list[Line]:
    """The lines of a case, the first one first."""
    lines = [
        Line(at=case.opened_at, what=visit.say("Saken ble åpnet", "The case was opened")),
        *_instants(visit, case),
        *_sightings(visit, case),
        *_links(visit, case),
        *_alerts(visit, alerts),
        *_filings(visit, filings),
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


def _sightings(visit: Visit, case: CaseWhole) -> Iterator[Line]:
    for each in case.sightings:
        what = visit.code("detector", each.detector)
        counted = {name: getattr(each, name) for name in ("attempts", "failures", "targets", "networks", "got_in")}
        seen = visit.say(*SEEN, what=what, **counted)
        yield Line(at=each.first_told_at, what=seen, happened_at=each.window_from)
        if each.tellings > 1:
            again = visit.say(*SEEN_AGAIN, what=what, n=each.tellings)
            yield Line(at=each.last_told_at, what=again, happened_at=each.window_to)


def _links(visit: Visit, case: CaseWhole) -> Iterator[Line]:
    for each in case.links:
        said = LED_HERE if each.is_from else LEADS_TO
        what = visit.say(*said, reference=each.reference, link=visit.code("case_link", each.link))
        yield Line(at=each.linked_at, what=what)


def _alerts(visit: Visit, alerts: AlertsShown) -> Iterator[Line]:
    for each in alerts.alerts:
        why = visit.code("alert_cause", each.cause)
        for to in each.persons:
            who = visit.person(to.person)
            if to.sent_at is not None:
                yield Line(at=to.sent_at, what=visit.say(*CALLED, why=why), who=who)
            if to.failed_at is not None:
                yield Line(at=to.failed_at, what=visit.say(*CALL_FAILED, why=why), who=who)
        if each.closed_at is not None and each.answered_by is not None:
            yield Line(at=each.closed_at, what=visit.say(*CAME, why=why), who=visit.person(each.answered_by))


def _filings(visit: Visit, filings: FilingsShown) -> Iterator[Line]:
    for each in filings.filings:
        if each.looked_up_at is not None:
            what = visit.say(*LOOKED_UP, named=each.named, others=each.others)
            yield Line(at=each.looked_up_at, what=what)
        if each.notified_at is not None:
            yield Line(at=each.notified_at, what=visit.say(*FILED, named=each.named))


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
