"""What the certificate of an erasure says.

A certificate proves an erasure and is kept for years, so nothing in it may point to a person: it holds random ids,
dates, codes and counts, and counts below five are withheld.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from types import MappingProxyType
from typing import Final
from uuid import UUID

from services.retention.certificates.values import (
    UNDER_FIVE,
    Certificate,
    Count,
    HeldBack,
    Retained,
    StoreErased,
)
from services.retention.erasure.due_dates import expire_on
from services.retention.erasure.rules import WrongStateError
from services.retention.erasure.values import HELD, RETAINABLE, Erasure, State
from shared import calendar
from shared.terms.clauses.erasure import LIFE_CYCLE_BY_LAW, LOST_FOR_EVER
from shared.terms.parameters import in_force
from shared.terms.rule_registry import enforces

SMALLEST_COUNT: Final = 5
"""Smaller counts are withheld."""

ROLES: Final = ("controller", "processor")
"""For the customer relationship the vendor is controller, for what customers entered it is processor."""

METHODS: Final = MappingProxyType({"audit": "subjects_unlinked", "billing-sync": "contact_data_minimised"})
"""How a store was cleared where it was not by deleting rows."""

RECIPIENTS: Final = MappingProxyType({"billing-sync": "tripletex", "notification": "mailgun"})
"""Which participant clears the data that an outside recipient was given (GDPR article 19)."""

BASES: Final = MappingProxyType(
    {
        "tripletex_bookkeeping": "bokforingsloven_13",
        "agreement_acceptance": "bokforingsloven_13",
        "marketing_refusal": "gdpr_21_3",
    }
)


@enforces(LOST_FOR_EVER, LIFE_CYCLE_BY_LAW)
def certificate_of(
    erasure: Erasure, *, reference: UUID, sequence: int, previous: str, software_version: str
) -> Certificate:
    """Return the certificate of an erasure whose keys are destroyed.

    `reference` is random and given to the customer; `previous` is the hash of the certificate with the sequence
    before, or `GENESIS`.  Raises `WrongStateError` before everything is done.
    """
    certificate_id, executed_at = erasure.certificate_id, erasure.destroyed_at
    if erasure.state is not State.DESTROYED or erasure.unconfirmed or not certificate_id or not executed_at:
        raise WrongStateError(
            "there is no certificate before every participant has confirmed and the keys are gone"
        )
    held_back = _held_back(erasure)
    return Certificate(
        certificate_id=certificate_id,
        reference=reference,
        sequence=sequence,
        previous=previous,
        kind="account" if erasure.scope.is_account else "user",
        trigger=erasure.trigger.value,
        trigger_date=erasure.started_on,
        due_on=erasure.due_on,
        executed_at=executed_at,
        outcome="erased_except_held" if held_back else "erased",
        roles=ROLES,
        erased=_stores(erasure),
        keys_destroyed=bucketed(len(erasure.key_fingerprints)),
        key_destruction_id=key_destruction_id(erasure.key_fingerprints),
        backups_expire_on=expire_on("backup.max_age", executed_at),
        key_copies_expire_on=expire_on("backup.keyring_max_age", executed_at),
        kept_by_law=_kept_by_law(erasure),
        held_back=held_back,
        recipients={RECIPIENTS[name]: "done" for name in erasure.participants if name in RECIPIENTS},
        software_version=software_version,
        completes=erasure.completes,
    )


def bucketed(count: int) -> Count:
    """Return a count as a certificate may state it."""
    return count if count >= SMALLEST_COUNT else UNDER_FIVE


def key_destruction_id(fingerprints: Iterable[str]) -> str:
    """Return the digest over the fingerprints of destroyed keys; the order does not matter."""
    return hashlib.sha256("\n".join(sorted(fingerprints)).encode()).hexdigest()


def retained_until(category: str, trigger_date: date) -> date:
    """Return the last date on which a category may be kept: so many months after the end of the financial year."""
    months = in_force(RETAINABLE[category], trigger_date).default
    return calendar.add_months(date(trigger_date.year, 12, 31), months)


def _retained(erasure: Erasure) -> set[str]:
    return {each for answer in erasure.answers.values() for each in answer.retained}


def _kept_by_law(erasure: Erasure) -> tuple[Retained, ...]:
    """What the law wants kept, where and why, each with its last date."""
    return tuple(
        Retained(category=each, basis=BASES[each], until=retained_until(each, erasure.ended_on))
        for each in sorted(_retained(erasure) - HELD)
    )


def _held_back(erasure: Erasure) -> tuple[HeldBack, ...]:
    """What is held for a dispute or by a restriction, and when a person looks at it again.

    Nothing where no participant had anything of it.  Whose it is stays untold: that of some persons, or of the
    account as a whole.
    """
    if not _retained(erasure) & HELD:
        return ()
    parts = {
        HeldBack(
            category=part.category,
            of="persons" if part.user_id else "account",
            basis=part.basis,
            review_on=part.review_on,
        )
        for part in erasure.held or ()
    }
    return tuple(sorted(parts, key=lambda each: (each.category, each.of, each.basis, str(each.review_on))))


def _stores(erasure: Erasure) -> tuple[StoreErased, ...]:
    return tuple(
        StoreErased(
            store=name,
            method=METHODS.get(name, "rows_deleted"),
            counts={kind: bucketed(count) for kind, count in sorted(erasure.answers[name].counts.items())},
        )
        for name in sorted(erasure.participants)
    )
