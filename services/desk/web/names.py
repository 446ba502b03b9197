"""What ids stand for, to be read beside them: customers, their people, and what a case is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from services.account.companies.calls import GetAccount
from services.account.users.calls import ListUsers
from services.desk.client import Answer
from services.desk.web.visit import Visit
from shared.errors import Forbidden, NotFound

CUSTOMER: Final = "customer"
"""By which what a page looked at has the customer."""
MOST: Final = 8
"""So many customers of a request are named; whoever looks reads the rest on their pages."""
PEOPLE: Final = ("user_id", "user_ids")


def customer(visit: Visit, account_id: UUID) -> GetAccount:
    """The call for a customer, for what whoever is here looks at it for."""
    return GetAccount(account_id=account_id, actor=visit.desk.who)


def users(visit: Visit, account_id: UUID) -> ListUsers:
    """The call for the people of a customer, for what whoever is here looks at them for."""
    return ListUsers(account_id=account_id, actor=visit.desk.who)


def of_looked(looked: Mapping[str, Any]) -> dict[str, str]:
    """The names that a page has looked at already, by id."""
    account, users, case = (looked.get(each) for each in (CUSTOMER, "users", "case"))
    named = {str(account.account_id): account.name} if account is not None else {}
    named |= {str(each.user_id): each.name for each in users.users} if users is not None else {}
    return named | ({str(case.case_id): case.reference} if case is not None else {})


def of_asked(visit: Visit, asked: Mapping[str, Any]) -> dict[str, str]:
    """The names of the customers that a request names, and of the people, looked up for what one looks for."""
    accounts = accounts_in(asked)[:MOST]
    with visit.desk.together() as together:
        found = [together.ask(customer(visit, account_id)) for account_id in accounts]
        people = []
        if len(accounts) == 1 and any(asked.get(each) for each in PEOPLE):
            people.append(together.ask(users(visit, accounts[0])))
    named: dict[str, str] = {}
    answers: list[Answer[Any]] = [*found, *people]
    for answer in answers:
        if (reply := shown(answer)) is not None:
            named |= of_looked({"users" if answer in people else CUSTOMER: reply})
    return named


def accounts_in(asked: Mapping[str, Any]) -> list[UUID]:
    """The customers that a request names."""
    one, several = asked.get("account_id"), asked.get("account_ids") or ()
    return [UUID(str(each)) for each in ([one] if one else several)]


def shown(answer: Answer[Any]) -> Any:
    """The reply; None of what whoever looks may not see, and of a customer that is there no more."""
    try:
        return answer.reply
    except (Forbidden, NotFound):
        return None
