"""What an erasure deletes here and what it leaves because it is held, table by table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from services.account import rules
from services.account.access_store import Q
from shared.database import Transaction
from shared.hold_scope import LEGAL_HOLD, NOTHING_HELD, Held
from shared.privacy import restricted

CATEGORY_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "account": "company",
        "account_user": "profile",
        "agreement": "agreements",
        "login_attempt": "login_events",
    }
)
"""Which category of data a table holds. A hold on the category keeps its rows in an erasure, and nothing else."""

NEVER_HELD: Final = (
    "contact_attempt",
    "credential",
    "erasure_begun",
    "former_address",
    "letter_request",
    "login_brake",
    "lost_correction",
    "notice",
    "replayed",
    "session",
    "ticket",
)
"""Tables that prove nothing about anybody, or only until tomorrow: deleted whatever is held."""


class Erasing:
    """The end of a company or of one of its users, as rows. Works in the transaction it is given."""

    def erase(
        self,
        tx: Transaction,
        account_id: UUID,
        user_id: UUID | None,
        *,
        email_indexes: Sequence[bytes],
        brake_keys: Sequence[bytes],
        archive_until: date,
        held: Held = NOTHING_HELD,
    ) -> rules.Erasure:
        """Delete the rows of the account, or of one user of it, but for those held; how many, and what is kept."""
        scope = {"account_id": account_id, "user_id": user_id}
        parted = scope | held.columns()
        counts = {
            "sessions": tx.run(Q.erase_sessions, **scope),
            "login_attempts": tx.run(Q.erase_attempts, **parted, category=CATEGORY_OF["login_attempt"]),
            "tickets": tx.run(Q.erase_tickets, **scope),
            "former_addresses": tx.run(Q.erase_former_addresses, **scope),
            "letter_requests": tx.run(Q.erase_letter_requests, email_indexes=list(email_indexes)),
            "login_brakes": tx.run(Q.erase_brakes, keys=list(brake_keys)),
            "credentials": tx.run(Q.erase_credentials, **scope),
        }
        tx.run(Q.erase_corrections, **scope)
        tx.run(Q.erase_replayed, **scope)
        retained = [] if user_id else self._agreements(tx, parted, counts, archive_until)
        if user_id is not None:
            counts["agreements_unnamed"] = tx.run(Q.unname_agreements, **parted, category=CATEGORY_OF["agreement"])
        counts["users"] = tx.run(Q.erase_users, **parted, category=CATEGORY_OF["account_user"])
        if user_id is None:
            counts["notices"] = tx.run(Q.delete_notice, account_id=account_id)
            tx.run(Q.erase_contact_attempts, account_id=account_id)
            counts["accounts"] = self._company(tx, account_id, held)
        return rules.Erasure(counts=counts, retained=retained + self._kept(tx, account_id, user_id, held))

    @staticmethod
    def _agreements(
        tx: Transaction, parted: dict[str, Any], counts: dict[str, int], archive_until: date
    ) -> list[str]:
        """Archive what bookkeeping law keeps of agreements, and delete them."""
        of_agreements = parted | {"category": CATEGORY_OF["agreement"]}
        kept = tx.run(Q.archive_agreements, **of_agreements, keep_until=archive_until)
        counts["agreements"] = tx.run(Q.erase_agreements, **of_agreements)
        return ["agreement_acceptance"] if kept else []

    @staticmethod
    def _company(tx: Transaction, account_id: UUID, held: Held) -> int:
        """Delete the company, or empty its row while rows that are held refer to it; how many companies."""
        if held.covers(None, CATEGORY_OF["account"]):
            return 0
        if tx.one(Q.rests_on_account, account_id=account_id):
            return tx.run(Q.empty_account, account_id=account_id)
        return tx.run(Q.erase_account, account_id=account_id)

    @staticmethod
    def _kept(tx: Transaction, account_id: UUID, user_id: UUID | None, held: Held) -> list[str]:
        """Say whether anything is left, and keep the way back closed for as long as it is."""
        restricted.erase(tx, account_id, user_id, held)
        scope = {"account_id": account_id, "user_id": user_id}
        left = bool(held) and tx.one(Q.left_held, **scope) is not None
        if left:
            tx.run(Q.no_login_names, **scope)
        else:
            tx.run(Q.erase_begun, **scope)
        return [LEGAL_HOLD] if left else []
