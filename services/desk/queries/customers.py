"""One customer as staff see it: the company, its people, and what was decided about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from services.account.companies.calls import AccountFound, AccountShown, GetAccount
from services.account.nonconformities.calls import NonconformityReports, ReportsShown
from services.account.suspicion.calls import Contacts, ContactShown
from services.account.users.calls import ListUsers, User
from services.cases.board.calls import CaseShown, CasesOfAccount
from services.desk.client import Answer, Desk
from services.notification.history.calls import Letters, LetterShown
from services.notification.suppressions.calls import Suppressions, SuppressionShown
from services.retention.early_erasure.calls import EarlyRequests, EarlyShown
from services.retention.holds.calls import Holds, HoldShown
from services.retention.monitoring.calls import AccountKept, CountKept, ErasureShown, Timeline
from services.retention.restrictions.calls import Restrictions, RestrictionShown
from shared.errors import Forbidden
from shared.keyset import PageShown
from shared.records import Record
from shared.staff import Purpose

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, kw_only=True)
class Customer:
    """A company, an inactive one too; holds and restrictions are those in force, erasures all.

    `contacts` are the attempts to reach it, `early_requests` those for an erasure without waiting. None stands for
    a part that whoever looks may not see.
    """

    account: AccountShown
    users: tuple[User, ...] | None
    holds: tuple[HoldShown, ...] | None
    restrictions: tuple[RestrictionShown, ...] | None
    erasures: tuple[ErasureShown, ...] | None
    letters: tuple[LetterShown, ...] | None
    suppressions: tuple[SuppressionShown, ...] | None
    cases: tuple[CaseShown, ...] | None
    contacts: tuple[ContactShown, ...] | None
    early_requests: tuple[EarlyShown, ...] | None
    more: frozenset[str]
    """Of which of them there are more than are shown."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing of it was left out."""
        return None not in (
            self.users, self.holds, self.restrictions, self.erasures, self.letters, self.suppressions, self.cases,
            self.contacts, self.early_requests,
        )  # fmt: skip


def customer(at: Desk, account_id: UUID, purpose: str) -> Customer:
    """One customer, as far as whoever looks may see it. That they looked, and for what `purpose`, is recorded."""
    with at.acting_for(Purpose(purpose)).together() as page:
        account = page.ask(GetAccount(account_id=account_id, actor=at.who))
        users = page.ask(ListUsers(account_id=account_id, actor=at.who))
        holds = page.ask(Holds(account_id=account_id))
        restrictions = page.ask(Restrictions(account_id=account_id))
        erasures = page.ask(Timeline(account_id=account_id))
        letters = page.ask(Letters(account_id=account_id))
        suppressions = page.ask(Suppressions(account_id=account_id))
        cases = page.ask(CasesOfAccount(account_id=account_id))
        contacts = page.ask(Contacts(account_id=account_id, actor=at.who))
        early = page.ask(EarlyRequests(account_id=account_id))
    people, over = _seen(users), _seen(erasures)
    held, limited = _seen(holds), _seen(restrictions)
    sent, silenced = _seen(letters), _seen(suppressions)
    concerned, attempted, asked = _seen(cases), _seen(contacts), _seen(early)
    return Customer(
        account=account.reply,
        users=None if people is None else people.users,
        holds=None if held is None else held.holds,
        restrictions=None if limited is None else limited.restrictions,
        erasures=None if over is None else over.erasures,
        letters=None if sent is None else sent.letters,
        suppressions=None if silenced is None else silenced.suppressions,
        cases=None if concerned is None else concerned.cases,
        contacts=None if attempted is None else attempted.attempts,
        early_requests=None if asked is None else asked.requests,
        more=more(
            holds=held,
            restrictions=limited,
            letters=sent,
            suppressions=silenced,
            cases=concerned,
            early_requests=asked,
        ),
    )


def _seen(answer: Answer[R]) -> R | None:
    """The reply; None of what the roles of whoever looks do not show."""
    try:
        return answer.reply
    except Forbidden:
        return None


def more(**lists: PageShown | None) -> frozenset[str]:
    """The names of the lists of which there are more than one page shows."""
    return frozenset(name for name, page in lists.items() if page is not None and page.next_after is not None)


def kept(at: Desk, accounts: Sequence[AccountFound]) -> dict[UUID, AccountKept] | None:
    """How much of each account that was found may only be stored; None where whoever looks may not see that."""
    if not accounts:
        return {}
    try:
        counted = at.ask(CountKept(account_ids=tuple(each.account_id for each in accounts)))
    except Forbidden:
        return None
    return {each.account_id: each for each in counted.accounts}


def reports_of(at: Desk, account_id: UUID, purpose: str, report_id: UUID | None = None) -> ReportsShown:
    """What people of a customer have reported, in their own words, or one report of theirs.

    That somebody looked is recorded as well.
    """
    asked = NonconformityReports(account_id=account_id, actor=at.who, report_id=report_id)
    return at.acting_for(Purpose(purpose)).ask(asked)
