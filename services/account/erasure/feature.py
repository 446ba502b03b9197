"""The account service's part in an erasure, and what of it may only be stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from services.account.accounts import store as accounts
from services.account.accounts.calls import DONE, Done
from services.account.erasure import rules, store
from services.account.erasure.calls import BeginErasure, UnknownSubjects, UnknownSubjectsShown, WithdrawErasure
from services.account.erasure.values import Erasure as Step
from services.account.field_encryption.sealing import NOBODY, Sealing
from shared.bus import Feature, answers, handles
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.errors import NotFound
from shared.events import Received
from shared.hold_scope import Held
from shared.participation.events import (
    ErasureDryRunAnswered,
    ErasureDryRunOrdered,
    ErasureOrdered,
    ErasureStepCompleted,
    HoldPlaced,
    HoldReleased,
    RestrictionLifted,
    RestrictionSet,
)
from shared.privacy import restricted

if TYPE_CHECKING:
    from services.account.termination.feature import Termination

PARTICIPANT: Final = "account"


@dataclass(eq=False)
class Erasure(Feature):
    """Deleting what is of a company or of one user, when retention orders it.

    `termination` knows when a contract ended.
    """

    database: Database
    clock: Clock
    sealing: Sealing
    termination: Termination

    # ── before the erasure ────────────────────────────────────────────────────────────────────────────────

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
        """Whom there is no row of: keys were made for them, and what these were to seal was never written."""
        with self.database.transaction() as tx:
            known = store.known_ids(tx, {each.id for each in call.subjects}) | {NOBODY.id}
        return UnknownSubjectsShown(subjects=tuple(each for each in call.subjects if each.id not in known))

    # ── the erasure ───────────────────────────────────────────────────────────────────────────────────────

    @handles(ErasureOrdered)
    def erase(self, message: Received[ErasureOrdered], tx: Transaction) -> None:
        """Delete every row of the account, or of one user, but for what is held, and say how many.

        A repeated order gets the same answer.
        """
        ordered, now = message.event, self.clock.now()
        step = store.erasure_step(tx, ordered.erasure_id)
        if step is None:
            step = self._erase(tx, ordered.account_id, ordered.user_id, ordered.held)
            store.save_erasure_step(tx, ordered.erasure_id, step, now=now)
        done = ErasureStepCompleted.done(ordered.erasure_id, PARTICIPANT, step.counts, step.retained)
        tx.outbox.add(done, now=now)

    @handles(ErasureDryRunOrdered)
    def try_erasure(self, message: Received[ErasureDryRunOrdered], tx: Transaction) -> None:
        """Erase, count and undo it. An active company may be tried as well: it is not told apart."""
        ordered = message.event
        with tx.undone():
            step = self._erase(tx, ordered.account_id, ordered.user_id, ordered.held, tried=True)
        answer = ErasureDryRunAnswered.foreseen(ordered.dry_run_id, PARTICIPANT, step.counts, step.retained)
        tx.outbox.add(answer, now=self.clock.now())

    def _erase(
        self, tx: Transaction, account_id: UUID, user_id: UUID | None, held: Held, *, tried: bool = False
    ) -> Step:
        ended_at = self.clock.now()
        try:
            account = accounts.account(tx, account_id, "update")
            user = accounts.user_of(tx, account_id, user_id, lock=True) if user_id else None
            if not tried:
                rules.check_erasable(account, user)
            ended_at = self.termination.ended_at(tx, account) or ended_at
        except NotFound:
            pass  # nothing is left of it: the counts say so
        return store.erase(
            tx,
            account_id,
            user_id,
            brake_of_name=self.sealing.brake_of_name,
            archive_until=rules.archive_until(ended_at),
            held=held,
        )


class Restricting(Feature):
    """Hears of holds and restrictions, in whatever order, and remembers those in force."""

    @handles(HoldPlaced)
    def begin_hold(self, message: Received[HoldPlaced], tx: Transaction) -> None:
        """Something is held for a dispute: it may only be stored (L59, L204)."""
        restricted.hold(tx, message.event.hold_id, message.event, message.time)

    @handles(HoldReleased)
    def end_hold(self, message: Received[HoldReleased], tx: Transaction) -> None:
        """A hold is over."""
        restricted.lift(tx, message.event.hold_id, message.time)

    @handles(RestrictionSet)
    def begin_restriction(self, message: Received[RestrictionSet], tx: Transaction) -> None:
        """A person had the processing restricted: the data may only be stored (L39)."""
        restricted.restrict(tx, message.event.restriction_id, message.event, message.time)

    @handles(RestrictionLifted)
    def end_restriction(self, message: Received[RestrictionLifted], tx: Transaction) -> None:
        """A restriction is over, and the person was told before."""
        restricted.lift(tx, message.event.restriction_id, message.time)
