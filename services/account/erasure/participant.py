"""The account service's part in forgetting: what an erasure deletes, and what it leaves because it is held."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

from services.account.accounts import store as accounts
from services.account.accounts.values import AccountState
from services.account.erasure import rules
from services.account.erasure.store import Q
from services.account.field_encryption.sealing import Sealing
from shared.database import Transaction
from shared.errors import NotFound
from shared.participation.values import Erasure, Purpose, Step

CATEGORY_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "account": "company",
        "account_user": "profile",
        "agreement": "agreements",
        "login_attempt": "login_events",
        "nonconformity_report": "company",
        "support_message": "support",
        "support_thread": "support",
    }
)
"""Which category of data a table holds. A hold on the category keeps its rows in an erasure, and nothing else."""

NEVER_HELD: Final = (
    "contact_attempt",
    "credential",
    "erasure_begun",
    "form_draft",
    "export",
    "export_chunk",
    "export_page",
    "export_transfer",
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


class AccountErasure:
    """Deletes companies and their users, and all that is of them."""

    def __init__(self, sealing: Sealing, ended_at: Callable[[Transaction, AccountState], datetime | None]) -> None:
        """`sealing` is asked for digests only; `ended_at` says when the contract of an account ended."""
        self._sealing = sealing
        self._ended_at = ended_at

    def erase(self, tx: Transaction, erasure: Erasure) -> Step:
        """Delete the rows of the account, or of one user of it, but for those held.

        Raises `Permanent` where it is in use. In a dry run it may be: it is not told apart.
        """
        archive_until = rules.archive_until(self._contract_ended(tx, erasure))
        account_id, scope, parted = erasure.account_id, erasure.scope, erasure.scope_and_held
        rows = tx.all(Q.address_digests, **scope)
        digests = [value for row in rows for value in row.values() if value is not None]
        brakes = [self._sealing.brake_of_name(each) for each in digests]
        counts = {
            "sessions": tx.run(Q.erase_sessions, **scope),
            "login_attempts": tx.run(Q.erase_attempts, **parted, category=CATEGORY_OF["login_attempt"]),
            "tickets": tx.run(Q.erase_tickets, **scope),
            "former_addresses": tx.run(Q.erase_former_addresses, **scope),
            "letter_requests": tx.run(Q.erase_letter_requests, email_indexes=digests),
            "login_brakes": tx.run(Q.erase_brakes, keys=brakes),
            "credentials": tx.run(Q.erase_credentials, **scope),
        }
        tx.run(Q.erase_corrections, **scope)
        tx.run(Q.erase_form_drafts, **scope)
        tx.run(Q.erase_exports, **scope)
        tx.run(Q.erase_transfers, **scope)
        tx.run(Q.erase_replayed, **scope)
        archived = self._erase_agreements(tx, erasure, counts, archive_until)
        of_reports = parted | {"category": CATEGORY_OF["nonconformity_report"]}
        if erasure.user_id is None:
            counts["reports"] = tx.run(Q.erase_reports, **of_reports)
        else:
            counts["reports_unnamed"] = tx.run(Q.unname_reports, **of_reports)
        of_support = parted | {"category": CATEGORY_OF["support_thread"]}
        counts["support_messages"] = tx.run(Q.erase_support_messages, **of_support)
        tx.run(Q.erase_support_threads, **of_support)
        counts["users"] = tx.run(Q.erase_users, **parted, category=CATEGORY_OF["account_user"])
        if erasure.user_id is None:
            counts["notices"] = tx.run(Q.erase_notice, account_id=account_id)
            tx.run(Q.erase_contact_attempts, account_id=account_id)
            counts["accounts"] = self._erase_company(tx, erasure)
        retained = ["agreement_acceptance"] if archived else []
        return Step.of(counts, retained=retained, held=self._is_held(tx, erasure))

    def is_left(self, tx: Transaction, account_id: UUID, user_id: UUID | None) -> bool:
        """Whether a row of the scope is left that is not held."""
        return tx.one(Q.left_of, account_id=account_id, user_id=user_id) is not None

    def is_empty(self, tx: Transaction) -> bool:
        """Whether nobody has an account."""
        return tx.one(Q.anybody) is None

    def _contract_ended(self, tx: Transaction, erasure: Erasure) -> datetime:
        if erasure.purpose is Purpose.REPLAYED:
            return erasure.inactive_since or erasure.at
        try:
            account = accounts.account(tx, erasure.account_id, "update")
            user = accounts.user_of(tx, account.id, erasure.user_id, lock=True) if erasure.user_id else None
        except NotFound:
            return erasure.at  # nothing is left of it: the counts say so
        if erasure.purpose is Purpose.ORDERED:
            rules.check_erasable(account, user)
        return self._ended_at(tx, account) or erasure.at

    @staticmethod
    def _erase_agreements(tx: Transaction, erasure: Erasure, counts: dict[str, int], archive_until: date) -> bool:
        """Archive what bookkeeping law keeps of agreements, and delete them; of one user, only the name goes."""
        of_agreements = erasure.scope_and_held | {"category": CATEGORY_OF["agreement"]}
        if erasure.user_id is not None:
            counts["agreements_unnamed"] = tx.run(Q.unname_agreements, **of_agreements)
            return False
        archived = tx.run(Q.archive_agreements, **of_agreements, keep_until=archive_until)
        counts["agreements"] = tx.run(Q.erase_agreements, **of_agreements)
        return archived > 0

    @staticmethod
    def _erase_company(tx: Transaction, erasure: Erasure) -> int:
        """Delete the company, or empty its row while rows that are held refer to it; how many companies."""
        if erasure.held.covers(None, CATEGORY_OF["account"]):
            return 0
        rests_on_it = tx.one(Q.rests_on_account, account_id=erasure.account_id) is not None
        return tx.run(Q.empty_account if rests_on_it else Q.erase_account, account_id=erasure.account_id)

    @staticmethod
    def _is_held(tx: Transaction, erasure: Erasure) -> bool:
        """Whether anything is left; the way back stays closed for as long as it is."""
        left = bool(erasure.held) and tx.one(Q.left_held, **erasure.scope) is not None
        tx.run(Q.no_login_names if left else Q.erase_begun, **erasure.scope)
        return left
