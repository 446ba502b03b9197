"""What a notice of a breach must say, and when it may be decided. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.cases.affected.values import AffectedList, Scope, Subject
from services.cases.clocks.rules import deadline, limit_of
from services.cases.engine.values import CaseFile, Effect
from services.cases.kinds.breach import AS_FAR_AS_POSSIBLE, AUTHORITY, FOLLOWED_UP
from services.cases.kinds.security_notice import DRAFT, SECURITY_NOTICE, SENDING
from services.cases.notices.values import Audience, Notice
from shared.breach_words import OR_UNKNOWN
from shared.calendar import oslo_date
from shared.errors import Conflict, Forbidden, Invalid
from shared.security_notice_words import NEEDED
from shared.terms.clauses.incidents import (
    CONTROLLERS_ARE_TOLD,
    HOW_FOUND_AND_MENDED,
    SECURITY_NOTICE_AGREEMENT,
    WHAT_CHANGED_SINCE,
)
from shared.terms.rule_registry import enforces

DRAFTED_IN: Final = {
    "breach_processor": ("assessing", "telling", "supporting"),
    "breach_controller": (
        "assessing",
        "notifying",
        "notifying_high",
        "notifying_told",
        "telling_persons",
        "following_up_told",
    ),
    SECURITY_NOTICE.code: (DRAFT, SENDING),
}
"""The states of a case in which a notice is drafted."""
AUDIENCE_OF_KIND: Final = {
    "breach_processor": Audience.CUSTOMERS,
    "breach_controller": Audience.PERSONS,
    SECURITY_NOTICE.code: Audience.HOLDERS,
}
LEDGER_WAIT: Final = timedelta(minutes=15)
"""So long letters wait for the ledger to have their notice; then they leave without it, for 72 hours run."""


@enforces(CONTROLLERS_ARE_TOLD)
def waits_for_the_ledger(notice: Notice, now: datetime) -> bool:
    """Whether letters of a notice wait for the ledger, which does not have it; no wrong clock makes that longer."""
    return notice.decided_at is not None and abs(now - notice.decided_at) < LEDGER_WAIT


@enforces(CONTROLLERS_ARE_TOLD)
def check_draft(notice: Notice) -> None:
    """Raise `Invalid`, which names all of it, where a notice leaves out what article 33(3) asks for.

    What is named as unknown may be left out; what is done about it never is.
    """
    lacking = [name for name, unknown in OR_UNKNOWN.items() if unknown not in notice.unknown]
    lacking = [name for name in (*lacking, "measures") if not getattr(notice, name)]
    if lacking:
        details = {each: ["at least one"] for each in lacking}
        raise Invalid(f"a notice does not say its {', '.join(lacking)}", details=details)


def check_audience(audience: Audience, kind: str, state: str) -> None:
    """Raise `Conflict` where no notice is drafted now, `Invalid` for one to others than this kind of case tells."""
    if state not in DRAFTED_IN.get(kind, ()):
        raise Conflict("no notice is drafted now", details={"reason": "other_state"})
    if audience is not AUDIENCE_OF_KIND[kind]:
        raise Invalid("this case tells others", details={"audience": [AUDIENCE_OF_KIND[kind].value]})


@enforces(SECURITY_NOTICE_AGREEMENT, WHAT_CHANGED_SINCE, HOW_FOUND_AND_MENDED)
def check_security_draft(notice: Notice) -> None:
    """Raise `Invalid` where a notice of changed measures leaves out what it always says."""
    lacking = [name for name in NEEDED if not getattr(notice, name)]
    if lacking:
        raise Invalid("a notice says what changed", details={each: ["at least one"] for each in lacking})


@enforces(SECURITY_NOTICE_AGREEMENT)
def check_holders(notice: Notice | None, listed: AffectedList, *, approved_by: str | None, now: datetime) -> Notice:
    """The notice that two persons send to those whose agreement counts today.

    Raises `Conflict` for none, for nobody, and for a list of another day; `Forbidden` where whoever drafted it
    approves it.
    """
    if notice is None:
        raise Conflict("there is no draft of a notice", details={"reason": "draft_lacking"})
    if listed.scope is not Scope.AGREEMENTS or oslo_date(listed.as_of) != oslo_date(now):
        raise Conflict("whom it goes to is of another day", details={"reason": "list_of_another_day"})
    if not listed.customers:
        raise Conflict("no agreement counts today", details={"reason": "agreement_lacking"})
    if approved_by in (None, notice.drafted_by):
        details = {"reason": "approved_by_writer"}
        raise Forbidden("whoever wrote it does not approve it", details=details)
    return notice


@enforces(SECURITY_NOTICE_AGREEMENT)
def check_all_reached(waiting: int) -> None:
    """Raise `Conflict` where customers were not reached, and no person has settled that."""
    if waiting:
        raise Conflict("not everybody was reached", details={"reason": "not_all_reached", "count": waiting})


@enforces(CONTROLLERS_ARE_TOLD)
def check_all_told(reasons: Iterable[str], reason: str, waiting: int) -> None:
    """Raise `Conflict` where a breach ends as followed up and somebody was not told, which no person has settled.

    `reasons` are those that the step knows: before there was another one, nothing was asked.
    """
    if waiting and reason == FOLLOWED_UP and AS_FAR_AS_POSSIBLE in reasons:
        raise Conflict("not everybody was told", details={"reason": "not_all_told", "count": waiting})


@enforces(CONTROLLERS_ARE_TOLD)
def check_ready(notice: Notice | None, *, reason: str, listed: int | None) -> Notice:
    """The notice that a decision sends. Raises `Conflict` for none, for no list, and for one of another sort."""
    if listed is None:
        raise Conflict("whom it concerns is not computed", details={"reason": "list_lacking"})
    if notice is None:
        raise Conflict("there is no draft of a notice", details={"reason": "draft_lacking"})
    if reason == "complete" and notice.is_partial:
        raise Conflict("the draft names what is unknown", details={"reason": "draft_partial"})
    if reason == "partial" and not notice.is_partial:
        raise Conflict("a partial notice names what is unknown", details={"reason": "draft_complete"})
    return notice


@enforces(CONTROLLERS_ARE_TOLD)
def check_followed_up(decided: Iterable[Notice]) -> None:
    """Raise `Conflict` where the last notice promised that more follows, and nothing did (article 33(4))."""
    last = max(decided, key=lambda each: each.number, default=None)
    if last is not None and last.is_partial:
        raise Conflict("the last notice was partial", details={"reason": "follow_up_lacking"})


def told_after(file: CaseFile, effect: Effect) -> list[UUID]:
    """The decisions after that of an effect by which the same ones are told."""
    decisions = [each.id for each in file.decisions]
    telling = {each.decision_id for each in file.effects if each.code == effect.code}
    return [each for each in decisions[decisions.index(effect.decision_id) + 1 :] if each in telling]


def authority_due(told_at: datetime) -> datetime:
    """Until when a customer that was told then notifies the authority in time: it is aware from then on."""
    return deadline(told_at, limit_of(AUTHORITY, told_at)).statutory_due


def recipients_of(audience: Audience, subjects: Iterable[Subject]) -> list[Subject]:
    """Who of a list gets a notice: each customer once, or each person.

    Of a notice to whom agreements name a customer that has none of them is a recipient too: a person tells it.
    """
    listed = list(subjects)
    customers: list[Subject] = [(account_id, None) for account_id in dict.fromkeys(each for each, _ in listed)]
    if audience is Audience.CUSTOMERS:
        return customers
    persons: list[Subject] = [(account_id, user_id) for account_id, user_id in listed if user_id is not None]
    if audience is Audience.PERSONS:
        return persons
    with_people = {account_id for account_id, _ in persons}
    return persons + [each for each in customers if each[0] not in with_people]
