"""What an erasure does at Tripletex: contacts go, the customer is blanked; what is held is left as it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.billing_sync import rules, store
from services.billing_sync.events import CustomerMinimised
from services.billing_sync.restricting import Restricting
from services.billing_sync.store import ContactLink, Job, Link
from services.billing_sync.tripletex import StaleVersionError, Tripletex
from services.billing_sync.values import Found, Minimised
from shared.database import Transaction
from shared.errors import Transient
from shared.hold_scope import NOTHING_HELD, Held
from shared.participation.events import ErasureStepCompleted
from shared.privacy import restricted

COPY: Final = rules.CATEGORY_OF["contact_link"]
STALE_TRIES: Final = 3


class Minimising(Restricting):
    """Forgetting at Tripletex. Works outside any transaction, and comes back with the result."""

    tripletex: Tripletex
    hash_key: bytes

    def _theirs(self, there: dict[int, Found], known: dict[UUID, ContactLink]) -> dict[UUID, Found]:
        digests = {at: self._digest(address(found)) for at, found in there.items()}
        links = {user_id: (link.tripletex_id, link.expected) for user_id, link in known.items()}
        return rules.theirs(there, digests, links)

    def _digest(self, address: str) -> bytes:
        return rules.content_hash(self.hash_key, {"contact": rules.compared_address(address)})

    # ── minimising ────────────────────────────────────────────────────────────────────────────────────────

    def _minimise(self, job: Job) -> None:
        with self.database.transaction() as tx:
            link = store.link(tx, job.account_id)
            known = store.contacts(tx, job.account_id)
        if job.user_id is None:
            done = self._minimise_customer(link, known, set(job.held_users))
        else:
            done = self._remove_contact(link, job.user_id, known)
        now = self.clock.now()
        with self.database.transaction() as tx:
            if not store.finish(tx, job, now):
                return
            if job.user_id is None:
                store.keep_minimised(tx, job.account_id, done, now, held_users=job.held_users)
            else:
                store.drop_contact(tx, job.account_id, job.user_id)
            held = Held.over(job.held_users, [COPY]) if job.held_users else NOTHING_HELD
            restricted.erase(tx, job.account_id, job.user_id, held)
            self._answer(tx, job, done, now)

    def _answer(self, tx: Transaction, job: Job, done: Minimised, now: datetime) -> None:
        tx.outbox.add(CustomerMinimised(account_id=job.account_id, user_id=job.user_id), now=now)
        if job.erasure_id is not None:
            store.keep_answer(tx, job.erasure_id, done, now)
            step = ErasureStepCompleted.done(job.erasure_id, self.name, done.counts, done.retained)
            tx.outbox.add(step, now=now)

    def _minimise_customer(
        self, link: Link | None, known: dict[UUID, ContactLink], held_users: set[UUID]
    ) -> Minimised:
        """Those that an attempt before this one removed are known still, and counted; who is held is left alone."""
        if link is None:
            return rules.minimised(customers=0, contacts=0, last_document=None)
        found = self._ours(link)
        if found is None:
            return rules.minimised(customers=0, contacts=0, last_document=None)
        there = {contact.id: contact for contact in self.tripletex.contacts_of(found.id)}
        of_users = self._theirs(there, known)
        spared = {each.id for user_id, each in of_users.items() if user_id in held_users}
        self.tripletex.delete_contacts(sorted(there.keys() - spared))
        before = {each.tripletex_id for each in known.values() if each.tripletex_id is not None}
        contacts = (there.keys() | before) - spared
        last_document = self.tripletex.last_document(found.id)
        blank = rules.minimised_fields(link.customer_number, has_bookkeeping=last_document is not None)
        self._update_fresh(found, blank)
        return rules.minimised(customers=1, contacts=len(contacts), last_document=last_document, held=bool(spared))

    def _ours(self, link: Link) -> Found | None:
        if link.tripletex_id is not None:
            return self.tripletex.get_customer(link.tripletex_id)
        return rules.choose(self.tripletex.find_customers(link.customer_number), link.customer_number)

    def _update_fresh(self, found: Found, fields: dict[str, Any]) -> None:
        at: Found | None = found
        for _ in range(STALE_TRIES):
            if at is None or not (changes := rules.difference(fields, at)):
                return
            try:
                self.tripletex.update_customer(at, changes)
            except StaleVersionError:
                at = self.tripletex.get_customer(at.id)
            else:
                return
        raise Transient("the customer at Tripletex keeps changing")

    def _remove_contact(self, link: Link | None, user_id: UUID, known: dict[UUID, ContactLink]) -> Minimised:
        mine = known.get(user_id)
        contact_id = mine.tripletex_id if mine else None
        if link is not None and mine is not None and contact_id is None:
            contact_id = self._never_heard_of(link, user_id, known)
        if contact_id is None:
            return rules.minimised(customers=0, contacts=0, last_document=None)
        self.tripletex.delete_contacts([contact_id])
        return rules.minimised(customers=0, contacts=1, last_document=None)

    def _never_heard_of(self, link: Link, user_id: UUID, known: dict[UUID, ContactLink]) -> int | None:
        """The contact that was made for the user although no answer told its id."""
        customer = self._ours(link)
        there = {found.id: found for found in self.tripletex.contacts_of(customer.id)} if customer else {}
        found = self._theirs(there, known).get(user_id)
        return found.id if found else None


def address(contact: Found) -> str:
    """The address of a contact, for comparing."""
    return rules.compared_address(str(contact.fields.get("email") or ""))
