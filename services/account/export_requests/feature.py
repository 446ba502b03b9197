"""Takes in who wants a copy, says how far it is, and hands it out to who proves the password anew."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from services.account.accounts import store as accounts
from services.account.accounts.publishing import acting_user
from services.account.accounts.values import AccountState, UserState
from services.account.authentication.calls import Credentials
from services.account.authentication.credentials import Authentication
from services.account.authorisation.access import enter
from services.account.exports import calls, rules, store
from services.account.exports.events import CompanyExportOpened, ExportOpened
from services.account.exports.means import ExportMeans
from services.account.exports.ordering import order
from services.account.exports.proof import proved
from services.account.exports.sealed_copies import CHUNK, opened, subject_of
from services.account.exports.values import Export
from services.account.field_encryption.sealing import Sealing, locked_under_erasure
from shared.bus import Feature, answers
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.errors import Forbidden, NotFound, Refused
from shared.identifiers import new_id
from shared.participation.export_values import ExportKind
from shared.privacy import KeyGoneError

TOKEN_BYTES: Final = 32

Answer = TypeVar("Answer")


@dataclass(eq=False)
class Exports(Feature):
    """The way in and the way out of copies."""

    database: Database
    clock: Clock
    sealing: Sealing
    authentication: Authentication
    means: ExportMeans

    @answers(calls.RequestExport)
    def request_export(self, call: calls.RequestExport, tx: Transaction) -> calls.ExportShown:
        """Somebody with a session wants a copy."""
        account, user = enter(tx, call, even_inactive=True)
        if user is None:
            raise Forbidden("whoever the data are about asks for them")
        return self._take(tx, account, user, call, anew=True)

    @answers(calls.RequestExportWithPassword)
    def request_export_with_password(self, call: calls.RequestExportWithPassword) -> calls.ExportShown:
        """The same with address and password."""
        return self._proved(call, lambda tx, account, user: self._take(tx, account, user, call, anew=call.anew))

    @answers(calls.Exports)
    def exports(self, call: calls.Exports) -> calls.ExportsShown:
        """The copies that a user asked for."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            _, user = enter(tx, call, even_inactive=True)
            if user is None:
                raise Forbidden("whoever the data are about asks for them")
            there = [each for each in store.asked_by(tx, user.id) if not rules.is_over(each, now)]
            return calls.ExportsShown(exports=tuple(_shown(tx, each) for each in there))

    @answers(calls.ExportKeys)
    def export_keys(self, call: calls.ExportKeys) -> calls.ExportKeysShown:
        """The key that copies are signed with, and those before it."""
        del call
        present = self.means.signing_key.public
        with self.database.transaction() as tx:
            known = {row["key_id"]: calls.ExportKey(**row) for row in store.keys(tx)}
        unused = calls.ExportKey(key_id=present.id, public_key=present.text(), used_since=None)
        first = known.pop(present.id, unused)
        return calls.ExportKeysShown(keys=(first, *known.values()))

    @answers(calls.OpenExport)
    def open_export(self, call: calls.OpenExport) -> calls.ExportOpened:
        """Whoever asked for a copy proves the password anew."""
        return self._proved(call, lambda tx, account, user: self._open(tx, account, user, call))

    @answers(calls.ReadExport)
    def read_export(self, call: calls.ReadExport) -> calls.ExportPiece:
        """A piece of a file that was opened; until when it is there, and who may have it, counts now."""
        now = self.clock.now()
        with self.database.transaction() as tx:
            export = store.find(tx, call.export_id)
            row = store.chunk(tx, call.export_id, call.token, call.position, now)
            if export is None or row is None:
                raise NotFound("there is no such copy")
            account, user = accounts.account(tx, export.account_id), accounts.user(tx, export.asked_by)
            try:
                rules.check_fetched(export, account, user, now)
            except Refused:  # what has become of it is told to who proves the password
                raise NotFound("there is no such copy") from None
        try:
            data = opened(self.sealing.vault, export, CHUNK, row["id"], row["chunk_sealed"])
        except KeyGoneError:
            raise NotFound("there is no such copy") from None
        return calls.ExportPiece(data=data)

    def _proved(self, call: Credentials, work: Callable[[Transaction, AccountState, UserState], Answer]) -> Answer:
        return proved(self.database, self.clock, self.authentication, call, work)

    # ── what both ways share ──────────────────────────────────────────────────────────────────────────────

    def _take(
        self, tx: Transaction, account: AccountState, user: UserState, wish: calls.ExportWished, *, anew: bool
    ) -> calls.ExportShown:
        now, kind = self.clock.now(), ExportKind(wish.kind)
        of_user = user.id if wish.whose == "own" else None
        if of_user is None:
            rules.check_company_copy(account, user)
        store.one_by_one(tx, user.id)
        for known in store.asked_by(tx, user.id):
            if known.kind is kind and known.user_id == of_user and rules.is_same(known, now, anew=anew):
                return _shown(tx, known)
        export_id = new_id()
        export = Export(
            id=export_id,
            wish_id=export_id,
            account_id=user.account_id,
            user_id=of_user,
            asked_by=user.id,
            kind=kind,
            asked_at=now,
            wished_at=now,
            with_company=bool(of_user) and user.role == "owner" and store.company_is_a_persons(tx, account.id),
        )
        self._check_not_erased(export, now)
        with acting_user(user.id):
            order(tx, export, self.means.everybody, now)
        return _shown(tx, export)

    def _check_not_erased(self, export: Export, now: datetime) -> None:
        """Raise `Locked` where nothing can be kept for whom it is about any more."""
        with locked_under_erasure():
            self.sealing.vault.mint([subject_of(export)], now)

    def _open(
        self, tx: Transaction, account: AccountState, user: UserState, call: calls.OpenExport
    ) -> calls.ExportOpened:
        now = self.clock.now()
        export = rules.check_fetched(store.find(tx, call.export_id), account, user, now)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        store.open_file(tx, export.id, token, now)
        with acting_user(user.id):
            named = {"account_id": user.account_id, "export_id": export.id, "user_id": user.id}
            tx.outbox.add(ExportOpened(**named) if export.user_id else CompanyExportOpened(**named), now=now)
        return calls.ExportOpened(
            token=token,
            chunks=export.chunks or 0,
            bytes=export.package_bytes or 0,
            sha256=export.package_sha256 or "",
        )


def _shown(tx: Transaction, export: Export) -> calls.ExportShown:
    return calls.ExportShown(
        export_id=export.id,
        kind=export.kind.value,
        whose="own" if export.user_id else "company",
        state=export.state.value,
        asked_at=export.wished_at,
        ready_at=export.ready_at,
        available_until=rules.available_until(export.ready_at) if export.ready_at else None,
        withdrawn_because=export.withdrawn_because.value if export.withdrawn_because else None,
        handed_over_at=export.handed_over_at,
        bytes=export.package_bytes,
        sha256=export.package_sha256,
        parts=tuple(
            calls.ContributorShown(
                name=row["contributor"], done=row["is_done"], rows=row["rows"], tries=row["tries"]
            )
            for row in store.parts(tx, export.id)
        ),
    )
