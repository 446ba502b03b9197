"""Has the copy at Tripletex brought up to date whenever something in it may have changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from services.account.companies.events import AccountUpdated
from services.account.confirmation.events import UserEmailConfirmed
from services.account.deactivation.events import AccountDeactivated
from services.account.reactivation.events import AccountReactivated
from services.account.users.events import UserDeactivated, UserReactivated, UserUpdated
from services.billing_sync.customer_links import store as links
from services.billing_sync.customers import calls
from services.billing_sync.jobs import store as jobs
from services.billing_sync.recipient_tasks import rules as tasks
from services.billing_sync.recipient_tasks import store as recipient_tasks
from services.notification.preferences.events import ConsentGiven, PreferencesChanged
from shared.bus import Feature, answers, every, handles
from shared.bus.probes import HOURLY, probe
from shared.calendar import oslo_date
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.events import Received
from shared.participation.events import HoldReleased, RestrictionLifted
from shared.terms.clauses import erasure

RECONCILE_BATCH: Final = 200
EXPIRED_AT_ONCE: Final = 1000


class Customers(Feature):
    """Event handlers only write a job: the worker does the calls."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Nobody is called from here."""
        self._database = database
        self._clock = clock

    @handles(UserEmailConfirmed)
    def copy_confirmed(self, message: Received[UserEmailConfirmed], tx: Transaction) -> None:
        """A confirmed address makes the company a customer."""
        self._want(tx, message)

    @handles(AccountUpdated)
    def copy_company(self, message: Received[AccountUpdated], tx: Transaction) -> None:
        """The company's own fields changed."""
        link = links.link(tx, message.event.account_id)
        had_copy = link is not None and link.tripletex_id is not None
        self._tell(tx, message, None, tasks.to_be_told(message.event.fields, tasks.OF_COMPANY, had_copy=had_copy))
        self._want(tx, message)

    @handles(UserUpdated)
    def copy_user(self, message: Received[UserUpdated], tx: Transaction) -> None:
        """A contact's fields, or who is an owner, changed."""
        event = message.event
        had_copy = event.user_id in links.contacts(tx, event.account_id)
        fields = tasks.to_be_told(event.fields, tasks.OF_PERSON, had_copy=had_copy)
        self._tell(tx, message, event.user_id, fields)
        self._want(tx, message)

    @handles(UserDeactivated)
    def copy_without_user(self, message: Received[UserDeactivated], tx: Transaction) -> None:
        """An inactive user is no contact."""
        self._want(tx, message)

    @handles(UserReactivated)
    def copy_with_user(self, message: Received[UserReactivated], tx: Transaction) -> None:
        """The user may be a contact again."""
        self._want(tx, message)

    @handles(AccountReactivated)
    def copy_again(self, message: Received[AccountReactivated], tx: Transaction) -> None:
        """The company is a customer again."""
        self._want(tx, message)

    @handles(AccountDeactivated)
    def stop_copying(self, message: Received[AccountDeactivated], tx: Transaction) -> None:
        """Nothing more is copied while the account is inactive (L17).

        The account service says so when the job asks it. Dropping the job here would lose the copy of a customer
        whose return was heard before the leaving.
        """
        self._want(tx, message)

    @handles(PreferencesChanged)
    def copy_objection(self, message: Received[PreferencesChanged], tx: Transaction) -> None:
        """Somebody of the company wants no marketing: whoever sells by Tripletex is told."""
        self._want(tx, message)

    @handles(ConsentGiven)
    def copy_consent(self, message: Received[ConsentGiven], tx: Transaction) -> None:
        """Somebody of the company wants marketing after all."""
        self._want(tx, message)

    @handles(HoldReleased)
    def copy_after_hold(self, message: Received[HoldReleased], tx: Transaction) -> None:
        """What was not copied while it was held is copied now."""
        self._want(tx, message)

    @handles(RestrictionLifted)
    def copy_after_restriction(self, message: Received[RestrictionLifted], tx: Transaction) -> None:
        """What was not copied while it was restricted is copied now."""
        self._want(tx, message)

    def _tell(self, tx: Transaction, message: Received[Any], user_id: UUID | None, fields: list[str]) -> None:
        """Who was given what is corrected is told (GDPR article 19), which is done once the copy there is right."""
        of = {"account_id": message.event.account_id, "user_id": user_id}
        recipient_tasks.begin(tx, message.id, fields, **of, now=self._clock.now())

    def _want(self, tx: Transaction, message: Received[Any]) -> None:
        account_id: UUID = message.event.account_id
        jobs.want(tx, "sync", account_id, self._clock.now())

    @every(seconds=600, irreversible=True)
    def reconcile(self) -> None:
        """Compare what was not compared for a day, and forget links whose bookkeeping has ended."""
        now = self._clock.now()
        with self._database.transaction() as tx:
            for account_id in links.unchecked(tx, now, RECONCILE_BATCH):
                jobs.want(tx, "sync", account_id, now)
            links.drop_expired(tx, oslo_date(now))
            recipient_tasks.expire(tx, tasks.kept_since(now), EXPIRED_AT_ONCE)

    @probe(
        erasure.ERASE_WHEN_NOT_NEEDED,
        nb="kundenumre som skulle vært slettet da regnskapsplikten var over",
        en="customer numbers that should have been deleted when the duty to keep accounts ended",
        seconds=HOURLY,
    )
    def links_past_their_end(self, tx: Transaction, now: datetime) -> int:
        """For more than a day: they are dropped every ten minutes."""
        with tx.undone():
            return links.drop_expired(tx, oslo_date(now - timedelta(days=1)))

    @answers(calls.Status)
    def status(self, call: calls.Status) -> calls.StatusShown:
        """How the copy of one account at Tripletex stands."""
        with self._database.transaction() as tx:
            link = links.link(tx, call.account_id)
            contacts = links.contacts(tx, call.account_id)
            open_jobs = jobs.jobs_of(tx, call.account_id)
            told = recipient_tasks.of_account(tx, call.account_id)
        return calls.StatusShown(
            account_id=call.account_id,
            state="unknown" if link is None else link.state,
            customer_number=link.customer_number if link else None,
            tripletex_id=link.tripletex_id if link else None,
            contacts=len(contacts),
            synced_at=link.synced_at if link else None,
            bookkeeping_until=link.bookkeeping_until if link else None,
            jobs=tuple(calls.JobShown(**job) for job in open_jobs),
            recipient_tasks=tuple(calls.RecipientTask(**{**row, "fields": tuple(row["fields"])}) for row in told),
        )
