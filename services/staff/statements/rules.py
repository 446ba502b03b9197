"""What is told of the acts that were signed, and of those that were not. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from services.staff.people.values import Person
from services.staff.statements.events import ActsRefused, ActsSigned, PersonalDataRead
from services.staff.statements.values import Permitted
from shared.errors import Forbidden
from shared.events import Code, Event
from shared.staff import KnownAct
from shared.terms import enforces
from shared.terms.clauses import protection


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
def told(person: Person, permitted: Iterable[Permitted], refused: Mapping[str, Sequence[str]]) -> Iterator[Event]:
    """What is published: one event for each account whose people are shown, and one for all else of a purpose."""
    code = Code(person.code)
    shown: defaultdict[tuple[UUID, Code], set[Code]] = defaultdict(set)
    others: defaultdict[Code, set[Code]] = defaultdict(set)
    for each in permitted:
        purpose = Code(each.grant.purpose.value)
        if each.known.act.shows is not None and each.account_id is not None:
            shown[each.account_id, purpose].add(Code(each.known.name))
        else:
            others[purpose].add(Code(each.known.name))
    for (account_id, purpose), acts in shown.items():
        yield PersonalDataRead(staff_code=code, account_id=account_id, purpose=purpose, acts=sorted(acts))
    for purpose, acts in others.items():
        yield ActsSigned(staff_code=code, purpose=purpose, acts=sorted(acts))
    for reason, names in refused.items():
        yield ActsRefused(staff_code=code, reason=Code(reason), acts=sorted({Code(name) for name in names}))
