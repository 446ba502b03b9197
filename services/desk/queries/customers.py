"""One customer as staff see it: the company, its people, and what was decided about them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from services.account.companies.calls import AccountShown, GetAccount
from services.account.nonconformities.calls import NonconformityReports, ReportsShown
from services.account.users.calls import ListUsers, User
from services.desk.client import Desk
from services.notification.history.calls import Letters, LetterShown
from services.notification.suppressions.calls import Suppressions, SuppressionShown
from services.retention.holds.calls import Holds, HoldShown
from services.retention.monitoring.calls import ErasureShown, Timeline
from services.retention.restrictions.calls import Restrictions, RestrictionShown
from shared.keyset import PageShown
from shared.staff import Purpose


@dataclass(frozen=True, kw_only=True)
class Customer:
    """A company, an inactive one too; holds and restrictions are those in force, erasures all."""

    account: AccountShown
    users: tuple[User, ...]
    holds: tuple[HoldShown, ...]
    restrictions: tuple[RestrictionShown, ...]
    erasures: tuple[ErasureShown, ...]
    letters: tuple[LetterShown, ...]
    suppressions: tuple[SuppressionShown, ...]
    more: frozenset[str]
    """Of which of them there are more than are shown."""


def customer(at: Desk, account_id: UUID, purpose: str) -> Customer:
    """One customer. That somebody looked, and for what `purpose`, is recorded."""
    with at.acting_for(Purpose(purpose)).together() as page:
        account = page.ask(GetAccount(account_id=account_id, actor=at.who))
        users = page.ask(ListUsers(account_id=account_id, actor=at.who))
        holds = page.ask(Holds(account_id=account_id))
        restrictions = page.ask(Restrictions(account_id=account_id))
        erasures = page.ask(Timeline(account_id=account_id))
        letters = page.ask(Letters(account_id=account_id))
        suppressions = page.ask(Suppressions(account_id=account_id))
    return Customer(
        account=account.reply,
        users=users.reply.users,
        holds=holds.reply.holds,
        restrictions=restrictions.reply.restrictions,
        erasures=erasures.reply.erasures,
        letters=letters.reply.letters,
        suppressions=suppressions.reply.suppressions,
        more=more(
            holds=holds.reply,
            restrictions=restrictions.reply,
            letters=letters.reply,
            suppressions=suppressions.reply,
        ),
    )


def more(**lists: PageShown) -> frozenset[str]:
    """The names of the lists of which there are more than one page shows."""
    return frozenset(name for name, page in lists.items() if page.next_after is not None)


def reports_of(at: Desk, account_id: UUID, purpose: str, report_id: UUID | None = None) -> ReportsShown:
    """What people of a customer have reported, in their own words, or one report of theirs.

    That somebody looked is recorded as well.
    """
    asked = NonconformityReports(account_id=account_id, actor=at.who, report_id=report_id)
    return at.acting_for(Purpose(purpose)).ask(asked)
