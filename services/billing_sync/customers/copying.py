"""How a customer and its contacts are brought up to date at Tripletex.

Every create looks first, because Tripletex takes duplicates and a lost answer says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.account.companies.calls import CompanyContact, CompanyFacts, CompanyFactsShown
from services.billing_sync.customer_links import store as links
from services.billing_sync.customer_links.rules import (
    COPY,
    address_digest,
    address_of,
    check_same_company,
    choose,
    compared_address,
    contacts_by_user,
    content_hash,
)
from services.billing_sync.customer_links.values import ContactLink, Link
from services.billing_sync.customers import rules
from services.billing_sync.customers.events import CustomerSynced
from services.billing_sync.jobs import store as jobs
from services.billing_sync.jobs.rules import may_still_write
from services.billing_sync.jobs.values import Job
from services.billing_sync.recipient_tasks import store as recipient_tasks
from services.billing_sync.tripletex.client import Tripletex
from services.billing_sync.tripletex.rules import difference
from services.billing_sync.tripletex.values import Found
from services.notification.preferences.calls import DeclinedMarketing
from shared.calls import Caller
from shared.clock import Clock
from shared.database import Database
from shared.errors import Locked, NotFound, Permanent, Transient
from shared.privacy import restricted


class Copying:
    """Does the jobs that copy. Works outside any transaction, and comes back with the result."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        caller: Caller,
        tripletex: Tripletex,
        hash_key: bytes,
        *,
        no_marketing_category: int | None,
    ) -> None:
        """`hash_key` keys the digests by which a change is seen, and a contact recognised.

        `no_marketing_category` is the category there of customers of whom somebody wants no marketing.
        """
        self._database = database
        self._clock = clock
        self._caller = caller
        self._tripletex = tripletex
        self._hash_key = hash_key
        self._no_marketing_category = no_marketing_category

    def copy(self, job: Job) -> None:
        """Do one job. What is held or restricted is neither copied nor changed."""
        begun = self._clock.now()
        customer = self._customer_of(job.account_id)
        with self._database.transaction() as tx:
            held = restricted.in_force(tx, job.account_id)
        if customer is None or not customer.contacts or held.covers(None, COPY):
            with self._database.transaction() as tx:
                jobs.finish(tx, job, self._clock.now())
            return
        spared = held.users_of(COPY)
        with self._database.transaction() as tx:
            link = links.reserve(tx, job.account_id)
            known = links.contacts(tx, job.account_id)
        if link.state == "minimised":
            raise Permanent("an erased customer is never copied again")
        countries = self._tripletex.countries(rules.countries_of(customer))
        wanted = rules.customer_fields(customer, link.customer_number, countries)
        declined = self._declined(customer, spared)
        found, created = self._bring_customer(job, link, wanted, declined=declined)
        contacts = self._bring_contacts(job, found.id, customer, known, spared)
        digest = content_hash(self._hash_key, wanted)
        now = self._clock.now()
        with self._database.transaction() as tx:
            for user_id in known.keys() - contacts.keys() - spared:
                links.drop_contact(tx, job.account_id, user_id)
            links.synced(tx, job.account_id, found.id, digest, now)
            recipient_tasks.close(tx, job.account_id, before=begun, spared=spared, now=now)
            before = {user_id: link.tripletex_id for user_id, link in known.items()}
            if jobs.finish(tx, job, now) and (created or link.content_hash != digest or contacts != before):
                event = CustomerSynced(account_id=job.account_id, created=created, contacts=len(contacts))
                tx.outbox.add(event, now=now)

    def _customer_of(self, account_id: UUID) -> CompanyFactsShown | None:
        try:
            return self._caller.ask(CompanyFacts(account_id=account_id))
        except (NotFound, Locked):
            return None

    def _declined(self, customer: CompanyFactsShown, spared: set[UUID]) -> bool | None:
        """Whether a contact who is copied wants no marketing; None where nothing is said of that there."""
        if self._no_marketing_category is None:
            return None
        declined = self._caller.ask(DeclinedMarketing(account_id=customer.account_id)).user_ids
        return any(each.user_id in declined for each in customer.contacts if each.user_id not in spared)

    def _check_may_write(self, job: Job) -> None:
        """Asked before every change at Tripletex. Raises `Transient` where it may not be made any more.

        The job may be another's by now, or the company may have been restricted since the job was begun.
        """
        if not may_still_write(job.lease_until, self._clock.now()):
            raise Transient("the lease of the job has run out")
        with self._database.transaction() as tx:
            if restricted.is_kept(tx, job.account_id, None, COPY):
                raise Transient("the account was restricted meanwhile")

    def _bring_customer(
        self, job: Job, link: Link, wanted: dict[str, Any], *, declined: bool | None
    ) -> tuple[Found, bool]:
        customer = self._tripletex.get_customer(link.tripletex_id) if link.tripletex_id else None
        if customer is None:
            customer = choose(self._tripletex.find_customers(link.customer_number), link.customer_number)
        self._check_may_write(job)
        wanted = wanted | rules.marketing_flag(self._no_marketing_category, customer, declined=declined)
        if customer is None:
            return self._tripletex.create_customer(wanted), True
        check_same_company(wanted, customer)
        changes = difference(wanted, customer)
        return (self._tripletex.update_customer(customer, changes) if changes else customer), False

    def _bring_contacts(
        self,
        job: Job,
        customer_id: int,
        customer: CompanyFactsShown,
        known: Mapping[UUID, ContactLink],
        spared: set[UUID],
    ) -> dict[UUID, int]:
        """Bring the contacts up to date; those of persons who are `spared` are left as they are."""
        contacts_by_id = {theirs.id: theirs for theirs in self._tripletex.contacts_of(customer_id)}
        by_user = contacts_by_user(self._hash_key, contacts_by_id, known)
        spoken_for = {theirs.id for theirs in by_user.values()}
        by_address = {
            address_of(theirs): theirs for theirs in contacts_by_id.values() if theirs.id not in spoken_for
        }
        brought: dict[UUID, int] = {}
        for contact in customer.contacts:
            if contact.user_id in spared:
                continue
            theirs = by_user.get(contact.user_id) or by_address.pop(compared_address(contact.email), None)
            brought[contact.user_id] = self._bring_contact(job, customer_id, contact, theirs, known)
        gone = {theirs.id for user_id, theirs in by_user.items() if user_id not in brought.keys() | spared}
        self._check_may_write(job)
        self._tripletex.delete_contacts(sorted(gone))
        return brought | {user_id: theirs.id for user_id, theirs in by_user.items() if user_id in spared}

    def _bring_contact(
        self,
        job: Job,
        customer_id: int,
        contact: CompanyContact,
        theirs: Found | None,
        known: Mapping[UUID, ContactLink],
    ) -> int:
        """Make or change one contact; its link is kept at once, and before it is made, whatever comes after."""
        wanted, user_id = rules.contact_fields(contact), contact.user_id
        self._check_may_write(job)
        if theirs is None:
            with self._database.transaction() as tx:
                expected = address_digest(self._hash_key, contact.email)
                links.expect_contact(tx, job.account_id, user_id, expected)
            theirs = self._tripletex.create_contact(customer_id, wanted)
        elif changes := difference(wanted, theirs):
            theirs = self._tripletex.update_contact(theirs, changes)
        if user_id not in known or known[user_id].tripletex_id != theirs.id:
            with self._database.transaction() as tx:
                links.keep_contact(tx, job.account_id, user_id, theirs.id)
        return theirs.id
