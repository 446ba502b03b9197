"""What waits for a person anywhere in the system, as each service tells it until somebody has seen to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from services.desk.client import Answer, Desk, Together
from services.desk.queries import backups, ledger
from shared import backup_record
from shared.bus.every_service_calls import AlarmsShown, OpenAlarms
from shared.config import Settings
from shared.errors import DeadlineExceeded, Internal, Unavailable

ASKING_SECONDS: Final = 5.0


NOT_KNOWN: Final = "alarms_unknown"


Asked = Mapping[str, Answer[AlarmsShown]]
"""What each service was asked, by its name."""


def of_services(at: Desk, services: Iterable[str]) -> list[dict[str, Any]]:
    """What waits in these services; one that does not tell is told as an alarm itself."""
    with at.together() as page:
        asked = ask(page, services)
    return told_by(asked)


def ask(page: Together, services: Iterable[str]) -> Asked:
    """Ask these services with what else a page asks."""
    return {each: page.ask(OpenAlarms(), of=each, timeout_seconds=ASKING_SECONDS) for each in services}


def told_by(asked: Asked) -> list[dict[str, Any]]:
    """What waits in the services that were asked; see `of_services`."""
    rows: list[dict[str, Any]] = []
    for service, answer in asked.items():
        try:
            waiting = [alarm.to_json() for alarm in answer.reply.alarms]
        except (Unavailable, DeadlineExceeded, Internal):
            waiting = [_alarm(NOT_KNOWN, f"{service} does not say what waits there", "make status")]
        rows += [{"service": service, **each} for each in waiting]
    return rows


def of_machine(settings: Settings, now: datetime) -> list[dict[str, Any]]:
    """What is wrong with backups and with the ledger, which no service tells; on the machine that has them."""
    wrong = backup_record.alarms(backup_record.read(settings.backup_dir), now)
    about_backups = [
        _alarm(
            f"backup_{each.reason}",
            backups.told(each),
            "vilkar backup status",
            now - each.age if each.age else None,
            about=each.set,
        )
        for each in wrong
    ]
    about_ledger = ledger.what_is_wrong(ledger.look(settings), now)
    return [{"service": "backup", **each} for each in about_backups] + [
        {"service": "ledger", **_alarm("ledger", said, "vilkar ledger status", None)} for said in about_ledger
    ]


def _alarm(
    code: str, says: str, act: str, since: datetime | None = None, *, about: str | None = None
) -> dict[str, Any]:
    return {"code": code, "says": says, "act": act, "count": 1, "since": since, "about": about}
