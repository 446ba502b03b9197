"""What the facts of the ledger mean in retention's own database, when a backup has set it back behind them.

Clocks begin and end again as they did, and nobody is told a second time. An erasure that was carried out is carried
out: its certificate comes back from the archive. One that was under way goes on from where there is no way back.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from services.retention import (
    early_course,
    early_replay,
    early_store,
    holds_replay,
    holds_store,
    process,
    rules,
    store,
)
from services.retention.archive import CertificateArchive
from services.retention.store import Kept
from services.retention.values import (
    FINISHED,
    REVOCABLE,
    Cancellation,
    Erasure,
    Inactivation,
    Notice,
    Scope,
    State,
    Trigger,
)
from shared.database import Transaction, load_queries
from shared.privacy import restricted
from shared.privacy.ledger_lines import Entry, Kind

Q: Final = load_queries(__file__, "replay.sql")
LEFT: Final = frozenset({Kind.ACCOUNT_DEACTIVATED, Kind.USER_DEACTIVATED})
CAME_BACK: Final = frozenset({Kind.ACCOUNT_REACTIVATED, Kind.USER_REACTIVATED})
ERASED: Final = frozenset({Kind.ACCOUNT_ERASED, Kind.USER_ERASED})


class RetentionReplayer:
    """Makes clocks, returns, early requests, holds, restrictions and erasures true again."""

    def __init__(self, archive: CertificateArchive) -> None:
        """`archive` has the certificates that the database lacks."""
        self._archive = archive

    def replay(self, tx: Transaction, entry: Entry) -> None:
        """Make the fact true."""
        scope = Scope(account_id=entry.account_id, user_id=entry.user_id)
        if entry.kind in LEFT:
            if entry.data.get("by") == Trigger.EARLY_REQUEST and early_store.waits(tx, entry.account_id):
                return  # its erasure is planned for then, not for three months later
            inactivation = Inactivation(scope=scope, inactivated_at=entry.instant("since"), notice=_notice(entry))
            clock_id = entry.uuid("clock_id") if "clock_id" in entry.data else None
            process.plan(tx, inactivation, entry.at, clock_id=clock_id, tell=False)
        elif entry.kind in CAME_BACK:
            back = entry.instant("since")
            process.call_off(tx, scope, back, max(back, entry.at), tell=False)
            if scope.is_account:
                early_course.overtake(tx, entry.account_id, back, entry.at)
        elif entry.kind in ERASED:
            self._erased(tx, entry, scope)
        elif entry.kind in restricted.FACTS:
            holds_replay.replay(tx, entry)
        elif entry.kind in early_replay.FACTS:
            early_replay.replay(tx, entry)

    def verify(self, tx: Transaction, entry: Entry) -> bool:
        """Whether nothing in the database contradicts the fact."""
        if entry.kind in restricted.FACTS:
            return restricted.verify(tx, entry)
        if entry.kind in early_replay.FACTS:
            return early_replay.verify(tx, entry)
        if entry.kind not in ERASED:
            return True
        kept = store.get(tx, entry.uuid("erasure_id"))
        certain = kept is not None and kept.erasure.state not in REVOCABLE | {State.CANCELLED}
        scope = Scope(account_id=entry.account_id, user_id=entry.user_id)
        return certain and not any(each.erasure.state in REVOCABLE for each in _included(tx, scope))

    def is_empty(self, tx: Transaction) -> bool:
        """Whether nothing was ever to be erased."""
        return tx.one(Q.anything) is None

    def _erased(self, tx: Transaction, entry: Entry, scope: Scope) -> None:
        kept = self._row_of(tx, entry, scope)
        if kept.erasure.state in REVOCABLE | {State.CANCELLED}:
            kept = self._beyond(tx, kept, entry)
        if kept.erasure.state not in FINISHED:
            self._archive.agree(tx)
            if store.certificate(tx, entry.uuid("certificate_id")) is not None:
                certified = replace(
                    kept.erasure,
                    state=State.CERTIFIED,
                    destroyed_at=entry.at,
                    held=kept.erasure.held or holds_store.parts(tx, scope),
                    kept_back=restricted.was_partial(entry),
                )
                kept = store.save(tx, kept, certified, next_at=None)
        if scope.is_account:
            holds_store.take_over(tx, scope.account_id)
        if "completes" in entry.data:
            holds_store.followed_up(tx, entry.uuid("completes"))
        for other in _included(tx, scope):
            if other.erasure.id != kept.erasure.id and other.erasure.state in REVOCABLE:
                move = rules.supersede(kept.erasure, [other.erasure], entry.at)[0]
                process.apply(tx, other, move, entry.at, tell=False)

    @staticmethod
    def _row_of(tx: Transaction, entry: Entry, scope: Scope) -> Kept:
        """The erasure's row, made anew where the backup is from before it was scheduled."""
        erasure_id = entry.uuid("erasure_id")
        kept = store.get(tx, erasure_id, locked=True)
        if kept is not None:
            return kept
        for running in store.of_scope(tx, scope):
            if running.erasure.scope == scope and running.erasure.state in REVOCABLE:
                cancelled = rules.cancel(running.erasure, Cancellation.SUPERSEDED, entry.at)
                process.apply(tx, running, cancelled, entry.at, tell=False)
        store.add(
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
        made = store.get(tx, erasure_id, locked=True)
        if made is None:
            raise LookupError("an erasure was written and is not there")
        return made

    @staticmethod
    def _beyond(tx: Transaction, kept: Kept, entry: Entry) -> Kept:
        """Past the fence, as it was; what comes then is done again and finds nothing left to do."""
        fenced = replace(
            kept.erasure,
            state=State.FENCED,
            entered_at=entry.at,
            certificate_id=entry.uuid("certificate_id"),
            letter_done=True,
            released=True,
            cancellation=None,
            held=holds_store.parts(tx, kept.erasure.scope),
        )
        saved = store.save(tx, kept, fenced, next_at=entry.at)
        store.clear(tx, [fenced.id], entry.at)
        return store.get(tx, fenced.id, locked=True) or saved


def _notice(entry: Entry) -> Notice | None:
    """The notice whose end made the account inactive, where that is what did."""
    noticed_on, ends_on = _date(entry, "noticed_on"), _date(entry, "notice_ends_on")
    return Notice(noticed_on=noticed_on, ends_on=ends_on) if noticed_on and ends_on else None


def _date(entry: Entry, name: str) -> date | None:
    return entry.day(name) if name in entry.data else None


def _within(tx: Transaction, scope: Scope) -> list[Kept]:
    """The erasures of the scope, those of single users among them where it is a whole account."""
    of_scope = [each for each in store.of_scope(tx, scope) if scope.is_account or each.erasure.scope == scope]
    return of_scope + (store.running_of_users(tx, scope.account_id) if scope.is_account else [])


def _included(tx: Transaction, scope: Scope) -> list[Kept]:
    """The same without those that complete an erasure of the scope: the fact of the first one can be read late."""
    return [each for each in _within(tx, scope) if each.erasure.completes is None or each.erasure.scope != scope]
