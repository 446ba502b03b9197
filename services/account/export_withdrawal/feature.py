"""Takes back copies of companies once somebody in them may not be in them any more, and orders them anew."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from services.account.accounts import store as accounts
from services.account.exports import rules, store
from services.account.exports.events import ExportWithdrawn
from services.account.exports.means import ExportMeans
from services.account.exports.ordering import order
from services.account.exports.values import Export, ExportState, Withdrawal
from services.retention.execution.events import UserErased
from shared.bus import Feature, handles
from shared.clock import Clock
from shared.database import Transaction
from shared.errors import Conflict, Forbidden, Locked, NotFound
from shared.events import Code, Received
from shared.identifiers import new_id
from shared.participation.events import ErasureOrdered, HoldPlaced, RestrictionSet

RESTRICTED: Final = (Withdrawal.RESTRICTED, Withdrawal.HELD)


@dataclass(eq=False)
class ExportWithdrawal(Feature):
    """The copy of a company shows nobody who was restricted, held or erased after it was asked for.

    It stands before the service's part in forgetting, which deletes whoever is erased.
    """

    clock: Clock
    means: ExportMeans

    @handles(RestrictionSet)
    def withdraw_of_restricted(self, message: Received[RestrictionSet], tx: Transaction) -> None:
        """Somebody's data may only be stored: they are in no copy for others."""
        self._withdraw_and_renew(tx, message.event.account_id, Withdrawal.RESTRICTED)

    @handles(HoldPlaced)
    def withdraw_of_held(self, message: Received[HoldPlaced], tx: Transaction) -> None:
        """The same of what is kept for a dispute."""
        self._withdraw_and_renew(tx, message.event.account_id, Withdrawal.HELD)

    @handles(ErasureOrdered)
    def withdraw_of_erased(self, message: Received[ErasureOrdered], tx: Transaction) -> None:
        """One user is erased: copies that may have them in them are gone with their rows.

        They are ordered anew once everybody has erased them. An order that is repeated finds nobody here any more,
        and leaves copies alone that were asked for since.
        """
        event = message.event
        if event.user_id is None:
            return
        try:
            accounts.user_of(tx, event.account_id, event.user_id)
        except NotFound:
            return
        self._withdraw(tx, event.account_id, Withdrawal.ERASED, before=self.clock.now())

    @handles(UserErased)
    def renew_without_erased(self, message: Received[UserErased], tx: Transaction) -> None:
        """Nobody holds anything of this user any more. What was asked for meanwhile may still have them in it."""
        account_id = message.event.account_id
        self._withdraw(tx, account_id, Withdrawal.ERASED, before=message.time)
        self._renew(tx, account_id, (Withdrawal.ERASED,))

    def _withdraw_and_renew(self, tx: Transaction, account_id: UUID, because: Withdrawal) -> None:
        self._withdraw(tx, account_id, because, before=self.clock.now())
        self._renew(tx, account_id, RESTRICTED)

    def _withdraw(self, tx: Transaction, account_id: UUID, because: Withdrawal, *, before: datetime) -> None:
        now = self.clock.now()
        for export_id in store.withdraw(tx, account_id, because, before=before, now=now):
            event = ExportWithdrawn(account_id=account_id, export_id=export_id, reason=Code(because))
            tx.outbox.add(event, now=now)

    def _renew(self, tx: Transaction, account_id: UUID, reasons: tuple[Withdrawal, ...]) -> None:
        now = self.clock.now()
        for export in store.claim_withdrawn(tx, account_id, reasons, now):
            if _may_still_have(tx, export):
                order(tx, _anew(export, now), self.means.everybody, now)


def _anew(export: Export, now: datetime) -> Export:
    """The same wish, with the case that a person may have of it, as a copy that is collected from the beginning."""
    return replace(
        export,
        id=new_id(),
        state=ExportState.COLLECTING,
        asked_at=now,
        withdrawn_at=None,
        withdrawn_because=None,
        renewed_at=None,
        tries=0,
    )


def _may_still_have(tx: Transaction, export: Export) -> bool:
    """Whether whoever asked would get it if they asked now."""
    try:
        account = accounts.account(tx, export.account_id)
        rules.check_company_copy(account, accounts.user_of(tx, account.id, export.asked_by))
    except (NotFound, Forbidden, Locked, Conflict):
        return False
    return True
