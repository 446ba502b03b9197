"""`python -m deploy.native`: the system without Docker."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy import ways_in
from deploy.native import contents, packages, plan, system, users
from deploy.native.infrastructure import Infrastructure
from deploy.native.ports import LOOPBACK
from deploy.native.postgresql import ServerError
from deploy.native.programs import MissingProgramError
from shared import config

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__, rich_markup_mode=None)
console = Console(highlight=False, soft_wrap=True)
_begin = time.monotonic()

EXPECTED = (
    system.NativeError,
    users.UsersError,
    ServerError,
    MissingProgramError,
    packages.PackageError,
    plan.PlanError,
)
"""What can go wrong without a fault in the program: told in words, not as a traceback."""

LOOK_INTO_QUEUES = ("demo", "rediscover")
"""Commands of `vilkar` that search everything; only for them there is a broker user that may read any queue."""

OF_THE_MACHINE = ("staff",)
"""Commands of `vilkar` for whoever is root here: they run with the secrets of the service of that name."""

NEEDS_NO_SYSTEM = ("terms",)
"""Commands of `vilkar` that have something to say where nothing runs."""

FACES = {
    plan.PUBLIC: ("public", "the public interface"),
    "sandbox": ("sandbox", "letters sent, customers synced"),
}
ALL = ",".join(program.name for program in plan.PROGRAMS)
Only = Annotated[str, typer.Option("--only", metavar="A,B", help="Start these processes and no others.")]
Scale = Annotated[
    list[str] | None, typer.Option("--scale", metavar="NAME=N", help="Run a process N times; may be repeated.")
]


def _say(text: str) -> None:
    console.print(f"[dim]{time.monotonic() - _begin:6.1f} s[/dim]  ", end="")
    console.print(text, markup=False)


def _native() -> system.NativeSystem:
    return system.NativeSystem(Path(os.environ.get("VILKAR_RUN_DIR", plan.REPOSITORY / ".run")), _say)


def _parse_scale(texts: list[str] | None) -> dict[str, int]:
    scale = {}
    for text in texts or []:
        name, _, count = text.partition("=")
        if not count.isdigit():
            raise plan.PlanError(f"--scale wants NAME=N, not {text!r}")
        scale[name.replace("-", "_")] = int(count)
    return scale


@app.command()
def up(only: Only = ALL, scale: Scale = None) -> None:
    """Start servers and processes and wait until all are ready; a second time, change what is running."""
    native = _native()
    native.up(selected=[name.strip() for name in only.split(",")], scale=_parse_scale(scale))
    _say("ready")
    console.print()
    for name, (label, what) in FACES.items():
        console.print(f"  {label:10}{f'http://{LOOPBACK}:{native.ports[name]}/':32}{what}", markup=False)
    console.print(f"  {'data':10}{native.infrastructure.root}\n", markup=False)
    for line in ways_in.lines(config.load(native.desk_environment())):
        console.print(line, markup=False)


@app.command()
def down() -> None:
    """End what `up` started, and nothing else; the data stays."""
    _native().down(volumes=False)
    _say("down")


@app.command()
def reset(
    yes: Annotated[str, typer.Option("--yes", metavar="NAME", help="The answer, where nobody is asked.")] = "",
) -> None:
    """Name all data, keys, ledger and backups of this system, ask, and delete them."""
    native = _native()
    what = contents.lines(native.home, native.infrastructure.root)
    if not what:
        _say(f"there is nothing below {native.home}")
        return
    asked = subprocess.run(
        ["sh", str(plan.REPOSITORY / "deploy/confirm_reset.sh"), native.name, native.environment_name, yes, *what],
        check=False,
    )
    if asked.returncode != 0:
        raise typer.Exit(asked.returncode)
    native.down(volumes=True)
    _say("down, and deleted")


@app.command()
def status() -> None:
    """Show every server and process; the exit status is 0 when all are ready."""
    states = _native().status()
    table = Table(box=None, pad_edge=False)
    for heading in ("name", "state", "pid", "age", "restarts", "address"):
        table.add_column(heading, justify="right" if heading in {"pid", "age", "restarts"} else "left")
    for state in states:
        word = (
            "[green]ready[/green]"
            if state.ready
            else "[yellow]starting[/yellow]"
            if state.pid
            else "[red]down[/red]"
        )
        age = "" if state.since_s is None else f"{state.since_s:.0f} s"
        table.add_row(state.name, word, str(state.pid or ""), age, str(state.restarts or ""), state.address)
    console.print(table)
    raise typer.Exit(0 if states and all(state.ready for state in states) else 1)


@app.command()
def restart(name: str) -> None:
    """Start a process (all its instances), a server (db, keyring, rabbitmq) or `all` processes anew."""
    _native().restart(name.replace("-", "_") if not name[-1].isdigit() else name)
    _say("ready")


@app.command()
def upgrade() -> None:
    """Start every process anew from the sources as they are now, one after the other; the servers run on."""
    _native().upgrade()
    _say("ready")


@app.command()
def psql(database: Annotated[str, typer.Argument(help="account, retention, …")] = "audit") -> None:
    """Look into a database: asks for the password of an access; what is personal is sealed, every look counts."""
    argv, env = _native().infrastructure.look_into(database)
    os.execve(argv[0], argv, env)  # noqa: S606


@app.command()
def logs(
    names: Annotated[list[str] | None, typer.Argument(help="Processes; all without a name.")] = None,
    follow: Annotated[bool, typer.Option("--follow/--no-follow", help="Go on with what comes.")] = True,  # noqa: FBT002
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, max=10_000)] = 20,
) -> None:
    """Show the end of the logs, and what comes."""
    files = _native().log_files(names or [])
    os.execvp("tail", ["tail", f"--lines={lines}", *(["-F"] if follow else []), "--", *map(str, files)])  # noqa: S606


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
def desk(context: typer.Context) -> None:
    """Run the `vilkar` command against this system: desk ARGUMENTS."""
    # Where the caller stands stays where it is: his arguments may name files.
    native = _native()
    wanted = context.args[0] if context.args else ""
    if wanted in OF_THE_MACHINE:
        reach = native.service_environment(wanted)
    elif wanted in NEEDS_NO_SYSTEM and not native.runs:
        reach = dict(os.environ)
    else:
        reach = native.desk_environment()
    env = {**reach, "PYTHONPATH": str(plan.REPOSITORY)}
    if wanted in LOOK_INTO_QUEUES:
        raise typer.Exit(native.searching_desk(context.args, env))
    os.execve(sys.executable, [sys.executable, "-m", "deploy.vilkar", *context.args], env)  # noqa: S606


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
def backup(context: typer.Context) -> None:
    """Take, list, check or prove backups of this system: backup take|list|check|prove|fetch-ledger|fetch-proofs."""
    raise typer.Exit(_native().backup(*context.args))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
def restore(context: typer.Context) -> None:
    """Stop the processes, restore from a backup, start them: restore --from latest [--set data|keyring|all]."""
    raise typer.Exit(_native().restore(*context.args))


@app.command(
    "ledger-accept",
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
)
def ledger_accept(context: typer.Context) -> None:
    """Go on although facts of the ledger are lost: ledger-accept --reason REASON [--yes]."""
    raise typer.Exit(_native().accept_ledger(*context.args))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
def keys(context: typer.Context) -> None:
    """Exchange the one key or renew the others: keys rotate|status|forget|renew|reseal|reseal-status."""
    raise typer.Exit(_native().keys(*context.args))


@app.command(
    "outside-service",
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
)
def outside_service(context: typer.Context) -> None:
    """Let a service of others take part at the broker: outside-service NAME [--hears …] [--calls …]."""
    raise typer.Exit(_native().outside_service(*context.args))


@app.command("infra-up")
def infra_up(root: Path) -> None:
    """Start servers for tests below ROOT, durability off, and leave them running."""
    infrastructure = Infrastructure(root, for_tests=True, say=_say)
    if infrastructure.exists() and not infrastructure.settings.for_tests:
        raise ServerError(f"{root} was not made for tests")
    infrastructure.start()
    _say(f"running; use with VILKAR_TEST_INFRASTRUCTURE={infrastructure.root}")


@app.command("infra-down")
def infra_down(root: Path) -> None:
    """Stop the test servers below ROOT and delete it."""
    infrastructure = Infrastructure(root, say=_say)
    if not infrastructure.exists() or not infrastructure.settings.for_tests:
        raise ServerError(f"{root} holds no test servers; nothing was touched")
    infrastructure.stop()
    infrastructure.remove()
    _say("down, and deleted")


def main() -> int:
    """Run a command; what went wrong is told in words."""
    try:
        app()
    except EXPECTED as error:
        console.print(f"\n[red]failed:[/red] {type(error).__name__}", end="\n")
        console.print(str(error), markup=False)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
