"""What a case answers of what an authority asks for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from services.cases.authority_drafts.values import FIELDS, FORM, Answer, Phase, Question, Source
from services.cases.engine.values import CaseFile, Decision
from services.cases.kinds.breach import AUTHORITY, FILE_FOR, TELL_PERSONS
from services.cases.kinds.values import Moment
from services.cases.notices.values import Notice
from shared.breach_words import MAIN_CAUSE_OF
from shared.errors import Conflict
from shared.terms.clauses.incidents import CONTROLLERS_ARE_TOLD
from shared.terms.rule_registry import enforces
from shared.vendor_imprint import NO_OFFICER, Imprint

KINDS: Final = ("breach_controller", "breach_processor")
PROCESSOR: Final = "breach_processor"
OF_CUSTOMER: Final = ("persons_informed",)
NOTIFYING: Final = ("notify_authority", "notify_authority_high", "notify_authority_told", FILE_FOR)
"""Decisions that say that the authority was notified."""
MORE_FOLLOWS: Final = ("partial", "first")
"""Their reasons that promise more."""
PERSONS_TOLD: Final = dict.fromkeys((TELL_PERSONS, "tell_persons_first", "tell_persons_more"), "each_told")
"""How persons were informed, where the decision's reason does not say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a breach beside its case: whom it concerns, and when which of them were told.

    `customers` and `persons` are None where that is not computed; `due` is until when the authority is told in
    time, None while nobody's time runs. `imprint` is who notifies.
    """

    notice: Notice | None
    customers: int | None
    persons: int | None
    persons_told: tuple[datetime, ...]
    due: datetime | None
    imprint: Imprint | None = None


def check_kind(kind: str) -> None:
    """Raise `Conflict` for a case of which no authority is told."""
    if kind not in KINDS:
        raise Conflict("the case is no breach", details={"reason": "no_breach"})


@enforces(CONTROLLERS_ARE_TOLD)
def answers(file: CaseFile, known: Known, now: datetime) -> Mapping[str, Answer]:
    """What the case says to each thing that can be asked; what nobody knows stays unanswered."""
    found = _of_case(file, known) | _of_notice(known.notice) | _of_installation(known.imprint)
    has_officer = known.imprint is None or known.imprint.data_protection_officer != NO_OFFICER
    asked = {"late_reason": is_late(file, known.due, now), "data_protection_officer": has_officer}
    return {
        name: Answer(field=name, **found.get(name, {}))
        if asked.get(name, True)
        else Answer(field=name, is_asked=False)
        for name in FIELDS
    }


def _of_case(file: CaseFile, known: Known) -> dict[str, dict[str, Any]]:
    moments = file.moments
    late = _why_late(file)
    informed = sorted(known.persons_told)
    return {
        "occurred": _at(moments, Moment.OCCURRED_FROM, Moment.OCCURRED_TO),
        "discovered": _at(moments, Moment.DETECTED_AT),
        "aware": _at(moments, Moment.AWARE_AT),
        "customers": {"number": known.customers},
        "persons": {"number": known.persons},
        "persons_informed": {
            "codes": tuple(dict.fromkeys(map(_how_told, filter(_is_telling, file.decisions)))),
            "instants": (informed[0], informed[-1]) if informed else (),
        },
        "late_reason": {"codes": (late,) if late else ()},
    }


def _of_notice(notice: Notice | None) -> dict[str, dict[str, Any]]:
    if notice is None:
        return {}
    main = (MAIN_CAUSE_OF[each] for each in notice.causes if each in MAIN_CAUSE_OF)
    codes = {
        "main_cause": tuple(dict.fromkeys(main)),
        "what_happened": notice.natures,
        "how_it_arose": notice.causes,
        "relation": notice.groups,
        "data_types": notice.data,
        "whereabouts": notice.whereabouts,
        "consequences": notice.consequences,
        "measures": notice.measures,
    }
    return {name: {"codes": said} for name, said in codes.items()} | {"records": {"number": notice.records}}


def _of_installation(imprint: Imprint | None) -> dict[str, dict[str, Any]]:
    if imprint is None:
        return {}
    said = {
        "notifier": f"{imprint.name}, {imprint.org_number}",
        "contact": f"{imprint.contact}, {imprint.phone}",
        "data_protection_officer": imprint.data_protection_officer,
    }
    return {name: {"text": text} for name, text in said.items()}


def _is_telling(decision: Decision) -> bool:
    return decision.step in PERSONS_TOLD or decision.step == "persons_told"


def _how_told(decision: Decision) -> str:
    return PERSONS_TOLD.get(decision.step, decision.reason)


def _at(moments: Mapping[Moment, datetime], *names: Moment) -> dict[str, Any]:
    return {"instants": tuple(moments[name] for name in names if name in moments)}


@enforces(CONTROLLERS_ARE_TOLD)
def is_late(file: CaseFile, due: datetime | None, now: datetime) -> bool:
    """Whether the authority was, or would be, told after its time: then the form asks why."""
    told = _notified(file.decisions)
    if not told:
        return due is not None and now > due
    first = told[0]
    if first.step != FILE_FOR or first.is_late:
        return first.is_late
    return due is not None and _notified_at(file, first) > due  # of older versions no clock runs for it


def _notified_at(file: CaseFile, first: Decision) -> datetime:
    """When the authority was notified, as it stood when that was decided; a later filing enters another instant."""
    by_then = tuple(each for each in file.entered if each.recorded_at <= first.decided_at)
    return replace(file, entered=by_then).moments.get(Moment.NOTIFIED_AT, first.decided_at)


def _why_late(file: CaseFile) -> str | None:
    """Why the authority was told late, and nobody else. Who notifies for itself gives its own reason, elsewhere."""
    return next((each.late_reason for each in _notified(file.decisions)[:1]), None)


def phase_of(decisions: Iterable[Decision]) -> tuple[Phase, bool]:
    """Which notice the next one is, and whether the last one promised it."""
    told = _notified(decisions)
    if not told:
        return Phase.FIRST, False
    return Phase.FOLLOW_UP, told[-1].reason in MORE_FOLLOWS


def _notified(decisions: Iterable[Decision]) -> list[Decision]:
    return [each for each in decisions if each.step in NOTIFYING]


def source_of(field: str, kind: str) -> Source:
    """Where it is answered. Where we are processor, the customer tells persons."""
    return Source.CUSTOMER if kind == PROCESSOR and field in OF_CUSTOMER else FIELDS[field]


def answered(question: Question, given: Mapping[str, Answer]) -> tuple[Answer, ...]:
    """What answers a question of the form."""
    return tuple(given[each] for each in question.fields)


def unanswered(given: Mapping[str, Answer]) -> tuple[str, ...]:
    """What somebody has to answer yet, in the order in which the form asks for it."""
    return tuple(name for question in FORM.questions for name in question.fields if given[name].is_lacking)


def due_of(file: CaseFile) -> datetime | None:
    """Until when the authority is told in time where we are controller; None while the time does not run."""
    clock = next((each for each in file.clocks if each.key == (AUTHORITY, 1)), None)
    return clock.statutory_due if clock is not None else None
