"""Whether one person could be behind two by the links that they came by, and who can say that not. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet

from services.staff.people.values import Admission
from shared.actor import is_staff, staff_code
from shared.errors import Forbidden
from shared.terms import enforces
from shared.terms.clauses import protection


def makers(admissions: Iterable[Admission], code: str) -> frozenset[str]:
    """The codes of those who made links by which this person came, or a word for who left long ago."""
    by = (each.issued_by for each in admissions if each.code == code)
    return frozenset(staff_code(each) if is_staff(each) else each for each in by)


def in_hands_of(code: str, makers_of: Callable[[str], Iterable[str]]) -> frozenset[str]:
    """The person with this code, whoever made the link by which they came, and who made the link of those."""
    found, unread = {code}, [code]
    while unread:
        for maker in set(makers_of(unread.pop())) - found:
            found.add(maker)
            unread.append(maker)
    return frozenset(found)


@enforces(protection.AUTHORISED_STAFF_ONLY)
def check_vouches(person: str, by: str, *, makers_of: Callable[[str], AbstractSet[str]]) -> None:
    """Raise `Forbidden` for whoever cannot say that it was this person who came: it takes a third one.

    Whoever made the link could be who came by it, and so could whoever came by a link of theirs. Of whom nobody has
    said it yet says it of nobody.
    """
    if makers_of(by):
        raise Forbidden("nobody has vouched for whoever says so", details={"reason": "not_vouched_for"})
    if by in in_hands_of(person, makers_of):
        raise Forbidden("it takes a third person", details={"reason": "let_in_by_other"})
