"""How old the backups are and what is wrong with them, from what is recorded of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from shared import backup_record
from shared.backup_record import Alarm, BackupRecord

REASONS: Final = {
    "none": "there is no backup of {set} (make backup)",
    "stale": "the newest backup of {set} is {age} old; one a day is promised (make backup shows what is wrong)",
    "unproven": "for {age} nobody has shown that a backup of {set} can be restored (make prove-backup shows why)",
    "behind": "{set}: not known for {age} to be at the target as a whole (make backup shows what is wrong)",
    "clock": "no old backup is forgotten: the clock jumped (docs/runbooks/clock-off.md)",
    "too_old": "a backup of {set} is {age} old and should be gone (make backup shows what is wrong)",
}


def line(record: BackupRecord, now: datetime) -> str:
    """One line for who asks how everything is."""
    wrong = backup_record.alarms(record, now)
    if wrong:
        return "; ".join(told(each) for each in wrong)
    ages = (f"{name} {spell(now - each.newest)} old" for name, each in record.sets.items() if each.newest)
    return ", ".join(ages)


def rows_of(record: BackupRecord, wrong: list[Alarm], now: datetime) -> list[dict[str, Any]]:
    """A row a set."""
    rows = []
    for name in backup_record.SETS:
        known = record.sets.get(name)
        reasons = [each.reason for each in wrong if each.set == name]
        rows.append(
            {
                "set": name,
                "state": ", ".join(reasons) or "fresh",
                "newest": spell(now - known.newest) if known and known.newest else None,
                "oldest": spell(now - known.oldest) if known and known.oldest else None,
                "backups": known.count if known else 0,
                "window_days": known.window_days if known else None,
                "proven": spell(now - record.proven[name].at) if name in record.proven else None,
            }
        )
    return rows


def copies_of(record: BackupRecord, wrong: list[Alarm], now: datetime) -> list[dict[str, Any]]:
    """A row for each copy that is sent beside the sets: since when all of it is known to be at the target."""
    late = {each.set for each in wrong}
    return [
        {
            "set": name,
            "state": "behind" if name in late else "fresh",
            "at": spell(now - record.copies[name]) if name in record.copies else None,
        }
        for name in backup_record.COPIES
    ]


def told(alarm: Alarm) -> str:
    """What is wrong, in a sentence."""
    return REASONS[alarm.reason].format(set=alarm.set, age=spell(alarm.age) if alarm.age is not None else "ever")


def spell(age: timedelta) -> str:
    """An age as one says it: minutes up to two hours, hours up to two days, days."""
    minutes = int(age.total_seconds() // 60)
    if minutes < 120:  # noqa: PLR2004  # as the docstring says
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 2 * 24 * 60 else f"{minutes // (24 * 60)} d"
