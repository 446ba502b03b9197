"""When a backup is due, when one must be gone, and which one a restore takes. Pure; `now` is an argument."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from deploy.backup.errors import RestoreRefused
from shared.backup_record import STALE_AFTER
from shared.terms import enforces, parameter
from shared.terms.clauses import erasure
from shared.wait_bounds import bounded, noted_by

RETRY: Final = timedelta(minutes=15)
"""The pause after a backup that failed."""

ALL_COPIES: Final = timedelta(days=2)
DAILY_COPIES: Final = timedelta(days=31)
MONTHLY_COPIES: Final = timedelta(days=396)
"""How long copies of proofs are kept: all, the last of each day, the last of each month."""

PROOF_RETRY: Final = timedelta(hours=1)
"""The pause after a proof that failed: it is more work, and a ledger that was a moment behind has caught up."""

LATEST: Final = "latest"
SHORT_ID: Final = 8
_ID: Final = re.compile(r"[0-9a-f]{4,64}")

PARTS: Final = frozenset({"account", "company", "user", "person", "subject", "email", "table", "row", "database"})
ELSEWHERE: Final = frozenset({"to", "into", "target", "host"})
NO_PARTS: Final = (
    "a backup comes back whole or not at all: one {part} cannot be taken out of it. An account that was erased "
    "would come back that way past the ledger, and what is erased is gone for good; what a customer may have is in "
    "the running system"
)
NO_ELSEWHERE: Final = (
    "a backup is read into the system's own databases and nowhere else: there the services replay the ledger "
    "before they show anything. To look into a backup, restore it whole on a machine set up for the purpose "
    "(make up, then make restore), which has the same gate"
)


@dataclass(frozen=True, slots=True, order=True)
class Snapshot:
    """One backup of one set: the instant from which its content is, and the repository's id for it."""

    at: datetime
    id: str

    @property
    def short_id(self) -> str:
        """What a person types."""
        return self.id[:SHORT_ID]


@enforces(erasure.DAILY_BACKUP)
def due_at(newest: datetime | None, failed_at: datetime | None, now: datetime) -> datetime:
    """When the next backup is to be taken: twice a day, so that one failure is not yet an alarm.

    `newest` is the oldest of the sets' newest backups; `failed_at` the last attempt since that failed.
    """
    known = newest is not None and noted_by(newest, now)
    due = newest + timedelta(hours=parameter("backup.interval").default) if newest and known else now
    return due if failed_at is None else max(due, bounded(failed_at, now, timedelta()) + RETRY)


@enforces(erasure.NEVER_RESTORED)
def expiring(snapshots: Sequence[Snapshot], now: datetime, window_days: int) -> list[Snapshot]:
    """The backups to be forgotten now, oldest first.

    They go a day before their window ends. Where no run could forget them in time, the alarm that no backup was
    taken for a day has come first.
    """
    limit = now - timedelta(days=window_days) + STALE_AFTER
    return sorted(each for each in snapshots if each.at <= limit)


@enforces(erasure.RESTORE_AFTER_DISASTER)
def proving_due_at(
    proven_at: datetime | None, newest: datetime | None, failed_at: datetime | None, now: datetime
) -> datetime | None:
    """When it is to be proven next that the newest backup can be restored; None where there is no backup yet.

    `proven_at` is the oldest of the sets' last proofs, `newest` the oldest of their newest backups, `failed_at` the
    last attempt since that failed.
    """
    if newest is None:
        return None
    known = proven_at is not None and noted_by(proven_at, now)
    due = proven_at + timedelta(days=parameter("backup.proof_interval").default) if proven_at and known else now
    return due if failed_at is None else max(due, bounded(failed_at, now, timedelta()) + PROOF_RETRY)


def dated(snapshots: Sequence[Snapshot], now: datetime) -> datetime:
    """The date of a copy made now: dates have seconds here, and it must be told from one of the same second."""
    return max([now, *(each.at + timedelta(seconds=1) for each in snapshots)])


@enforces(erasure.LOST_FOR_EVER)
def outlived(snapshots: Sequence[Snapshot], now: datetime) -> list[Snapshot]:
    """The copies of proofs to be forgotten now, oldest first: they get fewer with age, and the newest stays.

    All of two days are kept, then the last of each day for a month, then the last of each month for thirteen. They
    hold nothing of anybody: what they tell, and the newest does not, is that history was not written anew.
    """
    staying = {max(snapshots)} if snapshots else set()
    for age, form in ((ALL_COPIES, "%Y-%m-%d %H:%M:%S.%f"), (DAILY_COPIES, "%Y-%m-%d"), (MONTHLY_COPIES, "%Y-%m")):
        last = {each.at.astimezone(UTC).strftime(form): each for each in sorted(snapshots)}
        staying |= {each for each in last.values() if each.at > now - age}
    return sorted(set(snapshots) - staying)


@enforces(erasure.RESTORE_AFTER_DISASTER)
def choose(snapshots: Sequence[Snapshot], wish: str, now: datetime, window_days: int) -> Snapshot:
    """The backup meant by `latest`, by the beginning of an id, or by an instant (the newest one until then).

    An instant without a zone is UTC. Raises `RestoreRefused` where there is none, or it is older than the window:
    the ledger need not reach back to it.
    """
    wanted = _wished(sorted(snapshots), wish)
    if wanted is None:
        have = ", ".join(each.short_id for each in sorted(snapshots)[-5:]) or "none at all"
        raise RestoreRefused(f"there is no backup {wish!r}; the last ones are {have}")
    if now - wanted.at > timedelta(days=window_days):
        raise RestoreRefused(
            f"backup {wanted.short_id} is older than {window_days} days; nothing that old comes back"
        )
    return wanted


def _wished(snapshots: Sequence[Snapshot], wish: str) -> Snapshot | None:
    if wish == LATEST:
        return snapshots[-1] if snapshots else None
    # An eight-digit day would also do as an id: an instant is told by its hyphens.
    if _ID.fullmatch(wish):
        hits = [each for each in snapshots if each.id.startswith(wish)]
        if len(hits) > 1:
            raise RestoreRefused(f"more than one backup begins with {wish}; write more of the id")
        return hits[0] if hits else None
    until = _instant(wish)
    earlier = [each for each in snapshots if each.at <= until]
    return earlier[-1] if earlier else None


def _instant(wish: str) -> datetime:
    try:
        instant = datetime.fromisoformat(wish)
    except ValueError:
        raise RestoreRefused(
            f"{wish!r} is neither 'latest' nor an id nor an instant like 2026-11-22T14:30"
        ) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


@enforces(erasure.NEVER_RESTORED)
def refuse_parts(wishes: Sequence[str]) -> None:
    """Raise `RestoreRefused` for a wish, by its name, to restore less than a whole set or to another place."""
    for wish in wishes:
        if wish in ELSEWHERE:
            raise RestoreRefused(NO_ELSEWHERE)
        if wish in PARTS:
            raise RestoreRefused(NO_PARTS.format(part=wish))
