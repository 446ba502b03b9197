"""What we hold on a customer or on one person of it: of which kind, at which service, until when and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

from services.account.companies.calls import AccountShown, GetAccount
from services.account.users.calls import ListUsers, User
from services.audit.staff_reads.calls import PersonalDataReads, ReadsOfDay
from services.billing_sync.customers.calls import Status, StatusShown
from services.desk.client import Answer, Desk
from services.desk.queries.customers import more
from services.desk.queries.erasures import certified, concerning, under_way
from services.desk.queries.stored_kinds import KINDS
from services.notification.history.calls import Letters, LetterShown
from services.notification.suppressions.calls import Suppressions, SuppressionShown
from services.retention.dry_runs.calls import DryRun, DryRunShown, OrderDryRun
from services.retention.holds.calls import Holds, HoldShown
from services.retention.monitoring.calls import ErasureShown, Timeline
from services.retention.restrictions.calls import Restrictions, RestrictionShown
from shared.errors import NotFound
from shared.records import Record
from shared.staff import Purpose

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, kw_only=True)
class Stored:
    """So many rows of one kind at one service. `due_on` is the planned day of erasure of what stays until then."""

    participant: str
    kind: str
    count: int
    due_on: date | None


@dataclass(frozen=True, kw_only=True)
class Holdings:
    """What is stored about an account, or about one user of it.

    Of who is erased there is no `account` and no `user`; `erased` are the erasures that are over.
    Holds and restrictions are those in force, erasures those under way. `silent` are services that have not
    answered yet, `kept_by_law` is what would stay after an erasure, each with the service that keeps it.
    """

    run: DryRunShown
    account: AccountShown | None
    user: User | None
    stored: tuple[Stored, ...]
    kept_by_law: tuple[tuple[str, str], ...]
    silent: tuple[str, ...]
    holds: tuple[HoldShown, ...]
    restrictions: tuple[RestrictionShown, ...]
    erasures: tuple[ErasureShown, ...]
    erased: tuple[ErasureShown, ...]
    letters: tuple[LetterShown, ...]
    suppressions: tuple[SuppressionShown, ...]
    tripletex: StatusShown
    reads: tuple[ReadsOfDay, ...]
    more: frozenset[str]
    """Of which of the lists of holds, restrictions, letters and suppressions there are more than are shown."""


def order(at: Desk, account_id: UUID, user_id: UUID | None, *, key: UUID | None = None) -> DryRunShown | None:
    """Have every service count what it stores; None where nothing is stored about such an account or user any more.

    With the same `key` it is asked once.
    """
    counting = OrderDryRun(dry_run_id=key, account_id=account_id, user_id=user_id, with_held=True, actor=at.who)
    try:
        return at.ask(counting)
    except NotFound:
        return None


def holdings(at: Desk, account_id: UUID, user_id: UUID | None, run_id: UUID, purpose: str) -> Holdings:
    """What is stored, with all that is decided about it. That somebody looked, for this `purpose`, is recorded.

    Raises `NotFound` where the count is not one of all that is stored of this account, or of this user of it.
    """
    with at.acting_for(Purpose(purpose)).together() as page:
        account = page.ask(GetAccount(account_id=account_id, actor=at.who))
        users = page.ask(ListUsers(account_id=account_id, actor=at.who))
        timeline = page.ask(Timeline(account_id=account_id))
        holds = page.ask(Holds(account_id=account_id))
        restrictions = page.ask(Restrictions(account_id=account_id))
        letters = page.ask(Letters(account_id=account_id, user_id=user_id))
        suppressions = page.ask(Suppressions(account_id=account_id))
        tripletex = page.ask(Status(account_id=account_id))
        reads = page.ask(PersonalDataReads(account_id=account_id, user_id=user_id))
        counting = page.ask(DryRun(dry_run_id=run_id))
    run = counting.reply
    if (run.account_id, run.user_id) != (account_id, user_id) or not run.with_held:
        raise NotFound("there is no such count")
    told = timeline.reply.erasures
    erasures = tuple(under_way(concerning(told, user_id)))
    people = _unless_erased(users)
    return Holdings(
        run=run,
        account=_unless_erased(account),
        user=next((each for each in people.users if each.user_id == user_id), None) if people else None,
        stored=tuple(_stored(run, erasures)),
        kept_by_law=tuple((each.participant, code) for each in run.participants for code in each.retained),
        silent=tuple(each.participant for each in run.participants if each.state == "silent"),
        holds=tuple(
            each for each in holds.reply.holds if user_id is None or not each.user_ids or user_id in each.user_ids
        ),
        restrictions=tuple(
            each for each in restrictions.reply.restrictions if user_id is None or each.user_id in (None, user_id)
        ),
        erasures=erasures,
        erased=certified(told, user_id),
        letters=letters.reply.letters,
        suppressions=tuple(each for each in suppressions.reply.suppressions if user_id in (None, each.user_id)),
        tripletex=tripletex.reply,
        reads=reads.reply.days,
        more=more(
            holds=holds.reply,
            restrictions=restrictions.reply,
            letters=letters.reply,
            suppressions=suppressions.reply,
        ),
    )


def _unless_erased(answer: Answer[R]) -> R | None:
    try:
        return answer.reply
    except NotFound:
        return None


def _stored(run: DryRunShown, erasures: tuple[ErasureShown, ...]) -> Iterator[Stored]:
    due_on = min((each.due_on for each in erasures if each.user_id in (None, run.user_id)), default=None)
    for participant in run.participants:
        for kind, count in participant.counts.items():
            if count:
                lasts = kind in KINDS and KINDS[kind].is_as_long_as_subject
                yield Stored(
                    participant=participant.participant, kind=kind, count=count, due_on=due_on if lasts else None
                )
