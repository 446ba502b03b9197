"""Closing the way back before an erasure; telling who is inactive, and whom nobody knows any more."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from services.account.accounts import store as accounts
from services.account.accounts.calls import DONE, Done
from services.account.erasure import rules, store
from services.account.erasure.calls import (
    SUBJECTS_LIMIT,
    BeginErasure,
    InactiveSubjects,
    InactiveSubjectsShown,
    SubjectNamed,
    UnknownSubjects,
    UnknownSubjectsShown,
    WithdrawErasure,
)
from services.account.field_encryption.sealing import NOBODY
from shared.bus import Feature, answers
from shared.clock import Clock
from shared.database import Database, Transaction


@dataclass(eq=False)
class ErasurePreparation(Feature):
    """Whoever is about to be erased cannot come back, and whoever is held can again."""

    database: Database
    clock: Clock

    @answers(BeginErasure)
    def begin_erasure(self, call: BeginErasure, tx: Transaction) -> Done:
        """Close the way back, just before the keys are fenced; under the lock that a reactivation takes too."""
        account = accounts.account(tx, call.account_id, "update")
        user = accounts.user_of(tx, account.id, call.user_id, lock=True) if call.user_id else None
        rules.check_erasure_may_begin(account, user)
        store.begin_erasure(tx, call.erasure_id, account.id, call.user_id, now=self.clock.now())
        return DONE

    @answers(WithdrawErasure)
    def withdraw_erasure(self, call: WithdrawErasure, tx: Transaction) -> Done:
        """Open the way back again: the erasure waits for a hold, and nothing was destroyed. Safe to repeat."""
        store.withdraw_erasure(tx, call.erasure_id)
        return DONE

    def check_way_back(self, tx: Transaction, account_id: UUID, user_id: UUID | None = None) -> None:
        """Raises `Conflict` where the way back is closed for the account, or for this user of it."""
        rules.check_way_back(erasure_has_begun=store.erasure_has_begun(tx, account_id, user_id))

    @answers(UnknownSubjects)
    def unknown_subjects(self, call: UnknownSubjects) -> UnknownSubjectsShown:
        """Whom there is no row of."""
        with self.database.transaction() as tx:
            rows = store.unknown(tx, [(each.account_id, each.user_id) for each in call.subjects])
        unknown = (SubjectNamed(**row) for row in rows)
        return UnknownSubjectsShown(subjects=tuple(each for each in unknown if each.id != NOBODY.id))

    @answers(InactiveSubjects)
    def inactive_subjects(self, call: InactiveSubjects) -> InactiveSubjectsShown:
        """Whom retention should have a clock for."""
        with self.database.transaction() as tx:
            rows = store.inactive(tx, call.before, after=call.after, limit=SUBJECTS_LIMIT)
        return InactiveSubjectsShown(subjects=tuple(SubjectNamed(**row) for row in rows))
