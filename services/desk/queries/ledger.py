"""Whether the ledger can be relied on, and which database is how far behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from services.desk.queries.backups import spell
from shared.bus.service_restore_gate import ledger_keys
from shared.config import Settings
from shared.errors import Unavailable
from shared.privacy.ledger import Ledger
from shared.privacy.ledger_copy import Copied, Status, last_copy
from shared.privacy.ledger_copy import status as status_of
from shared.privacy.ledger_errors import LedgerError
from shared.privacy.ledger_lag import Standing, recorded_in, standings
from shared.privacy.ledger_lines import Mark
from shared.system import ALL_DATABASES

COPY_STALE_AFTER: Final = timedelta(hours=24)
"""Retention makes a copy every five minutes."""


BEHIND_AFTER: Final = timedelta(minutes=5)
"""A running service looks for new facts every five seconds; one that lacks a fact for so long does not follow."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What one look at the ledger, its copy and all databases showed."""

    state: Status | None
    error: LedgerError | None
    copied: Copied | None
    databases: Sequence[Standing]
    away: Sequence[str]


def ledger_of(settings: Settings) -> Ledger:
    """The ledger, for reading."""
    return Ledger(settings.ledger_file, keys=ledger_keys(settings))


def look(settings: Settings) -> Found:
    """Read positions first and the ledger then, which only grows meanwhile."""
    recorded: dict[str, Mark | None] = {}
    away = []
    for name in ALL_DATABASES:
        try:
            instance = "keyring" if name == "keyring" else "db"
            recorded[name] = recorded_in(name, settings.dsn(name, role="desk", instance=instance))
        except Unavailable:
            away.append(name)
    ledger = ledger_of(settings)
    try:
        state = status_of(ledger)
    except LedgerError as error:
        alone = [Standing(database=name, recorded=mark) for name, mark in recorded.items()]
        return Found(state=None, error=error, copied=last_copy(ledger), databases=alone, away=away)
    positions = standings(ledger, state.head, recorded)
    return Found(state=state, error=None, copied=state.last_copy, databases=positions, away=away)


def what_is_wrong(found: Found, now: datetime) -> list[str]:
    """Everything that a person must see to, a sentence each."""
    wrong = [str(found.error)] if found.error else []
    if found.copied is None:
        wrong.append("there is no copy of the ledger: retention makes one every five minutes where it runs")
    elif now - found.copied.at > COPY_STALE_AFTER:
        age = spell(now - found.copied.at)
        wrong.append(
            f"the last copy of the ledger is {age} old; one is made every five minutes, see retention's log"
        )
    for each in found.databases:
        if each.error:
            wrong.append(f"{each.database}: {each.error}")
        elif each.since is not None and now - each.since > BEHIND_AFTER:
            lacks = f"lacks {each.behind} facts, the first for {spell(now - each.since)}"
            wrong.append(f"{each.database} {lacks}: its service does not run or cannot follow")
        elif each.recorded is None and found.state is not None and found.state.opens_after:
            wrong.append(f"{each.database} was never at the ledger, which begins after {found.state.opens_after}")
    return wrong


def shown(found: Found) -> dict[str, Any] | None:
    """The file; None where it cannot be relied on."""
    state = found.state
    if state is None:
        return None
    return {
        "length": state.length,
        "opens_after": state.opens_after,
        "head": state.head.position,
        "hash": state.head.hash,
        "torn": state.torn,
    }


def copy_shown(copied: Copied | None, now: datetime) -> dict[str, Any] | None:
    """The last copy; None where none was made."""
    if copied is None:
        return None
    age = int((now - copied.at).total_seconds())
    return {"position": copied.head.position, "at": copied.at.isoformat(), "age_seconds": age}


def rows_of(found: Found) -> list[dict[str, Any]]:
    """A row a database."""
    rows = [
        {
            "database": each.database,
            "position": each.recorded.position if each.recorded else None,
            "behind": each.behind,
            "state": state_of(each, known=found.state is not None),
        }
        for each in found.databases
    ]
    return rows + [{"database": name, "position": None, "behind": None, "state": "away"} for name in found.away]


def state_of(standing: Standing, *, known: bool) -> str:
    """One word for how a database stands to the ledger."""
    if standing.recorded is None:
        return "never started"
    if standing.error:
        return "contradicted"
    if not known:
        return "unknown"
    return "behind" if standing.behind else "at the head"


def line(settings: Settings, positions: Mapping[str, int | None], now: datetime) -> str:
    """One line for who asks how everything is; `positions` are what the services say of themselves."""
    ledger = ledger_of(settings)
    try:
        opening, head = ledger.extent()
        copied = last_copy(ledger)
    except LedgerError as error:
        return str(error)
    copy = f"copied {spell(now - copied.at)} ago" if copied else "never copied"
    stale = copied is None or now - copied.at > COPY_STALE_AFTER
    behind = {name: head.position - at for name, at in positions.items() if at is not None and at < head.position}
    last = max(behind, key=lambda name: behind[name], default=None)
    lag = f", {last} {behind[last]} behind" if last else ""
    return f"{head.position - opening.position} facts, {copy}{' (vilkar ledger status)' if stale else ''}{lag}"
