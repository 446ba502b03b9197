"""An alarm: somebody or something says that all is not well. A person sees to it within four hours."""

from __future__ import annotations

from typing import Final

from services.cases.clocks.values import Limit, Unit
from services.cases.kinds.values import CaseKind, Clock, Moment, Party, State, Step
from shared.staff import Role

NEW: Final = "new"
ACKNOWLEDGED: Final = "acknowledged"
OPEN: Final = (NEW, ACKNOWLEDGED)

ALARM: Final = CaseKind(
    code="alarm",
    version=1,
    opened_by=("host", "vendor", "detector", "staff", "customer"),
    party=Party.BY_DATA,
    states=(
        State(code=NEW, owner=Role.INCIDENT_LEAD, until="breach.triage"),
        State(code=ACKNOWLEDGED, owner=Role.INCIDENT_LEAD, limit=Limit(24, Unit.HOURS)),
    ),
    ends=("harmless", "duplicate", "promoted"),
    steps=(
        Step(
            code="acknowledge", begins=(NEW,), leads=ACKNOWLEDGED, reasons=("looked_at",), answers="breach.triage"
        ),
        Step(
            code="find_harmless",
            begins=OPEN,
            leads="harmless",
            reasons=("false_alarm", "planned_work", "failed_attempts_only", "no_personal_data"),
        ),
        Step(
            code="join_alarm",
            begins=OPEN,
            leads="duplicate",
            reasons=("same_cause",),
            joins="alarm",
        ),
        Step(
            code="promote",
            begins=OPEN,
            leads="promoted",
            reasons=("needs_investigation", "personal_data_concerned"),
            opens=("incident",),
        ),
        Step(
            code="join_incident",
            begins=OPEN,
            leads="promoted",
            reasons=("same_cause",),
            joins="incident",
        ),
        Step(code="reopen", begins=("harmless",), leads=ACKNOWLEDGED, reasons=("new_facts", "judged_wrongly")),
    ),
    clocks=(Clock(rule="breach.triage", starts=Moment.DETECTED_AT, runs_in=(NEW,)),),
    kept="file.alarm",
)
