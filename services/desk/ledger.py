"""The ledger as staff see it: whether it can be relied on, and which database is how far behind it.

The desk reads the file, the public keys and positions; it changes none of them. Going on without what was lost is
an operator's decision, with other rights: `make ledger-accept`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import typer

from services.desk.backups import spell
from services.desk.output import AWAY, FAULT, Json, as_json, cell, err, facts, out, progress, spoken, table
from shared import config
from shared.bus.service_restore_gate import ledger_keys
from shared.clock import Clock
from shared.config import Settings
from shared.errors import Unavailable
from shared.privacy.ledger import Ledger
from shared.privacy.ledger_copy import Copied, Status, last_copy
from shared.privacy.ledger_copy import status as status_of
from shared.privacy.ledger_errors import LedgerError
from shared.privacy.ledger_lag import Standing, recorded_in, standings
from shared.privacy.ledger_lines import Mark
from shared.system import ALL_DATABASES

app = typer.Typer(no_args_is_help=True)

COPY_STALE_AFTER: Final = timedelta(hours=24)
"""Retention makes a copy every five minutes."""
BEHIND_AFTER: Final = timedelta(minutes=5)
"""A running service looks for new facts every five seconds; one that lacks a fact for so long does not follow."""
COLUMNS: Final = ("database", "position", "behind", "state")


@dataclass(frozen=True, kw_only=True)
class Found:
    """What one look at the ledger, its copy and all databases showed."""

    state: Status | None
    error: LedgerError | None
    copied: Copied | None
    databases: Sequence[Standing]
    away: Sequence[str]


@app.command("status")
@spoken
def status(json: Json = False) -> None:
    """Where the ledger and each database are; the exit code is 4 where something is wrong, 3 where one is away."""
    settings = config.load()
    found, now = look(settings), Clock(settings.state_dir, environment=settings.environment).now()
    wrong = what_is_wrong(found, now)
    if json:
        as_json({"ledger": shown(found), "last_copy": copy_shown(found.copied, now),
                 "databases": rows_of(found), "wrong": wrong})  # fmt: skip
    else:
        last_copy_age = {"last copy": f"{spell(now - found.copied.at)} ago" if found.copied else None}
        facts({**(shown(found) or {}), **last_copy_age}, json_too=False, title="Ledger")
        table(rows_of(found), COLUMNS, title="Databases", json_too=False)
        for each in wrong:
            err.print(f"[red]{cell(each)}[/red]")
    if wrong:
        raise typer.Exit(FAULT)
    if found.away:
        raise typer.Exit(AWAY)


@app.command("verify")
@spoken
def verify(json: Json = False) -> None:
    """Check every line of the ledger: place, link and signature; the exit code is 4 where one is wrong."""
    settings = config.load()
    ledger = ledger_of(settings)
    try:
        copied = last_copy(ledger)
        known = ledger.verify(every_signature=False)
        with progress("verifying", quiet=json) as show:
            state = ledger.verify(known.head, told=lambda done: show(done, max(known.entries, done)))
        if copied is not None and copied.head.position >= state.opening.position:
            ledger.verify(copied.head, every_signature=False)
    except LedgerError as error:
        if json:
            as_json({"whole": False, "wrong": str(error)})
        err.print(f"[red]{cell(str(error))}[/red]")
        raise typer.Exit(FAULT) from None
    report = {
        "whole": True,
        "entries": state.entries,
        "opens_after": state.opening.position,
        "head": state.head.position,
        "hash": state.head.hash,
        "torn": state.torn,
    }
    facts(report, json_too=json, title="Ledger")
    if not json:
        out.print("[green]The ledger is whole.[/green]")


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
    found = standings(ledger, state.head, recorded)
    return Found(state=state, error=None, copied=state.last_copy, databases=found, away=away)


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
