"""`python -m deploy.backup`: take backups, list them, restore from one. `make backup` and its kin run this."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, TypeVar

import typer

from deploy.backup import rules, settings
from deploy.backup.backups import Backups
from deploy.backup.errors import RestoreRefused
from deploy.exit_codes import exit_code_of
from shared import backup_record
from shared.backup_record import DATA, KEYRING, LEDGER, PROOFS, SETS
from shared.clock import Clock

ALARM: Final = 4
"""Exit code: something is wrong with the backups."""

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__, rich_markup_mode=None)
LISTED: Final = 100
"""So many of a repository are listed at most, the newest."""
CHOICES: Final = {"data": (DATA,), "keyring": (KEYRING,), "all": SETS}
R = TypeVar("R")

From = Annotated[str, typer.Option("--from", metavar="latest|ID|INSTANT", help="Which backup.")]
Set = Annotated[str, typer.Option("--set", metavar="data|keyring|all", help="What to put back.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
OTHER_WISHES: Final = {"allow_extra_args": True, "ignore_unknown_options": True}


def _say(text: str) -> None:
    sys.stderr.write(f"  {text}\n")


def _backups(say: Callable[[str], None] = _say) -> tuple[Backups, Clock]:
    configured = settings.load()
    clock = Clock(configured.state_dir, environment=configured.environment)
    return Backups(configured, clock=clock, say=say), clock


def _sets(text: str) -> tuple[str, ...]:
    if text not in CHOICES:
        raise RestoreRefused(f"there is no set {text!r}; there are {', '.join(CHOICES)}")
    return CHOICES[text]


@app.command()
def take() -> None:
    """Back up both sets, copy ledger and proofs, and forget what has reached its age."""
    backups, _ = _backups()
    for each in backups.take():
        print(
            f"{each.set:8} {each.id}  {_size(each.dumped_bytes)} dumped, {_size(each.added_bytes)} added, "
            f"{each.seconds:.1f} s, databases {each.skew_ms:.0f} ms apart"
        )


@app.command("confirm-clock")
def confirm_clock(last_ran: datetime, today: datetime) -> None:
    """Say that the clock is right after it jumped: when backups ran last, and what day it is, both in UTC."""
    backups, _ = _backups()
    backups.confirm_clock(last_ran.date(), today.date())
    _say("old backups are forgotten again, from the next run on")


@app.command("list")
def listing(json_too: Json = False) -> None:  # noqa: FBT002
    """List what there is, with ages and windows."""
    backups, clock = _backups()
    listed = [*backups.listing(), *backups.copies()]
    now = clock.now()
    if json_too:
        rows = [{"set": each.set, "id": s.id, "at": s.at.isoformat()} for each in listed for s in each.snapshots]
        print(json.dumps(rows, indent=1))
        return
    for each in listed:
        if each.stored_bytes is None:
            print(
                f"{each.set}: {len(each.snapshots)} copies, older ones gone after {each.window_days} days at most"
            )
        else:
            print(
                f"{each.set}: {len(each.snapshots)} backups, {_size(each.stored_bytes)}, "
                f"gone after {each.window_days} days"
            )
        for snapshot in each.snapshots[-LISTED:]:
            print(f"  {snapshot.short_id}  {snapshot.at:%Y-%m-%d %H:%M} UTC  {_age(now, snapshot.at):>8} old")


@app.command()
def check() -> None:
    """Say what is wrong with the backups by the last look at them; exit code 4 where something is."""
    backups, clock = _backups()
    wrong = backup_record.alarms(backups.record(), clock.now())
    for each in wrong:
        print(f"{each.set}: {each.reason}" + (f" ({each.age.total_seconds() / 3600:.1f} h)" if each.age else ""))
    if wrong:
        raise typer.Exit(ALARM)
    print("fresh")


@app.command(context_settings=OTHER_WISHES)
def choose(context: typer.Context, source: From = rules.LATEST, restored: Set = "data") -> None:
    """Say which backup a restore would take, and change nothing."""
    _refuse_other_wishes(context)
    backups, clock = _backups()
    for each in backups.choose(source, _sets(restored)):
        at = each.snapshot.at
        print(f"{each.set:8} {each.snapshot.short_id}  {at:%Y-%m-%d %H:%M} UTC  {_age(clock.now(), at)} old")


@app.command(context_settings=OTHER_WISHES)
def restore(context: typer.Context, source: From = rules.LATEST, restored: Set = "data") -> None:
    """Put whole sets back as they were. The services must be stopped: `make restore` does that too."""
    _refuse_other_wishes(context)
    backups, _ = _backups()
    for each in backups.restore(source, _sets(restored)):
        print(f"{each.set:8} {each.id}  as of {each.taken_at:%Y-%m-%d %H:%M} UTC, in {each.seconds:.1f} s")


@app.command("fetch-ledger")
def fetch_ledger(folder: Path) -> None:
    """Write the newest copy of the ledger into FOLDER, verified."""
    backups, _ = _backups()
    print(backups.fetch_ledger(folder))


@app.command("copy-ledger")
def copy_ledger() -> None:
    """Send the ledger to the target where it has grown."""
    backups, _ = _backups()
    print("sent" if backups.copy(LEDGER) else "nothing new")


@app.command()
def clear() -> None:
    """Remove what a run that was killed has left in clear."""
    backups, _ = _backups()
    backups.clear()


@app.command()
def prove() -> None:
    """Restore the newest backups into a server that serves nobody, look at every row, and throw it away."""
    backups, _ = _backups()
    for name, each in backups.prove():
        print(f"{name:8} as of {each.taken_at:%Y-%m-%d %H:%M} UTC, {each.rows} rows, in {each.seconds:.1f} s")


@app.command("copy-proofs")
def copy_proofs() -> None:
    """Send certificates and checkpoints to the target where they have grown."""
    backups, _ = _backups()
    print("sent" if backups.copy(PROOFS) else "nothing new")


@app.command("fetch-proofs")
def fetch_proofs(folder: Annotated[Path | None, typer.Argument(help="Else where they belong.")] = None) -> None:
    """Bring certificates and checkpoints back; what goes further here is kept, what contradicts is refused."""
    backups, _ = _backups()
    for each in backups.fetch_proofs(folder):
        print(f"{each.outcome:9} {each.path}")


def _refuse_other_wishes(context: typer.Context) -> None:
    """Refuse to restore a part of a backup, and say why, rather than call the option unknown."""
    if context.args:
        rules.refuse_parts([word.lstrip("-").partition("=")[0] for word in context.args if word.startswith("--")])
        raise RestoreRefused(f"nothing is known about {context.args[0]!r}; see --help")


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB"


def _age(now: datetime, at: datetime) -> str:
    hours = (now - at).total_seconds() / 3600
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} d"  # noqa: PLR2004


def main() -> int:
    """Run a command; what went wrong is told in words."""
    return exit_code_of(app)


if __name__ == "__main__":
    sys.exit(main())
