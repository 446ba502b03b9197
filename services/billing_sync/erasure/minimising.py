"""What an erasure does at Tripletex: contacts go, the customer is blanked; what is held is left as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from services.billing_sync.customer_links import store as links
from services.billing_sync.customer_links.rules import COPY, choose, contacts_by_user
from services.billing_sync.customer_links.values import ContactLink, Link
from services.billing_sync.erasure import rules
from services.billing_sync.erasure.events import CustomerMinimised
from services.billing_sync.jobs import store as jobs
from services.billing_sync.jobs.values import Job
from services.billing_sync.tripletex.client import StaleVersionError, Tripletex
from services.billing_sync.tripletex.rules import difference
from services.billing_sync.tripletex.values import Found
from shared.clock import Clock
from shared.database import Database
from shared.errors import Transient
from shared.hold_scope import NOTHING_HELD, Held
from shared.participation.feature import complete
from shared.participation.values import Step
from shared.privacy import restricted

STALE_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Minimised:
    """What was done at Tripletex, until when bookkeeping is kept there, and whether a contact was left as held."""

    step: Step
    bookkeeping_until: date | None = None
    spared: bool = False


NOTHING: Final = Minimised(rules.minimised(customers=0, contacts=0))


class Minimising:
    """Does the jobs that minimise. Works outside any transaction, and comes back with the result."""

    def __init__(self, database: Database, clock: Clock, tripletex: Tripletex, hash_key: bytes) -> None:
        """`hash_key` keys the digests by which a contact is recognised."""
        self._database = database
        self._clock = clock
        self._tripletex = tripletex
        self._hash_key = hash_key

    def minimise(self, job: Job) -> None:
        """Do one job, and answer the erasure that asked for it."""
        with self._database.transaction() as tx:
            link = links.link(tx, job.account_id)
            known = links.contacts(tx, job.account_id)
        if job.user_id is None:
            done = self._customer(link, known, set(job.held_users))
        else:
            done = self._contact(link, job.user_id, known)
        now = self._clock.now()
        with self._database.transaction() as tx:
            if not jobs.finish(tx, job, now):
                return
            if job.user_id is None:
                held_users = job.held_users if done.spared else ()
                links.keep_minimised(tx, job.account_id, done.bookkeeping_until, now, held_users=held_users)
            else:
                links.drop_contact(tx, job.account_id, job.user_id)
            held = Held.over(job.held_users, [COPY]) if job.held_users else NOTHING_HELD
            restricted.erase(tx, job.account_id, job.user_id, held)
            tx.outbox.add(CustomerMinimised(account_id=job.account_id, user_id=job.user_id), now=now)
            if job.erasure_id is not None:
                complete(tx, job.erasure_id, done.step, now)

    def _customer(self, link: Link | None, known: Mapping[UUID, ContactLink], held_users: set[UUID]) -> Minimised:
        """Those that an attempt before this one removed are known still, and counted; who is held is left alone."""
        customer = self._ours(link) if link else None
        if link is None or customer is None:
            return NOTHING
        contacts = {contact.id: contact for contact in self._tripletex.contacts_of(customer.id)}
        by_user = contacts_by_user(self._hash_key, contacts, known)
        spared = {each.id for user_id, each in by_user.items() if user_id in held_users}
        self._tripletex.delete_contacts(sorted(contacts.keys() - spared))
        before = {each.tripletex_id for each in known.values() if each.tripletex_id is not None}
        last_document = self._tripletex.last_document(customer.id)
        has_bookkeeping = last_document is not None
        self._update(customer, rules.minimised_fields(link.customer_number, has_bookkeeping=has_bookkeeping))
        gone = len((contacts.keys() | before) - spared)
        return Minimised(
            rules.minimised(customers=1, contacts=gone, has_bookkeeping=has_bookkeeping, held=bool(spared)),
            rules.bookkeeping_until(last_document) if last_document else None,
            spared=bool(spared),
        )

    def _ours(self, link: Link) -> Found | None:
        if link.tripletex_id is not None:
            return self._tripletex.get_customer(link.tripletex_id)
        return choose(self._tripletex.find_customers(link.customer_number), link.customer_number)

    def _update(self, customer: Found, fields: dict[str, Any]) -> None:
        at: Found | None = customer
        for _ in range(STALE_TRIES):
            if at is None or not (changes := difference(fields, at)):
                return
            try:
                self._tripletex.update_customer(at, changes)
            except StaleVersionError:
                at = self._tripletex.get_customer(at.id)
            else:
                return
        raise Transient("the customer at Tripletex keeps changing")

    def _contact(self, link: Link | None, user_id: UUID, known: Mapping[UUID, ContactLink]) -> Minimised:
        mine = known.get(user_id)
        contact_id = mine.tripletex_id if mine else None
        if link is not None and mine is not None and contact_id is None:
            contact_id = self._never_heard_of(link, user_id, known)
        if contact_id is None:
            return NOTHING
        self._tripletex.delete_contacts([contact_id])
        return Minimised(rules.minimised(customers=0, contacts=1))

    def _never_heard_of(self, link: Link, user_id: UUID, known: Mapping[UUID, ContactLink]) -> int | None:
        """The contact that was made for the user although no answer told its id."""
        customer = self._ours(link)
        contacts = {each.id: each for each in self._tripletex.contacts_of(customer.id)} if customer else {}
        found = contacts_by_user(self._hash_key, contacts, known).get(user_id)
        return found.id if found else None
