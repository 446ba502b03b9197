"""What the ledger keeps of an erasure, and what that means after a restore: what was carried out is carried out.

Its certificate comes back from the archive. An erasure that was under way goes on from where there is no way back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from uuid import UUID

from services.retention.erasure import store as erasures
from services.retention.erasure.rules import cancel
from services.retention.erasure.store import Stored
from services.retention.erasure.values import (
    FINISHED,
    REVOCABLE,
    Cancellation,
    Erasure,
    Scope,
    State,
    Trigger,
)
from services.retention.execution import rules, store
from services.retention.suspended_erasures import store as suspensions
from shared.database import Transaction
from shared.privacy import restricted
from shared.privacy.ledger_lines import Entry, Fact, Kind, Value, instant


def erased(erasure: Erasure, *, kept_keys: Iterable[UUID] = (), partial: bool = False) -> Fact:
    """Every participant has confirmed, and the keys are about to be destroyed, but for those of what was kept.

    It holds what is needed to know of the erasure again where retention's own database is set back behind it.
    `partial` says that something was kept because it is held.
    """
    data: dict[str, Value] = {
        "erasure_id": str(erasure.id),
        "certificate_id": str(erasure.certificate_id),
        "trigger": erasure.trigger.value,
        "since": instant(erasure.started_at),
        "started_on": erasure.started_on.isoformat(),
        "due_on": erasure.due_on.isoformat(),
    }
    for name, day in (("noticed_on", erasure.noticed_on), ("inactive_on", erasure.inactive_on)):
        if day is not None:
            data[name] = day.isoformat()
    if spared := tuple(map(str, kept_keys)):
        data["kept_keys"] = spared
    if partial:
        data["extent"] = "partial"
    if erasure.completes is not None:
        data["completes"] = str(erasure.completes)
    kind = Kind.ACCOUNT_ERASED if erasure.scope.is_account else Kind.USER_ERASED
    return Fact(kind=kind, account_id=erasure.scope.account_id, user_id=erasure.scope.user_id, data=data)


# ── after a restore ──────────────────────────────────────────────────────────────────────────────────────


class ErasureReplay:
    """Makes erasures true again."""

    facts = frozenset({Kind.ACCOUNT_ERASED, Kind.USER_ERASED})

    def __init__(self, *, recover_certificate: Callable[[Transaction, UUID], bool]) -> None:
        """`recover_certificate` says whether it was issued, and takes it from the archive where need be."""
        self._recover_certificate = recover_certificate

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Make the fact true."""
        scope = Scope(account_id=entry.account_id, user_id=entry.user_id)
        stored = self._row_of(tx, entry, scope)
        if stored.erasure.state in REVOCABLE | {State.CANCELLED}:
            stored = self._beyond(tx, stored, entry)
        if stored.erasure.state not in FINISHED and self._recover_certificate(tx, entry.uuid("certificate_id")):
            certified = replace(
                stored.erasure,
                state=State.CERTIFIED,
                destroyed_at=entry.at,
                held=stored.erasure.held or suspensions.parts(tx, scope),
                kept_back=restricted.was_partial(entry),
            )
            stored = erasures.save(tx, stored, certified, next_at=None)
        if scope.is_account:
            erasures.take_over(tx, scope.account_id)
        if "completes" in entry.data:
            erasures.followed_up(tx, entry.uuid("completes"))
        for other in _included(tx, scope):
            if other.erasure.id != stored.erasure.id and other.erasure.state in REVOCABLE:
                move = rules.supersede(stored.erasure, [other.erasure], entry.at)[0]
                erasures.apply(tx, other, move, entry.at, publish=False)

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether nothing in the database contradicts the fact."""
        stored = erasures.get(tx, entry.uuid("erasure_id"))
        certain = stored is not None and stored.erasure.state not in REVOCABLE | {State.CANCELLED}
        scope = Scope(account_id=entry.account_id, user_id=entry.user_id)
        return certain and not any(each.erasure.state in REVOCABLE for each in _included(tx, scope))

    @staticmethod
    def _row_of(tx: Transaction, entry: Entry, scope: Scope) -> Stored:
        """The erasure's row, made anew where the backup is from before it was scheduled."""
        erasure_id = entry.uuid("erasure_id")
        stored = erasures.get(tx, erasure_id, locked=True)
        if stored is not None:
            return stored
        for running in erasures.of_scope(tx, scope):
            if running.erasure.scope == scope and running.erasure.state in REVOCABLE:
                cancelled = cancel(running.erasure, Cancellation.SUPERSEDED, entry.at)
                erasures.apply(tx, running, cancelled, entry.at, publish=False)
        erasures.add(
            tx,
            Erasure(
                id=erasure_id,
                scope=scope,
                trigger=Trigger(entry.text("trigger")),
                started_at=entry.instant("since"),
                started_on=entry.day("started_on"),
                due_on=entry.day("due_on"),
                noticed_on=_date(entry, "noticed_on"),
                inactive_on=_date(entry, "inactive_on"),
                entered_at=entry.at,
                completes=entry.uuid("completes") if "completes" in entry.data else None,
            ),
        )
        made = erasures.get(tx, erasure_id, locked=True)
        if made is None:
            raise LookupError("an erasure was written and is not there")
        return made

    @staticmethod
    def _beyond(tx: Transaction, stored: Stored, entry: Entry) -> Stored:
        """Past the fence, as it was; what comes then is done again and finds nothing left to do."""
        fenced = replace(
            stored.erasure,
            state=State.FENCED,
            entered_at=entry.at,
            certificate_id=entry.uuid("certificate_id"),
            letter_done=True,
            released=True,
            cancellation=None,
            held=suspensions.parts(tx, stored.erasure.scope),
        )
        saved = erasures.save(tx, stored, fenced, next_at=entry.at)
        store.clear(tx, [fenced.id], entry.at)
        return erasures.get(tx, fenced.id, locked=True) or saved


def _date(entry: Entry, name: str) -> date | None:
    return entry.day(name) if name in entry.data else None


def _within(tx: Transaction, scope: Scope) -> list[Stored]:
    """The erasures of the scope, those of single users among them where it is a whole account."""
    of_scope = [each for each in erasures.of_scope(tx, scope) if scope.is_account or each.erasure.scope == scope]
    return of_scope + (erasures.running_of_users(tx, scope.account_id) if scope.is_account else [])


def _included(tx: Transaction, scope: Scope) -> list[Stored]:
    """The same without those that complete an erasure of the scope: the fact of the first one can be read late."""
    return [each for each in _within(tx, scope) if each.erasure.completes is None or each.erasure.scope != scope]
