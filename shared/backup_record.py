"""What is known of the backups: kept by whoever takes them, read by whoever wants to know how old they are.

The record is a file in a folder that only the backup writes. It holds instants, counts and names of sets, nothing
of anybody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from shared import append_only
from shared.errors import Conflict
from shared.wait_bounds import has_jumped

FILE: Final = "backup.json"
DATA, KEYRING = "data", "keyring"
SETS: Final = (DATA, KEYRING)
"""What is backed up, each set apart from the other: the five service databases, and the keys to what they hold."""

LEDGER, PROOFS = "ledger", "proofs"
COPIES: Final = (LEDGER, PROOFS)
"""What is sent beside the sets: what a restore is measured by, and what proves an erasure and the audit trail."""

PROVEN_STALE_AFTER: Final = timedelta(days=10)
"""A restore is proven once a week; three days are left to see to one that failed."""

STALE_AFTER: Final = timedelta(hours=24)
"""The promise of a backup a day; `shared.terms.clauses.erasure.DAILY_BACKUP` names the same figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRecord:
    """One set in its repository: when its oldest and newest snapshots were taken, and how old one may become."""

    newest: datetime | None
    oldest: datetime | None
    count: int
    window_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenRestore:
    """That a backup of a set was restored and looked at: when, as of when it was, what it held, in what time."""

    at: datetime
    taken_at: datetime
    rows: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupRecord:
    """What the last look at the repositories showed, and when that was."""

    looked_at: datetime | None = None
    off_site: bool = False
    """Whether the copies lie on another machine."""
    sets: Mapping[str, SetRecord] = field(default_factory=dict)
    copies: Mapping[str, datetime] = field(default_factory=dict)
    """When it was last made sure that all there is of a copy lies at the target."""
    proven: Mapping[str, ProvenRestore] = field(default_factory=dict)
    """The last proof of each set that it can be restored."""
    ran_at: datetime | None = None
    """When old backups were looked for last, by the machine's own clock."""
    stopped_at: datetime | None = None
    """Since when none is forgotten, because the clock jumped."""
    repositories: Mapping[str, str] = field(default_factory=dict)
    """The id of each repository by its address: one that is suddenly new or another is noticed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something that a person must see to. `reason` is none, stale, too_old, unproven, behind or clock."""

    set: str
    reason: str
    age: timedelta | None


def alarms(record: BackupRecord, now: datetime) -> list[Alarm]:
    """What is wrong: no backup, none of today, one that should be gone, or a copy that is a day behind."""
    stopped = [] if record.stopped_at is None else [Alarm(set="all", reason="clock", age=None)]
    return [*_of_sets(record, now), *_of_copies(record, now), *stopped]


def _of_copies(record: BackupRecord, now: datetime) -> list[Alarm]:
    if not record.sets:
        return []  # that there is no backup at all is told already
    late = [(name, record.copies.get(name)) for name in COPIES]
    return [
        Alarm(set=name, reason="behind", age=now - at if at else None)
        for name, at in late
        if at is None or now - at > STALE_AFTER
    ]


def _of_sets(record: BackupRecord, now: datetime) -> list[Alarm]:
    alarms = []
    for name in SETS:
        known = record.sets.get(name)
        if known is None or known.newest is None:
            alarms.append(Alarm(set=name, reason="none", age=None))
            continue
        if now - known.newest > STALE_AFTER:
            alarms.append(Alarm(set=name, reason="stale", age=now - known.newest))
        if (unproven := _unproven_for(known, record.proven.get(name), now)) is not None:
            alarms.append(Alarm(set=name, reason="unproven", age=unproven))
        if known.oldest is not None and now - known.oldest > timedelta(days=known.window_days):
            alarms.append(Alarm(set=name, reason="too_old", age=now - known.oldest))
    return alarms


def _unproven_for(known: SetRecord, proof: ProvenRestore | None, now: datetime) -> timedelta | None:
    """For how long nobody has shown that the backups can be restored, where that is too long."""
    if proof is not None:
        age = now - proof.at
        return age if age > PROVEN_STALE_AFTER else None
    # Of a new system none was shown yet; the first is, soon after it was taken.
    age = now - known.oldest if known.oldest is not None else timedelta()
    return age if age > STALE_AFTER else None


def read(state_dir: Path) -> BackupRecord:
    """The record, an empty one where nothing was ever backed up."""
    try:
        raw = json.loads((state_dir / FILE).read_bytes())
    except FileNotFoundError:
        return BackupRecord()
    return BackupRecord(
        looked_at=_instant(raw["looked_at"]),
        off_site=bool(raw["off_site"]),
        sets={name: _set(each) for name, each in raw["sets"].items()},
        proven={name: _proven_restore(each) for name, each in raw.get("proven", {}).items()},
        copies={name: datetime.fromisoformat(at) for name, at in raw.get("copies", {}).items()},
        ran_at=_instant(raw.get("ran_at")),
        stopped_at=_instant(raw.get("stopped_at")),
        repositories=dict(raw["repositories"]),
    )


def write(state_dir: Path, record: BackupRecord) -> None:
    """Put the record in the place of the earlier one."""
    value = {
        "looked_at": _text(record.looked_at),
        "off_site": record.off_site,
        "sets": {
            name: {
                "newest": _text(each.newest),
                "oldest": _text(each.oldest),
                "count": each.count,
                "window_days": each.window_days,
            }
            for name, each in record.sets.items()
        },
        "proven": {
            name: {**asdict(each), "at": each.at.isoformat(), "taken_at": each.taken_at.isoformat()}
            for name, each in record.proven.items()
        },
        "copies": {name: at.isoformat() for name, at in record.copies.items()},
        "ran_at": _text(record.ran_at),
        "stopped_at": _text(record.stopped_at),
        "repositories": dict(record.repositories),
    }
    append_only.exchange(state_dir / FILE, [json.dumps(value, indent=1).encode("ascii") + b"\n"])


def with_set(record: BackupRecord, name: str, seen: SetRecord, *, now: datetime, off_site: bool) -> BackupRecord:
    """The record after a look at one set."""
    return replace(record, looked_at=now, off_site=off_site, sets={**record.sets, name: seen})


def after_looking(record: BackupRecord, now: datetime) -> BackupRecord:
    """The record once old backups are to be looked for; `now` is that of the machine's own clock."""
    if record.stopped_at is not None or has_jumped(record.ran_at, now):
        return replace(record, stopped_at=record.stopped_at or now)
    return replace(record, ran_at=now)


def confirmed(record: BackupRecord, now: datetime, *, last_ran: date, today: date) -> BackupRecord:
    """The record once a person has said when the system last ran and what day it is.

    Raises `Conflict` where nothing is stopped, or one of the two is not what is known here.
    """
    if record.stopped_at is None or record.ran_at is None:
        raise Conflict("the clock is believed already; there is nothing to confirm")
    if record.ran_at.astimezone(UTC).date() != last_ran:
        raise Conflict("backups were not looked at last on that day")
    if now.date() != today:
        raise Conflict("the clock does not say that it is that day; set it right first")
    return replace(record, ran_at=now, stopped_at=None)


def with_copy(record: BackupRecord, name: str, now: datetime) -> BackupRecord:
    """The record after a copy was sent, or there was nothing to send."""
    return replace(record, copies={**record.copies, name: now})


def with_proven_restore(record: BackupRecord, name: str, proof: ProvenRestore) -> BackupRecord:
    """The record after a backup was restored to be looked at."""
    return replace(record, proven={**record.proven, name: proof})


def _proven_restore(raw: Mapping[str, Any]) -> ProvenRestore:
    return ProvenRestore(
        at=datetime.fromisoformat(raw["at"]),
        taken_at=datetime.fromisoformat(raw["taken_at"]),
        rows=int(raw["rows"]),
        seconds=float(raw["seconds"]),
    )


def _set(raw: Mapping[str, Any]) -> SetRecord:
    return SetRecord(
        newest=_instant(raw["newest"]),
        oldest=_instant(raw["oldest"]),
        count=int(raw["count"]),
        window_days=int(raw["window_days"]),
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _text(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
