"""`python -m deploy.keys`: the exchange of the key-encryption key and the renewal of the data keys.

`make rotate-kek`, `make reseal` and their kin run this.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.exit_codes import exit_code_of
from deploy.keys import rotation
from deploy.keys.files import HOLDERS, KEEPER, KeyFiles
from deploy.keys.reseal import Instants, Reseal, newest_backup, told
from deploy.keys.rotation import Rotation, needed_until
from shared import config
from shared.clock import Clock
from shared.config import Settings
from shared.failpoints import Failpoints
from shared.privacy import key_rotation_rules
from shared.privacy.kek_rotation import Keeper
from shared.privacy.keys import kek_id

UNFINISHED: Final = 4
"""Exit code: an exchange is under way, or a key is missing."""

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__, rich_markup_mode=None)
err: Final = Console(stderr=True, highlight=False)


def _files(settings: Settings) -> KeyFiles:
    return KeyFiles(settings.secrets.folder.parent, settings.secrets.folder)


def _clock(settings: Settings) -> Clock:
    return Clock(settings.state_dir, environment=settings.environment)


@contextmanager
def _keeper(settings: Settings) -> Iterator[Keeper]:
    keeper = Keeper(settings.dsn("keyring", role=KEEPER, instance="keyring"))
    keeper.open()
    try:
        yield keeper
    finally:
        keeper.close()


@app.command()
def rotate() -> None:
    """Exchange the key-encryption key while the services run; a second run goes on where the first was ended."""
    settings = config.load()
    columns = (TextColumn("data keys wrapped anew"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with _keeper(settings) as keeper, Progress(*columns, console=err) as bar:
        task = bar.add_task("", total=None)
        Rotation(
            _files(settings),
            keeper,
            now=_clock(settings).now,
            failpoints=Failpoints(settings.environment, os.environ),
            say=lambda text: err.print(f"  {text}", markup=False),
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        ).run()


@app.command()
def status() -> None:
    """Show who has which key and what lies under it; exit code 4 where that is not as it should be."""
    settings = config.load()
    files = _files(settings)
    with _keeper(settings) as keeper:
        lying, retired = keeper.by_kek(), keeper.retired()
    held = {holder: [kek_id(key) for key in keys] for holder, keys in files.all_keys().items()}
    begun = files.next()
    for holder in HOLDERS:
        print(f"{holder:10} {', '.join(held[holder])}")
    for each, count in lying.items():
        print(f"{each:10} {count} data keys" + (" (retired)" if each in retired else ""))
    for kept in files.kept():
        print(f"{kept.id:10} kept for backups of the keyring until {needed_until(kept):%Y-%m-%d %H:%M} UTC")
    missing = {holder: sorted(lying.keys() - ids) for holder, ids in held.items() if lying.keys() - ids}
    for holder, ids in missing.items():
        print(f"{holder} lacks {', '.join(ids)}: it serves nothing until it has it (docs/keys.md)")
    if begun is not None:
        print(f"an exchange for {kek_id(begun)} is under way: make rotate-kek goes on with it")
    if missing or begun is not None:
        raise typer.Exit(UNFINISHED)


@app.command()
def forget() -> None:
    """Destroy the old keys whose time is up: no backup of the keyring needs them any more."""
    settings = config.load()
    gone, stays = rotation.forget(_files(settings), _clock(settings).now())
    print(f"destroyed: {', '.join(gone) or 'none'}")
    for kept in stays:
        print(f"{kept.id} is kept until {needed_until(kept):%Y-%m-%d %H:%M} UTC")


def _reseal(keeper: Keeper, settings: Settings, bar: Progress) -> Reseal:
    task = bar.add_task("", total=None)
    return Reseal(
        _files(settings),
        keeper,
        instants=Instants(now=_clock(settings).now, newest_backup=lambda: newest_backup(settings)),
        failpoints=Failpoints(settings.environment, os.environ),
        say=lambda text: err.print(f"  {text}", markup=False),
        progress=lambda done, total: bar.update(task, completed=done, total=total),
    )


@app.command()
def renew() -> None:
    """Begin a renewal of the data keys, or go on with it: the services make a new one for everybody."""
    settings = config.load()
    columns = (TextColumn("companies and persons with a new key"), BarColumn(), MofNCompleteColumn())
    with _keeper(settings) as keeper, Progress(*columns, TimeElapsedColumn(), console=err) as bar:
        _reseal(keeper, settings, bar).renew()


@app.command()
def reseal() -> None:
    """Have everything sealed anew under the new data keys, after a backup of the keyring; shows what is left."""
    settings = config.load()
    columns = (TextColumn("rows sealed anew"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with _keeper(settings) as keeper, Progress(*columns, console=err) as bar:
        _reseal(keeper, settings, bar).reseal()


@app.command("reseal-status")
def reseal_status() -> None:
    """Show what lies under older data keys in each database; exit code 4 while a renewal is unfinished."""
    with _keeper(config.load()) as keeper:
        renewals, reports = keeper.renewals()
        begun = key_rotation_rules.unfinished(renewals, reports)
        keyed = keeper.keyed(begun.generation) if begun else (0, 0)
    print("\n".join(told(renewals, reports)) or "no data key was ever renewed")
    if begun is not None:
        print(f"{keyed[0]} companies and persons have a key of the renewal {begun.generation}, {keyed[1]} have not")
        print("it is under way: make reseal goes on with it")
        raise typer.Exit(UNFINISHED)


def main() -> int:
    """Run a command; what went wrong is told in words."""
    return exit_code_of(app)


if __name__ == "__main__":
    sys.exit(main())
