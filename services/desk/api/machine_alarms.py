"""What is wrong with the machine of the desk, for command lines that are on another one."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from shared.records import Record

PATH: Final = "/v1/machine-alarms"


class MachineAlarm(Record):
    """Something that waits for a person: what it is, what to do, and since when where that is known.

    `about` names the set of backups that it is about, where it is about one.
    """

    service: str
    code: str
    says: str
    act: str
    count: int
    since: datetime | None
    about: str | None = None


class MachineAlarms(Record):
    """What is wrong with backups and with the ledger."""

    alarms: tuple[MachineAlarm, ...]
