"""Whose people they are, whom staff say a case is about: account knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from services.account.erasure.calls import SubjectNamed, UnknownSubjects
from shared.calls import Caller
from shared.errors import Invalid

LISTS: Final = ("account_ids", "user_ids")
"""The fields that name companies and people in most calls."""


def check_there(
    caller: Caller, account_ids: Sequence[UUID], user_ids: Sequence[UUID], *, fields: tuple[str, str] = LISTS
) -> None:
    """Raise `Invalid` where a company, or a person of the only company, is not there or is of another one.

    It names the one of the `fields` of the call, of companies and of people, that is wrong.

    Letters about a case go to whom it names, so a slip would tell one company of another's people. `Unavailable`
    where account is away: what there is to say of a case can be said without them, and they be added later.
    """
    of_companies, of_people = fields
    if user_ids and len(account_ids) != 1:
        raise Invalid("people are named with their one company", details={of_people: ["of one account"]})
    companies = [SubjectNamed(account_id=each, user_id=None) for each in account_ids]
    people = [SubjectNamed(account_id=account_ids[0], user_id=each) for each in user_ids]
    for field, missing, named in (
        (of_companies, "no such customer", companies),
        (of_people, "nobody of this customer", people),
    ):
        unknown = caller.ask(UnknownSubjects(subjects=tuple(named))).subjects if named else ()
        if unknown:
            raise Invalid("a case is about whoever is there", details={field: [f"{missing}: {unknown[0].id}"]})
