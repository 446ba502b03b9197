"""billing-sync: keeps Tripletex true while the account is active, and minimises there when it is erased.

Handlers only write a job; `work` does the calls outside any transaction and comes back with the result. Every
create looks first, because Tripletex takes duplicates and a lost answer says nothing.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from services.account.companies.calls import CompanyFacts
from services.account.companies.events import AccountUpdated
from services.account.confirmation.events import UserEmailConfirmed
from services.account.deactivation.events import AccountDeactivated
from services.account.reactivation.events import AccountReactivated
from services.account.users.events import UserDeactivated, UserReactivated, UserUpdated
from services.billing_sync import calls, rules, store
from services.billing_sync.events import CustomerSynced, SyncFailed
from services.billing_sync.minimising import COPY, Minimising, address
from services.billing_sync.replay import BillingReplayer
from services.billing_sync.store import ContactLink, Job, Link
from services.billing_sync.tripletex import (
    ConflictAtTripletexError,
    NotLetIn,
    StaleVersionError,
    Throttled,
    Tripletex,
    TripletexRefused,
)
from services.billing_sync.values import Contact, Customer, Found
from shared import log, tombstones
from shared.bus import answers, every, handles
from shared.bus.alarms import Waiting, alarm
from shared.calendar import oslo_date
from shared.calls import Caller
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.errors import Internal, Locked, NotFound, Permanent, Refused, Transient
from shared.events import Code, Received
from shared.participation.events import (
    ErasureDryRunAnswered,
    ErasureDryRunOrdered,
    ErasureOrdered,
    ErasureStepCompleted,
)
from shared.privacy import restricted
from shared.privacy.gate import Replayer

BATCH: Final = 10
STALE_TRIES: Final = 3
RECONCILE_BATCH: Final = 200

logger = log.get("billing-sync")
chance = random.SystemRandom()


class BillingSync(Minimising):
    """The service. Only one replica's calls reach an account at a time, by the lease of its job."""

    name: ClassVar[str] = "billing-sync"

    def __init__(
        self, *, database: Database, clock: Clock, caller: Caller, tripletex: Tripletex, hash_key: bytes
    ) -> None:
        """`hash_key` keys the digests by which a change is seen."""
        self.database = database
        self.clock = clock
        self.caller = caller
        self.tripletex = tripletex
        self.hash_key = hash_key

    waits = rules.WAITS

    def guarded(self) -> Iterator[tuple[Database, Replayer | None]]:
        """Its own database."""
        yield self.database, BillingReplayer()

    # ── what it hears ─────────────────────────────────────────────────────────────────────────────────────

    @handles(UserEmailConfirmed)
    def copy_confirmed(self, message: Received[UserEmailConfirmed], tx: Transaction) -> None:
        """A confirmed address makes the company a customer."""
        store.want(tx, "sync", message.event.account_id, self.clock.now())

    @handles(AccountUpdated)
    def copy_company(self, message: Received[AccountUpdated], tx: Transaction) -> None:
        """The company's own fields changed."""
        store.want(tx, "sync", message.event.account_id, self.clock.now())

    @handles(UserUpdated)
    def copy_user(self, message: Received[UserUpdated], tx: Transaction) -> None:
        """A contact's fields, or who is an owner, changed."""
        store.want(tx, "sync", message.event.account_id, self.clock.now())

    @handles(UserDeactivated)
    def copy_without_user(self, message: Received[UserDeactivated], tx: Transaction) -> None:
        """An inactive user is no contact."""
        store.want(tx, "sync", message.event.account_id, self.clock.now())

    @handles(UserReactivated)
    def copy_with_user(self, message: Received[UserReactivated], tx: Transaction) -> None:
        """The user may be a contact again."""
        store.want(tx, "sync", message.event.account_id, self.clock.now())

    @handles(AccountReactivated)
    def copy_again(self, message: Received[AccountReactivated], tx: Transaction) -> None:
        """The company is a customer again."""
        store.want(tx, "sync", message.event.account_id, self.clock.now())

    @handles(AccountDeactivated)
    def stop_copying(self, message: Received[AccountDeactivated], tx: Transaction) -> None:
        """Nothing more is copied while the account is inactive (L17).

        The account service says so when the job asks it. Dropping the job here would lose the copy of a customer
        whose return was heard before the leaving.
        """
        store.want(tx, "sync", message.event.account_id, self.clock.now())

    @handles(ErasureOrdered)
    def minimise(self, message: Received[ErasureOrdered], tx: Transaction) -> None:
        """Minimise at Tripletex what is not held, or say again what was done."""
        event, now = message.event, self.clock.now()
        done = store.answer(tx, event.erasure_id)
        if event.user_id is None:
            store.drop_syncs(tx, event.account_id)
        held = event.held
        if done is None and held.covers(event.user_id, COPY):
            done = rules.kept_whole(store.contacts(tx, event.account_id), event.user_id)
            store.keep_answer(tx, event.erasure_id, done, now)
        if done is not None:
            step = ErasureStepCompleted.done(event.erasure_id, self.name, done.counts, done.retained)
            tx.outbox.add(step, now=now)
            return
        store.want(
            tx,
            "minimise",
            event.account_id,
            now,
            user_id=event.user_id,
            erasure_id=event.erasure_id,
            held_users=sorted(held.users_of(COPY)),
        )

    @handles(ErasureDryRunOrdered)
    def try_minimising(self, message: Received[ErasureDryRunOrdered], tx: Transaction) -> None:
        """Say what would be minimised, as far as we know it; Tripletex is not asked."""
        event = message.event
        held = event.held
        link, contacts = store.link(tx, event.account_id), store.contacts(tx, event.account_id)
        there = rules.foreseen(contacts, event.user_id, held, has_customer=link is not None)
        answer = ErasureDryRunAnswered.foreseen(event.dry_run_id, self.name, there.counts, there.retained)
        tx.outbox.add(answer, now=self.clock.now())

    # ── what it does ──────────────────────────────────────────────────────────────────────────────────────

    @every(seconds=0.5)
    def work(self) -> None:
        """Take due jobs and do them one after the other."""
        with self.database.transaction() as tx:
            jobs = store.claim(tx, self.clock.now(), BATCH)
        for job in jobs:
            if self._still_ours(job):
                self._attempt(job)

    @every(seconds=600, irreversible=True)
    def reconcile(self) -> None:
        """Compare what was not compared for a day, and forget links whose bookkeeping has ended."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            for account_id in store.unchecked(tx, now, RECONCILE_BATCH):
                store.want(tx, "sync", account_id, now)
            store.drop_expired(tx, oslo_date(now))
            store.forget_answers(tx, tombstones.forgotten_before(now))

    def _still_ours(self, job: Job) -> bool:
        """Begin a job with a whole lease: those before it in the batch may have used up the one it came with."""
        with self.database.transaction() as tx:
            return store.extend(tx, job, self.clock.now())

    def _attempt(self, job: Job) -> None:
        try:
            self._sync(job) if job.kind == "sync" else self._minimise(job)
        except Throttled as wait:
            self._later(job, "throttled", wait.seconds)
        except StaleVersionError:
            self._later(job, "changed_elsewhere", None)
        except ConflictAtTripletexError as conflict:
            self._later(job, f"conflict_{conflict.tripletex_code or 0}", None)
        except (Transient, Internal) as error:
            logger.warning("not done this time", exc_info=error, job_id=job.id)
            self._later(job, "no_answer", None)
        except TripletexRefused as refused:
            self._give_up(job, f"refused_{refused.status}_{refused.code or 0}")
        except NotLetIn:
            logger.exception("tripletex does not let us in")
            self._later(job, "not_let_in", None)
        except rules.OtherCompany:
            logger.warning("another company stands there", job_id=job.id)
            self._give_up(job, "other_company")
        except (Permanent, Refused):
            logger.exception("cannot be done", job_id=job.id)
            self._give_up(job, "cannot_be_done")
        except Exception:  # one job's fault must not keep the others from being done
            logger.exception("failed unexpectedly", job_id=job.id)
            self._later(job, "unexpected", None)

    def _later(self, job: Job, reason: str, seconds: float | None) -> None:
        """Put off; a wait that Tripletex itself asked for is no failed try and gives nothing up."""
        now, throttled = self.clock.now(), reason == "throttled"
        if job.attempts >= rules.ATTEMPTS and job.kind == "sync" and not throttled:
            self._give_up(job, reason)
            return
        due_at = rules.next_try(job.attempts, now, retry_after_seconds=seconds, jitter=chance.random())
        with self.database.transaction() as tx:
            store.postpone(tx, job, due_at, reason, counted=not throttled or seconds is None)

    def _give_up(self, job: Job, reason: str) -> None:
        with self.database.transaction() as tx:
            if store.give_up(tx, job, reason):
                tx.outbox.add(SyncFailed(account_id=job.account_id, reason=Code(reason)), now=self.clock.now())

    # ── copying ───────────────────────────────────────────────────────────────────────────────────────────

    def _sync(self, job: Job) -> None:
        customer = self._customer(job.account_id)
        with self.database.transaction() as tx:
            restricted_now = restricted.in_force(tx, job.account_id)
        if customer is None or not customer.contacts or restricted_now.covers(None, COPY):
            with self.database.transaction() as tx:
                store.finish(tx, job, self.clock.now())
            return
        spared = restricted_now.users_of(COPY)
        with self.database.transaction() as tx:
            link = store.reserve(tx, job.account_id)
            known = store.contacts(tx, job.account_id)
        if link.state == "minimised":
            raise Permanent("an erased customer is never copied again")
        wanted = rules.customer_fields(customer, link.customer_number)
        found, created = self._bring_customer(job, link, wanted)
        contacts = self._bring_contacts(job, found.id, customer, known, spared)
        digest = rules.content_hash(self.hash_key, wanted)
        now = self.clock.now()
        with self.database.transaction() as tx:
            for user_id in known.keys() - contacts.keys() - spared:
                store.drop_contact(tx, job.account_id, user_id)
            store.synced(tx, job.account_id, found.id, digest, now)
            before = {user_id: link.tripletex_id for user_id, link in known.items()}
            if store.finish(tx, job, now) and (created or link.content_hash != digest or contacts != before):
                event = CustomerSynced(account_id=job.account_id, created=created, contacts=len(contacts))
                tx.outbox.add(event, now=now)

    def _customer(self, account_id: UUID) -> Customer | None:
        try:
            facts = self.caller.ask(CompanyFacts(account_id=account_id))
        except (NotFound, Locked):
            return None
        return rules.customer_from(facts)

    def _hold(self, job: Job) -> None:
        """Asked before every change at Tripletex. Raises `Transient` where it may not be made any more.

        The job may be another's by now, or the company may have been restricted since the job was begun.
        """
        if not rules.may_still_write(job.lease_until, self.clock.now()):
            raise Transient("the lease of the job has run out")
        with self.database.transaction() as tx:
            if restricted.is_kept(tx, job.account_id, None, COPY):
                raise Transient("the account was restricted meanwhile")

    def _bring_customer(self, job: Job, link: Link, wanted: dict[str, Any]) -> tuple[Found, bool]:
        found = self.tripletex.get_customer(link.tripletex_id) if link.tripletex_id else None
        if found is None:
            found = rules.choose(self.tripletex.find_customers(link.customer_number), link.customer_number)
        self._hold(job)
        if found is None:
            return self.tripletex.create_customer(wanted), True
        rules.check_same_company(wanted, found)
        changes = rules.difference(wanted, found)
        if not changes:
            return found, False
        return self.tripletex.update_customer(found, changes), False

    def _bring_contacts(
        self,
        job: Job,
        customer_id: int,
        customer: Customer,
        known: dict[UUID, ContactLink],
        spared: set[UUID],
    ) -> dict[UUID, int]:
        """Bring the contacts up to date; those of persons who are `spared` are left as they are."""
        there = {found.id: found for found in self.tripletex.contacts_of(customer_id)}
        of_users = self._theirs(there, known)
        spoken_for = {found.id for found in of_users.values()}
        by_address = {address(found): found for found in there.values() if found.id not in spoken_for}
        kept: dict[UUID, int] = {}
        for contact in customer.contacts:
            if contact.user_id in spared:
                continue
            found = of_users.get(contact.user_id) or by_address.pop(rules.compared_address(contact.email), None)
            kept[contact.user_id] = self._bring_contact(job, customer_id, contact, found, known)
        gone = {found.id for user_id, found in of_users.items() if user_id not in kept and user_id not in spared}
        self._hold(job)
        self.tripletex.delete_contacts(sorted(gone))
        return kept | {user_id: found.id for user_id, found in of_users.items() if user_id in spared}

    def _bring_contact(
        self, job: Job, customer_id: int, contact: Contact, found: Found | None, known: dict[UUID, ContactLink]
    ) -> int:
        """Make or change one contact; its link is kept at once, and before it is made, whatever comes after."""
        wanted, user_id = rules.contact_fields(contact), contact.user_id
        self._hold(job)
        if found is None:
            with self.database.transaction() as tx:
                store.expect_contact(tx, job.account_id, user_id, self._digest(contact.email))
            found = self.tripletex.create_contact(customer_id, wanted)
        elif changes := rules.difference(wanted, found):
            found = self.tripletex.update_contact(found, changes)
        if user_id not in known or known[user_id].tripletex_id != found.id:
            with self.database.transaction() as tx:
                store.keep_contact(tx, job.account_id, user_id, found.id)
        return found.id

    # ── what it answers ───────────────────────────────────────────────────────────────────────────────────

    @answers(calls.Status)
    def status(self, call: calls.Status) -> calls.StatusShown:
        """How the copy of one account at Tripletex stands."""
        with self.database.transaction() as tx:
            link = store.link(tx, call.account_id)
            contacts = store.contacts(tx, call.account_id)
            jobs = store.jobs_of(tx, call.account_id)
        return calls.StatusShown(
            account_id=call.account_id,
            state="unknown" if link is None else link.state,
            customer_number=link.customer_number if link else None,
            tripletex_id=link.tripletex_id if link else None,
            contacts=len(contacts),
            synced_at=link.synced_at if link else None,
            bookkeeping_until=link.bookkeeping_until if link else None,
            jobs=tuple(calls.JobShown(**job) for job in jobs),
        )

    @alarm("tripletex_failed", says="work towards Tripletex that has failed", act="vilkar billing failed")
    def failed_work(self, tx: Transaction, _now: datetime) -> Waiting | None:
        """A person ends its cause and has it tried again."""
        return Waiting.of(store.failed_waiting(tx))

    @alarm("tripletex_late", says="work towards Tripletex that is not done yet", act="vilkar vendors")
    def late_work(self, tx: Transaction, now: datetime) -> Waiting | None:
        """It is tried again by itself."""
        return Waiting.of(store.long_waiting(tx, now - rules.LATE_AFTER))

    @answers(calls.Failed)
    def failed(self, _call: calls.Failed) -> calls.FailedJobs:
        """What waits for a person."""
        with self.database.transaction() as tx:
            return calls.FailedJobs(jobs=tuple(calls.FailedJob(**job) for job in store.failed(tx)))

    @answers(calls.Retry)
    def retry(self, call: calls.Retry) -> calls.Retried:
        """Try a failed job again now."""
        with self.database.transaction() as tx:
            if not store.retry(tx, call.job_id, self.clock.now()):
                raise NotFound("There is no failed job with this id.")
        return calls.Retried(job_id=call.job_id)
