"""Hands a copy straight over to whom its person names, and keeps the receipt (GDPR article 20(2))."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.account.accounts import store as accounts
from services.account.accounts.calls import DONE, Done
from services.account.accounts.publishing import acting_user
from services.account.accounts.values import AccountState, UserState
from services.account.authentication.credentials import Authentication
from services.account.authorisation.access import enter
from services.account.export_transfers import calls, events, rules, store
from services.account.export_transfers.values import Transfer
from services.account.exports import rules as export_rules
from services.account.exports import store as exports
from services.account.exports.means import ExportMeans
from services.account.exports.proof import proved
from services.account.field_encryption.sealing import Sealing, locked_under_erasure
from shared.bus import Feature, answers
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.errors import Forbidden, NotFound, Refused
from shared.identifiers import new_id
from shared.privacy import Subject

CODE_BYTES: Final = 32


@dataclass(eq=False)
class ExportTransfers(Feature):
    """Whoever has the code fetches the file, be it who was named or not: so the person gives it to nobody else."""

    database: Database
    clock: Clock
    sealing: Sealing
    authentication: Authentication
    means: ExportMeans

    @answers(calls.MakeTransfer)
    def make_transfer(self, call: calls.MakeTransfer) -> calls.TransferMade:
        """A person names a receiver, with the password."""
        return proved(
            self.database,
            self.clock,
            self.authentication,
            call,
            lambda tx, account, user: self._make(tx, account, user, call),
        )

    def _make(
        self, tx: Transaction, account: AccountState, user: UserState, call: calls.MakeTransfer
    ) -> calls.TransferMade:
        now = self.clock.now()
        exports.one_by_one(tx, user.id)
        export = export_rules.check_fetched(exports.find(tx, call.export_id), account, user, now)
        rules.check_handed_over(export, store.of_export(tx, export.id))
        transfer = Transfer(
            id=new_id(),
            export_id=export.id,
            account_id=user.account_id,
            user_id=user.id,
            sha256=export.package_sha256 or "",
            made_at=now,
            ends_at=rules.ends_at(export, now),
        )
        code = secrets.token_urlsafe(CODE_BYTES)
        table, column = store.RECEIVER
        person = Subject.person(user.id, user.account_id)
        with locked_under_erasure():
            sealed = self.sealing.vault.seal(
                person, table=table, column=column, row=transfer.id, text=call.receiver
            )
        store.add(tx, transfer, code, sealed)
        with acting_user(user.id):
            tx.outbox.add(events.TransferMade(**_named(transfer)), now=now)
        return calls.TransferMade(transfer_id=transfer.id, code=code, ends_at=transfer.ends_at)

    @answers(calls.Transfers)
    def transfers(self, call: calls.Transfers) -> calls.TransfersShown:
        """What a user had handed over."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            _, user = enter(tx, call, even_inactive=True)
            if user is None:
                raise Forbidden("whoever the data are about sees this")
            found = store.of_user(tx, user.id)
        names = self.sealing.vault.unseal_many([receiver for _, receiver in found])
        return calls.TransfersShown(
            transfers=tuple(_shown(each, name, now) for (each, _), name in zip(found, names, strict=True))
        )

    @answers(calls.EndTransfer)
    def end_transfer(self, call: calls.EndTransfer, tx: Transaction) -> Done:
        """Whoever made it takes the code back."""
        _, user = enter(tx, call, even_inactive=True)
        if user is None or not store.is_of(tx, call.transfer_id, user.id):
            raise NotFound("there is no such transfer of yours")
        now = self.clock.now()
        export_id = store.end(tx, call.transfer_id, user.id, now)
        if export_id is not None:
            named = {"account_id": user.account_id, "user_id": user.id, "export_id": export_id}
            tx.outbox.add(events.TransferEnded(**named, transfer_id=call.transfer_id), now=now)
        return DONE

    # ── by the receiver ───────────────────────────────────────────────────────────────────────────────────────

    @answers(calls.FetchTransfer)
    def fetch_transfer(self, call: calls.FetchTransfer) -> calls.TransferOpened:
        """Whoever has the code reads the file for a quarter of an hour."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            found = store.by_code(tx, call.code)
            transfer = rules.check_fetched(found[0] if found else None, now)
            account, user = accounts.account(tx, transfer.account_id), accounts.user(tx, transfer.user_id)
            try:
                export = export_rules.check_fetched(exports.find(tx, transfer.export_id), account, user, now)
            except Refused:  # what has become of the copy is its person's to know
                raise NotFound("there is nothing to fetch with this code") from None
            if export.package_sha256 != transfer.sha256:  # made anew since: after a crash, or a restore
                raise NotFound("there is nothing to fetch with this code")
            token = secrets.token_urlsafe(CODE_BYTES)
            exports.open_file(tx, export.id, token, now)
            store.fetched(tx, transfer, now)
            tx.outbox.add(events.TransferFetched(**_named(transfer)), now=now)
        return calls.TransferOpened(
            transfer_id=transfer.id,
            export_id=export.id,
            token=token,
            chunks=export.chunks or 0,
            bytes=export.package_bytes or 0,
            sha256=transfer.sha256,
        )

    @answers(calls.ConfirmTransfer)
    def confirm_transfer(self, call: calls.ConfirmTransfer) -> calls.TransferReceipt:
        """The receiver has the whole file: both get a receipt, and the code is spent."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            found = store.by_code(tx, call.code)
            transfer = rules.check_confirmed(found[0] if found else None, call.sha256, now)
            if found is None or transfer.receipt is not None:
                return calls.TransferReceipt(receipt=transfer.receipt or "")
            (receiver,) = self.sealing.vault.unseal_many([found[1]])
            if receiver is None:
                raise NotFound("there is nothing to confirm with this code")
            exports.note_key(tx, self.means.signing_key.public, now)
            vendor, key = self.means.answerer.vendor, self.means.signing_key
            receipt = rules.receipt_of(transfer, receiver, vendor, key, now)
            store.received(tx, transfer, receipt, now)
            tx.outbox.add(events.TransferReceived(**_named(transfer)), now=now)
        return calls.TransferReceipt(receipt=receipt)


def _named(transfer: Transfer) -> dict[str, UUID]:
    return {
        "account_id": transfer.account_id,
        "user_id": transfer.user_id,
        "export_id": transfer.export_id,
        "transfer_id": transfer.id,
    }


def _shown(transfer: Transfer, receiver: str | None, now: datetime) -> calls.TransferShown:
    names = ("export_id", "made_at", "ends_at", "fetched_at", "received_at", "receipt")
    return calls.TransferShown(
        transfer_id=transfer.id,
        receiver=receiver,
        state=rules.state_of(transfer, now),
        **{name: getattr(transfer, name) for name in names},
    )
