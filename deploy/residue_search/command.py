"""`vilkar rediscover`: is any of these values still anywhere? The proof after an erasure, and after a doubt.

The values are personal data themselves: they are read from a file or standard input, held in memory, and never
written, logged or told. A hit is told by the number of its line.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.residue_search.multi_pattern import LEAST_CHARACTERS
from deploy.residue_search.residue_scan import LEFT_OUT, Report, ResidueScan, Tick
from services.desk.cli.output import FAULT, Json, as_json, err, harmless, out, spoken, table
from shared import config, log
from shared.errors import Refused

FOUND: Final = 1
"""Exit code: a value was found."""

MOST_VALUES: Final = 10_000
STANDARD_INPUT: Final = "-"

Values = Annotated[
    list[str] | None, typer.Argument(help="Values to look for; better in a file: others see a command line.")
]
From = Annotated[
    str | None, typer.Option("--from", metavar="FILE", help="A file with one value a line; - is standard input.")
]
Also = Annotated[
    list[str] | None,
    typer.Option("--also", metavar="PATH", help="Search this folder or file too; - is standard input (logs, say)."),
]
OffSite = Annotated[bool, typer.Option("--off-site", help="Fetch and search backups on another machine too.")]


@spoken
def rediscover(
    values: Values = None, source: From = None, also: Also = None, off_site: OffSite = False, json: Json = False
) -> None:
    """Search everything of ours for plain values; exit code 1 where one is found, 4 where not all was searched.

    Tables of all databases, queues and dead letters, logs, state and ledger, and, where they can be reached
    from here, the database servers' and the broker's own files, write-ahead logs and every backup, decrypted on the
    way and not stored.
    """
    given, further = _given(values or [], source), also or []
    if STANDARD_INPUT in further and source == STANDARD_INPUT:
        raise Refused("standard input can hold the values or what is to be searched, not both")
    for number, path in enumerate(further, start=1):
        if path != STANDARD_INPUT and not _is_there(path):
            raise Refused(f"the path given with --also as number {number} is not there")
    settings = config.load()
    log.configure(service="desk", level="ERROR")
    with _bars(quiet=json) as tick:
        report = ResidueScan(
            settings,
            given,
            also=[Path(path).resolve() for path in further if path != STANDARD_INPUT],
            standard_input=sys.stdin.buffer if STANDARD_INPUT in further else None,
            skip={Path(source).resolve()} if source and source != STANDARD_INPUT else (),
            off_site=off_site,
            tick=tick,
        ).seek()
    if json:
        as_json(report.as_dict())
    else:
        show(report)
    if report.found:
        raise typer.Exit(FOUND)
    if not report.complete:
        raise typer.Exit(FAULT)


def _is_there(path: str) -> bool:
    try:
        return Path(path).exists()
    except (OSError, ValueError):  # too long for a path, or no path at all
        return False


def _given(values: list[str], source: str | None) -> dict[int, str]:
    """The values by number: their line in the file, and after the last line those of the command line."""
    lines: list[str] = []
    if source is not None:
        lines = _lines(source)
    if values:
        err.print(
            "[yellow]Values on a command line are seen by everybody on this machine and kept by the shell; "
            "--from reads them from a file or standard input.[/yellow]"
        )
    given = {number: text.strip() for number, text in enumerate([*lines, *values], start=1) if text.strip()}
    if not given or len(given) > MOST_VALUES:
        raise Refused(f"between 1 and {MOST_VALUES} values are looked for, not {len(given)}")
    unread = [str(number) for number, text in given.items() if not _is_text(text)]
    if unread:
        raise Refused(f"a value is no text: {', '.join(unread)}")
    short = [str(number) for number, text in given.items() if len(text) < LEAST_CHARACTERS]
    if short:
        raise Refused(
            f"a value has {LEAST_CHARACTERS} characters at least, else it is found everywhere: {', '.join(short)}"
        )
    return given


def _is_text(text: str) -> bool:
    """Whether it can be written down; an argument may hold bytes that are no characters."""
    try:
        return bool(text.encode())
    except UnicodeEncodeError:
        return False


def _lines(source: str) -> list[str]:
    try:
        raw = sys.stdin.buffer.read() if source == STANDARD_INPUT else Path(source).read_bytes()
        return raw.decode("utf-8-sig").splitlines()
    except (OSError, ValueError) as error:  # no such file, no path, no text
        raise Refused(f"the values cannot be read: {type(error).__name__}") from None


@contextmanager
def _bars(*, quiet: bool) -> Iterator[Tick]:
    """One bar a place, on standard error."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=quiet) as bar:
        tasks: dict[str, Any] = {}

        def tick(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=of)
            bar.update(tasks[what], completed=done, total=of)

        yield tick


def show(report: Report) -> None:
    """Print a report for a person."""
    rows = [
        {
            "place": each.place,
            "searched": f"{each.things:,} {each.unit}",
            "bytes": f"{each.bytes:,}",
            "found": len(set(each.found)),
            "not_searched": dict(each.missed),
        }
        for each in report.looked
    ]
    table(
        rows,
        ("place", "searched", "bytes", "found", "not_searched"),
        title=f"Searched for {report.values} values in {sum(report.seconds.values()):.0f} s",
        json_too=False,
    )
    for hit in report.found:
        out.print(harmless(f"value {hit.value}: {hit.place}, {hit.where}"), style="red", markup=False)
    rest = "" if report.complete else ", [yellow]but not all was searched[/yellow]"
    out.print(f"[bold]{len(report.found) or 'nothing'} found[/bold]{rest}")
    out.print("[dim]Never searched: " + "; ".join(LEFT_OUT) + ".[/dim]")
