"""An incident: it is investigated at once, and a named person decides whether it was a breach.

All breaches are incidents; not all incidents are breaches. Failed attempts alone are none.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from services.cases.clocks.values import Limit, Unit
from services.cases.kinds.values import CaseKind, Clock, Moment, Party, State, Step
from shared.staff import Role

TRIAGE: Final = "triage"
INVESTIGATING: Final = "investigating"
MEASURES: Final = "measures"
OPEN: Final = (TRIAGE, INVESTIGATING, MEASURES)
ANNOUNCE_BREACH: Final = "announce_breach"
"""`breach.detected` is published, and the broker has it."""
BREACH_REASONS: Final = (
    "unauthorised_access",
    "exfiltration",
    "wrong_recipient",
    "data_lost",
    "data_altered",
    "long_outage",
)
"""What makes it a breach: destruction, loss, alteration, disclosure, access (GDPR article 4(12))."""
NO_BREACH_REASONS: Final = ("failed_attempts_only", "no_personal_data", "false_alarm", "no_effect_on_data")


def _breach(code: str, *opens: str) -> Step:
    return Step(
        code=code,
        begins=OPEN,
        leads="breach",
        reasons=BREACH_REASONS,
        decisive=True,
        needs=(Moment.DETECTED_AT, Moment.AWARE_AT),
        answers="breach.decision",
        opens=opens,
        effects=(ANNOUNCE_BREACH,),
    )


INCIDENT: Final = CaseKind(
    code="incident",
    version=1,
    opened_by=("alarm", "detector", "staff"),
    party=Party.BOTH,
    states=(
        State(code=TRIAGE, owner=Role.INCIDENT_LEAD, until="breach.triage"),
        State(code=INVESTIGATING, owner=Role.INCIDENT_LEAD, until="breach.decision"),
        State(code=MEASURES, owner=Role.INCIDENT_LEAD, limit=Limit(7, Unit.DAYS)),
    ),
    ends=("no_breach", "breach"),
    steps=(
        Step(
            code="investigate",
            begins=(TRIAGE,),
            leads=INVESTIGATING,
            reasons=("looked_at",),
            answers="breach.triage",
        ),
        Step(
            code="take_measures", begins=(INVESTIGATING,), leads=MEASURES, reasons=("cause_known", "to_contain_it")
        ),
        Step(
            code="decide_no_breach",
            begins=OPEN,
            leads="no_breach",
            reasons=NO_BREACH_REASONS,
            decisive=True,
            needs=(Moment.DETECTED_AT,),
            answers="breach.decision",
        ),
        _breach("decide_breach_controller", "breach_controller"),
        _breach("decide_breach_processor", "breach_processor"),
        _breach("decide_breach_both", "breach_controller", "breach_processor"),
        Step(
            code="reopen",
            begins=("no_breach",),
            leads=INVESTIGATING,
            reasons=("new_facts", "judged_wrongly"),
            decisive=True,
        ),
    ),
    clocks=(
        Clock(rule="breach.triage", starts=Moment.DETECTED_AT, runs_in=(TRIAGE,)),
        Clock(rule="breach.decision", starts=Moment.DETECTED_AT, runs_in=OPEN),
    ),
    kept="file.incident",
)

INCIDENT_2: Final = replace(INCIDENT, version=2, opened_by=(*INCIDENT.opened_by, "nonconformity"))
"""The second version: what a customer reported can turn out to be one."""
