"""A breach, in the vendor's part as controller and as processor: two cases where both are concerned.

The hours count from `aware_at`, through weekends and holidays (C5). A person decides about the risk: unlikely,
risk or high risk (GDPR articles 33 and 34).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from services.cases.clocks.values import Limit, Unit
from services.cases.kinds.values import CaseKind, Clock, Moment, Party, State, Step
from shared.staff import Role

AUTHORITY: Final = "breach.dpa_deadline_hours"
TELLING_TARGET: Final = "breach.controller_notice_target_hours"
PERSONS: Final = "breach.persons"
RISK_REASONS: Final = (
    "many_persons",
    "sensitive_data",
    "easily_identified",
    "passwords_exposed",
    "wrong_recipient",
    "vulnerable_persons",
    "fraud_possible",
)

BREACH_CONTROLLER: Final = CaseKind(
    code="breach_controller",
    version=1,
    opened_by=("incident",),
    party=Party.CONTROLLER,
    states=(
        State(code="assessing", owner=Role.PRIVACY_LEAD, limit=Limit(24, Unit.HOURS)),
        State(code="notifying", owner=Role.PRIVACY_LEAD, until=AUTHORITY),
        State(code="notifying_high", owner=Role.PRIVACY_LEAD, until=PERSONS),
        State(code="telling_persons", owner=Role.PRIVACY_LEAD, until=PERSONS),
        State(code="following_up", owner=Role.PRIVACY_LEAD, limit=Limit(7, Unit.DAYS)),
        State(code="following_up_told", owner=Role.PRIVACY_LEAD, limit=Limit(7, Unit.DAYS)),
    ),
    ends=("registered_only", "notified", "persons_told"),
    steps=(
        Step(
            code="assess_unlikely",
            begins=("assessing",),
            leads="registered_only",
            reasons=("data_unreadable", "risk_removed", "trusted_recipient", "copy_exists"),
            decisive=True,
        ),
        Step(code="assess_risk", begins=("assessing",), leads="notifying", reasons=RISK_REASONS, decisive=True),
        Step(
            code="assess_high",
            begins=("assessing", "notifying", "following_up"),
            leads="notifying_high",
            reasons=RISK_REASONS,
            decisive=True,
        ),
        Step(
            code="notify_authority",
            begins=("notifying",),
            leads="following_up",
            reasons=("complete", "partial"),
            decisive=True,
            needs=(Moment.AWARE_AT, Moment.NOTIFIED_AT),
            answers=AUTHORITY,
        ),
        Step(
            code="notify_authority_high",
            begins=("notifying_high",),
            leads="telling_persons",
            reasons=("complete", "partial"),
            decisive=True,
            needs=(Moment.AWARE_AT, Moment.NOTIFIED_AT),
            answers=AUTHORITY,
        ),
        Step(
            code="persons_told",
            begins=("telling_persons",),
            leads="following_up_told",
            reasons=("each_told", "public_notice", "not_required"),
            decisive=True,
            answers=PERSONS,
        ),
        Step(code="close", begins=("following_up",), leads="notified", reasons=("followed_up",), decisive=True),
        Step(
            code="close_told",
            begins=("following_up_told",),
            leads="persons_told",
            reasons=("followed_up",),
            decisive=True,
        ),
        Step(
            code="reopen",
            begins=("registered_only",),
            leads="assessing",
            reasons=("new_facts", "judged_wrongly"),
            decisive=True,
        ),
    ),
    clocks=(
        Clock(
            rule=AUTHORITY,
            starts=Moment.AWARE_AT,
            runs_in=("assessing", "notifying", "notifying_high"),
            warns=(24, 48, 66),
        ),
        Clock(rule=PERSONS, starts=None, runs_in=("notifying_high", "telling_persons")),
    ),
    kept="file.incident",
)

BREACH_PROCESSOR: Final = CaseKind(
    code="breach_processor",
    version=1,
    opened_by=("incident",),
    party=Party.PROCESSOR,
    states=(
        State(code="assessing", owner=Role.INCIDENT_LEAD, until=TELLING_TARGET),
        State(code="telling", owner=Role.INCIDENT_LEAD, until=TELLING_TARGET),
        State(code="supporting", owner=Role.PRIVACY_LEAD, limit=Limit(7, Unit.DAYS)),
    ),
    ends=("closed",),
    steps=(
        Step(
            code="freeze_affected",
            begins=("assessing",),
            leads="telling",
            reasons=("affected_known", "affected_presumed"),
            decisive=True,
        ),
        Step(
            code="customers_told",
            begins=("telling",),
            leads="supporting",
            reasons=("complete", "partial"),
            decisive=True,
            needs=(Moment.AWARE_AT,),
            answers=TELLING_TARGET,
        ),
        Step(code="close", begins=("supporting",), leads="closed", reasons=("followed_up",), decisive=True),
    ),
    clocks=(Clock(rule=TELLING_TARGET, starts=Moment.AWARE_AT, runs_in=("assessing", "telling")),),
    kept="file.incident",
)

# ── the second version: the letters are sent by the decision ──────────────────────────────────────────────────

FREEZE: Final = "freeze_affected"
TELL_CUSTOMERS: Final = "tell_customers"
TELL_PERSONS: Final = "tell_persons"
FILE_FOR: Final = "notify_authority_for"
LEFT_TO_CUSTOMERS: Final = "leave_to_customers"
FOLLOWED_UP: Final = "followed_up"
AS_FAR_AS_POSSIBLE: Final = "told_as_far_as_possible"
"""Why a breach ends: all is done and everybody was told, or a lead has settled that no more can be done."""
"""What decisions have carried out: the letters of the notice that stands ready go to whom the list names."""

BREACH_CONTROLLER_2: Final = replace(
    BREACH_CONTROLLER,
    version=2,
    steps=(
        *(each for each in BREACH_CONTROLLER.steps if each.code != "persons_told"),
        Step(
            code="tell_persons",
            begins=("telling_persons",),
            leads="following_up_told",
            reasons=("complete", "partial"),
            decisive=True,
            answers=PERSONS,
            effects=(TELL_PERSONS,),
        ),
        Step(
            code="tell_persons_more",
            begins=("following_up_told",),
            leads="following_up_told",
            reasons=("complete", "partial"),
            decisive=True,
            effects=(TELL_PERSONS,),
        ),
        Step(
            code="persons_told",
            begins=("telling_persons",),
            leads="following_up_told",
            reasons=("public_notice", "not_required"),
            decisive=True,
            answers=PERSONS,
        ),
    ),
)

BREACH_PROCESSOR_2: Final = replace(
    BREACH_PROCESSOR,
    version=2,
    steps=(
        *(each for each in BREACH_PROCESSOR.steps if each.code != "customers_told"),
        Step(
            code="tell_customers",
            begins=("telling",),
            leads="supporting",
            reasons=("complete", "partial"),
            decisive=True,
            needs=(Moment.AWARE_AT,),
            answers=TELLING_TARGET,
            effects=(TELL_CUSTOMERS,),
        ),
        Step(
            code="tell_customers_more",
            begins=("supporting",),
            leads="supporting",
            reasons=("complete", "partial"),
            decisive=True,
            needs=(Moment.AWARE_AT,),
            effects=(TELL_CUSTOMERS,),
        ),
    ),
)

# ── the third version: the authority is notified for those customers that gave a mandate ──────────────────────

BREACH_PROCESSOR_3: Final = replace(
    BREACH_PROCESSOR_2,
    version=3,
    steps=(
        *BREACH_PROCESSOR_2.steps,
        Step(
            code=FILE_FOR,
            begins=("supporting",),
            leads="supporting",
            reasons=("first", "full"),
            decisive=True,
            needs=(Moment.AWARE_AT, Moment.NOTIFIED_AT),
        ),
    ),
)


# ── whoever is told, and when: persons before the authority, customers' own hours, and nobody left out ─────────


def _closing(*steps: Step) -> tuple[Step, ...]:
    """The steps, of which those that are taken when all is followed up say so, or why they end all the same."""
    return tuple(
        replace(each, reasons=(FOLLOWED_UP, AS_FAR_AS_POSSIBLE)) if each.reasons == (FOLLOWED_UP,) else each
        for each in steps
    )


BREACH_CONTROLLER_3: Final = replace(
    BREACH_CONTROLLER_2,
    version=3,
    states=(*BREACH_CONTROLLER_2.states, State(code="notifying_told", owner=Role.PRIVACY_LEAD, until=AUTHORITY)),
    steps=(
        *_closing(*BREACH_CONTROLLER_2.steps),
        Step(
            code="tell_persons_first",
            begins=("notifying_high",),
            leads="notifying_told",
            reasons=("complete", "partial"),
            decisive=True,
            answers=PERSONS,
            effects=(TELL_PERSONS,),
        ),
        Step(
            code="notify_authority_told",
            begins=("notifying_told",),
            leads="following_up_told",
            reasons=("complete", "partial"),
            decisive=True,
            needs=(Moment.AWARE_AT, Moment.NOTIFIED_AT),
            answers=AUTHORITY,
        ),
    ),
    clocks=tuple(
        replace(each, runs_in=(*each.runs_in, "notifying_told")) if each.rule == AUTHORITY else each
        for each in BREACH_CONTROLLER_2.clocks
    ),
)
"""Persons at high risk are told without waiting for the notice to the authority (GDPR article 34)."""

BREACH_PROCESSOR_4: Final = replace(
    BREACH_PROCESSOR_3,
    version=4,
    steps=(
        *(
            replace(each, answers=AUTHORITY) if each.code == FILE_FOR else each
            for each in _closing(*BREACH_PROCESSOR_3.steps)
        ),
        Step(
            code=LEFT_TO_CUSTOMERS,
            begins=("supporting",),
            leads="supporting",
            reasons=("mandates_ended", "customers_notify"),
            decisive=True,
        ),
    ),
    clocks=(
        *BREACH_PROCESSOR_3.clocks,
        Clock(
            rule=AUTHORITY,
            starts=Moment.CUSTOMER_AWARE_AT,
            runs_in=("telling", "supporting"),
            done_by=(FILE_FOR, LEFT_TO_CUSTOMERS),
            warns=(24, 48, 66),
        ),
    ),
)
"""The hours of customers with a mandate run, warn and are answered by the notice that is given for them."""
