"""What is told of the acts that were signed, and of those that were not. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.staff.authentication.values import OpenSession
from services.staff.people.values import Person
from services.staff.statements.calls import PersonsSeen
from services.staff.statements.events import ActsRefused, ActsSigned, PersonalDataRead
from services.staff.statements.values import NOT_KNOWN_YET, Permitted, Reading
from shared.calendar import oslo_date
from shared.errors import Forbidden
from shared.events import Code, Event
from shared.identifiers import derived_id
from shared.staff import KnownAct
from shared.terms import enforces
from shared.terms.clauses import protection

TELLING: Final = timedelta(minutes=1)
"""So long a look waits until it is told whom it showed; then it is published without that."""


def known_act(name: str, acts: Mapping[str, KnownAct], *, approved: bool) -> KnownAct:
    """The act of this name. Raises `Forbidden` for one that nobody does, or not in this way."""
    known = acts.get(name)
    if known is None:
        raise Forbidden("nobody of the staff does this", details={"reason": "unknown_act"})
    if known.act.two_persons != approved:
        reason = "approval_missing" if known.act.two_persons else "approval_needless"
        raise Forbidden("this takes one person, or two", details={"reason": reason})
    return known


@enforces(protection.AUTHORISED_STAFF_ONLY)
def readings(
    session: OpenSession,
    permitted: Iterable[Permitted],
    *,
    reading_id: UUID,
    visit_id: UUID | None,
    now: datetime,
) -> list[Reading]:
    """The looks at people that these acts are: one for each account whose people are shown, and each purpose.

    Of acts that find them the account is not known yet.
    """
    shown: defaultdict[tuple[UUID, str], set[str]] = defaultdict(set)
    for each in permitted:
        if each.account_id is not None and each.shows_people:
            shown[each.account_id, each.grant.purpose.value].add(each.known.name)
        elif each.finds_people:
            shown[NOT_KNOWN_YET, each.grant.purpose.value].add(each.known.name)
    return [
        Reading(
            id=reading_id,
            visit_id=visit_id,
            session_id=session.id,
            staff_code=session.person.code,
            account_id=account_id,
            purpose=purpose,
            acts=tuple(sorted(acts)),
            begun_at=now,
        )
        for (account_id, purpose), acts in shown.items()
    ]


@enforces(protection.AUTHORISED_STAFF_ONLY)
def known_by_now(looks: Sequence[Reading], seen: Iterable[UUID]) -> list[Reading]:
    """The looks of one page, each of an account, where it is told which accounts' people were seen.

    What was found of an account at which the page looks anyhow, for the same purpose, is the same look.
    """
    known = {(each.account_id, each.purpose): each for each in looks if each.account_id != NOT_KNOWN_YET}
    for each in looks:
        for account_id in seen if each.account_id == NOT_KNOWN_YET else ():
            same = known.get((account_id, each.purpose), each)
            acts = tuple(sorted({*same.acts, *each.acts}))
            known[account_id, each.purpose] = replace(same, account_id=account_id, acts=acts)
    return list(known.values())


@enforces(protection.AUTHORISED_STAFF_ONLY)
def read(reading: Reading, seen: PersonsSeen | None) -> PersonalDataRead:
    """What is published of a look; without whom it showed where nobody told that in time."""
    return PersonalDataRead(
        staff_code=Code(reading.staff_code),
        account_id=reading.account_id,
        purpose=Code(reading.purpose),
        acts=[Code(each) for each in reading.acts],
        seen_user_ids=None if seen is None else sorted(set(seen.user_ids)),
        persons=None if seen is None else max(seen.persons, len(set(seen.user_ids))),
    )


def read_id(reading: Reading, event: PersonalDataRead) -> UUID:
    """The id under which a look is published: for what one visit shows again that day the same, so it is told once.

    A form may be sent again for as long as a session lasts, and a customer is shown its looks by days.
    """
    if reading.visit_id is None:
        return derived_id(event.type, reading.id, reading.account_id, reading.purpose)
    visit = (reading.visit_id, reading.session_id, oslo_date(reading.begun_at))
    shown = (*reading.acts, event.persons, *(event.seen_user_ids or ()))
    return derived_id(event.type, *visit, reading.account_id, reading.purpose, *shown)


@enforces(protection.AUTHORISED_STAFF_ONLY)
def told(person: Person, permitted: Iterable[Permitted], refused: Mapping[str, Sequence[str]]) -> Iterator[Event]:
    """What is published at once: what shows nobody, one event for a purpose, and what was refused.

    What was only tried is told by itself: see `tried`.
    """
    code = Code(person.code)
    others: defaultdict[Code, set[Code]] = defaultdict(set)
    for each in permitted:
        if not (each.shows_people or each.rehearsal):
            others[Code(each.grant.purpose.value)].add(Code(each.known.name))
    for purpose, acts in others.items():
        yield ActsSigned(staff_code=code, purpose=purpose, acts=sorted(acts))
    for reason, names in refused.items():
        yield ActsRefused(staff_code=code, reason=Code(reason), acts=sorted({Code(name) for name in names}))


@enforces(protection.AUTHORISED_STAFF_ONLY)
def tried(session: OpenSession, permitted: Iterable[Permitted]) -> Iterator[tuple[UUID, ActsSigned]]:
    """What is published of acts that are only tried, each with its id: just the same in one session is told once.

    A try does nothing, but whoever makes it learns whether it would be refused, and so what there is.
    """
    for each in permitted:
        if each.rehearsal:
            event = ActsSigned(
                staff_code=Code(session.person.code),
                purpose=Code(each.grant.purpose.value),
                acts=[Code(each.known.name)],
                tried=True,
            )
            yield derived_id(event.type, "tried", session.id, each.known.name, each.digest), event
