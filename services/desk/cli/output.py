"""Output of commands: tables and words for a person, JSON for a program, exit codes for a script."""

from __future__ import annotations

import functools
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Annotated, Any, Final, ParamSpec, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.status import Status
from rich.table import Table

from services.desk.cli.session_file import REMEDY
from services.desk.wording.refusals import lacks, wants_log_in
from shared.config import SettingError
from shared.errors import Forbidden, Internal, Refused, Transient, VilkarError
from shared.keyset import Place
from shared.records import Record

REFUSED, AWAY, FAULT = 2, 3, 4
"""Exit codes: the request was refused, a service is away, something went wrong inside."""

NOTHING: Final = "-"

BUSY_LINE_SECONDS: Final = 4.0
BUSY_TERMINAL_SECONDS: Final = 0.5

_LONG: Final = 90
"""Characters of a value that holds others, beyond which it is told in several lines."""

_WIDEST: Final = 10_000
"""Columns; no table of ours is as wide."""

Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]

P = ParamSpec("P")
R = TypeVar("R")

# A terminal wraps what is longer than its lines; nothing here breaks an id that somebody copies or a script reads.
out: Final = Console(highlight=False, soft_wrap=True)
err: Final = Console(stderr=True, highlight=False, soft_wrap=True)


def as_json(value: Any) -> None:
    """Print `value` as JSON."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=_plain) + "\n")


def _plain(value: Any) -> Any:
    """What JSON has no word for: a read-only mapping is a mapping, the rest is told as text."""
    return dict(value) if isinstance(value, Mapping) else str(value)


def table(
    things: Sequence[Mapping[str, Any] | Record], columns: Sequence[str], *, title: str, json_too: bool
) -> None:
    """Print things as rows of a table of these columns, or all of them as JSON."""
    rows = [_fields(thing) for thing in things]
    if json_too:
        as_json(list(rows))
        return
    made = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        made.add_column(column.replace("_", " "), no_wrap=True)
    for row in rows:
        made.add_row(*(cell(row.get(column)) for column in columns))
    width = out.measure(made, options=out.options.update_width(_WIDEST)).maximum
    if out.is_terminal and width > out.width:
        _records(rows, columns, title)
    else:
        Console(file=out.file, width=max(width, out.width), highlight=False).print(made)
    if not rows:
        out.print("[dim]none[/dim]")


def more(following: Place | None) -> None:
    """Say on standard error that a list is longer than what is shown, and from where it goes on."""
    if following is not None:
        err.print(f"There is more: --after {following}")


def _records(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], title: str) -> None:
    """Print each row as lines of its own: in a column that is too narrow an id would be broken."""
    out.print(f"[italic]{cell(title)}[/italic]")
    for row in rows:
        out.print()
        facts({column: row.get(column) for column in columns}, json_too=False)


def facts(thing: Mapping[str, Any] | Record, *, json_too: bool, title: str = "") -> None:
    """Print one thing, a line a field, or as JSON."""
    value = _fields(thing)
    if json_too:
        as_json(value)
        return
    if title:
        out.print(f"[italic]{cell(title)}[/italic]")
    _lines(value, indent="")


def _lines(value: Mapping[str, Any], indent: str) -> None:
    """A line a field; what holds more than a line takes has its own lines below, further in."""
    broadest = max(map(len, value), default=0)
    for name, item in value.items():
        head = f"{indent}[bold]{name.replace('_', ' '):{broadest}}[/bold]"
        if len(cell(item)) <= _LONG or not isinstance(item, (list, Mapping)):
            out.print(f"{head}  {cell(item)}")
            continue
        out.print(head.rstrip())
        if isinstance(item, Mapping):
            _lines(item, indent + "  ")
            continue
        for each in item:
            out.print(f"{indent}  {cell(each)}")


def _fields(thing: Mapping[str, Any] | Record) -> Mapping[str, Any]:
    return thing.to_json() if isinstance(thing, Record) else thing


def cell(value: Any) -> str:
    """A value in a cell; square brackets of a value are no markup."""
    if value is None or value in ([], {}):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(cell(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {cell(item)}" for key, item in value.items())
    return harmless(str(value)).replace("[", "\\[")


def harmless(text: str) -> str:
    """Text as it is, its control and direction characters written out: a stranger's must not steer a terminal."""
    return "".join(
        letter if letter.isprintable() or letter == "\n" else letter.encode("unicode_escape").decode("ascii")
        for letter in text
    )


@contextmanager
def progress(label: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error for long work; the block gets a function that takes how many are done of how many."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=quiet, transient=False) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def busy(doing: Callable[[], str], *, quiet: bool) -> Iterator[None]:
    """Say on standard error what is being done for as long as the block takes, and for how long already.

    A terminal shows one line that changes; everything else gets a line every few seconds.
    """
    if quiet:
        yield
        return
    begun, over = time.monotonic(), threading.Event()

    def told() -> str:
        return f"[dim]… {cell(doing())}, {time.monotonic() - begun:.0f} s[/dim]"

    def tell() -> None:
        while not over.wait(BUSY_LINE_SECONDS):
            err.print(f"  {told()}")

    def renew(line: Status) -> None:
        while not over.wait(BUSY_TERMINAL_SECONDS):
            line.update(told())

    with err.status(told()) if err.is_terminal else nullcontext() as line:
        teller = threading.Thread(target=renew if line else tell, args=(line,) if line else (), daemon=True)
        teller.start()
        try:
            yield
        finally:
            over.set()
            teller.join()


def ask(question: str, *, yes: bool) -> None:
    """Ask before what cannot be undone, unless the answer was given; anything but yes ends the command."""
    if not yes:
        typer.confirm(question, abort=True, err=True)


def ask_as_page(form: str, about: str, *, yes: bool) -> None:
    """Name what it is about, say what will happen, and ask, in the words of its page, unless told `yes`."""
    if yes:
        return
    from services.desk.web.acts.table import BY_NAME  # noqa: PLC0415  # pages are read where somebody is asked

    page = BY_NAME[form]
    told = (page.says, page.question, *([page.approval] if page.approval else []))
    ask(" ".join((f"{about}:", *(english for _, english in told))), yes=yes)


def spoken(command: Callable[P, R]) -> Callable[P, R]:
    """Turn our failures into one sentence on standard error and an exit code."""

    @functools.wraps(command)
    def run(*arguments: P.args, **options: P.kwargs) -> R:
        try:
            return command(*arguments, **options)
        except Refused as refused:
            err.print(f"[yellow]{said(refused)}[/yellow]")
            raise typer.Exit(REFUSED) from None
        except SettingError as wrong:
            err.print(f"[yellow]{cell(str(wrong))}[/yellow]")
            raise typer.Exit(REFUSED) from None
        except Transient as away:
            err.print(f"[red]{cell(str(away))}[/red]")
            raise typer.Exit(AWAY) from None
        except Internal as fault:
            err.print(f"[red]Something went wrong inside; look for {fault.error_id} in the logs.[/red]")
            raise typer.Exit(FAULT) from None
        except VilkarError as failed:
            err.print(f"[red]{cell(str(failed))}[/red]")
            raise typer.Exit(FAULT) from None

    return run


def said(refused: Refused) -> str:
    """What a page says of what somebody may not do, in English; else what the service said. Then its details.

    A page has a link where one logs in again; here it is a command.
    """
    details = f" ({cell(refused.details)})" if refused.details else ""
    if wants_log_in(refused):
        return f"This takes a log-in of the last 15 minutes: {REMEDY}, then this command again{details}"
    told = lacks(refused) if isinstance(refused, Forbidden) else None
    return cell(refused.message if told is None else told[1]) + details
