"""`vilkar staff`: what whoever is root on the machine does about the staff, at the staff service's own database.

It runs with that service's secrets, which nobody else can read, and not by way of the broker: there is nobody yet
who could be asked who asks. What it does is published and stands in the trail, with the system as who acted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Final

import typer

from services.desk.cli.arguments import After, Matching, code_argument, day_option
from services.desk.cli.machine import ALL_ARE_IN_TRAIL
from services.desk.cli.output import Json, as_json, err, more, out, spoken, table
from services.staff.database_access.calls import ListDatabaseAccess
from services.staff.first_administrators.invitation import FirstAdministrators
from services.staff.machine_doors import noted
from services.staff.machine_doors.calls import ListMachineDoors
from services.staff.machine_doors.values import Door
from services.staff.people.calls import enrolment_address
from services.staff.service import first_administrators, replayer
from shared import config, log
from shared.actor import STAFF_CODE
from shared.bus.service_restore_gate import ledger_keys
from shared.calendar import oslo_date
from shared.clock import Clock
from shared.config import Settings
from shared.database import Database
from shared.errors import Restoring
from shared.events import CODE_PATTERN
from shared.privacy.blind_index import BlindIndex
from shared.privacy.ledger import Ledger
from shared.privacy.restore_gate import Gate, GateState

SOURCE: Final = "staff"
WAIT_SECONDS: Final = 10.0
COLUMNS: Final = ("code", "state", "administrator", "roles", "grants_end", "undertaking_ends", "training_ends")

OF_ACCESS: Final = (
    "database", "code", "reason", "approved_by", "opened_at", "expires_at", "ended_at", "ended_because",
    "access_id",
)  # fmt: skip
OF_USE: Final = ("door", "used_at", "due_at", "countersigned_at", "approval_id", "use_id")

CODE: Final = "What they are called from now on: kari-n acts as staff:kari-n, and nobody else is ever called so."


AS_CODE: Final = Matching(STAFF_CODE, "kari-n")
AS_COURSE: Final = Matching(CODE_PATTERN.pattern, "privacy-2026")

staff = typer.Typer(
    no_args_is_help=True, help="The vendor's people, as whoever is root on the machine sees to them."
)


@staff.command("invite")
@spoken
def invite(
    code: Annotated[str, typer.Argument(parser=AS_CODE, metavar="CODE", help=CODE)],
    trained_on: Annotated[date | None, day_option("When they were trained, today without it.")] = None,
    course: Annotated[
        str, typer.Option(parser=AS_COURSE, metavar="CODE", help="Which course that was.")
    ] = "introduction",
    json: Json = False,
) -> None:
    """Invite one of the first two administrators: shows a link that ends in an hour; again for a new link.

    They may do nothing before they have enrolled two passkeys and signed the undertaking of confidentiality.
    Refused once there are two administrators: they invite and grant.
    """
    settings = config.load()
    with _at_the_machine(settings) as machine:
        on = trained_on or oslo_date(machine.clock.now())
        invited = machine.invite(code, course=course, trained_on=on)
    address = enrolment_address(settings.desk_public_url, invited.token)
    if json:
        as_json({"code": invited.code, "address": address, "ends_at": invited.ends_at})
        return
    out.print(f"[bold]{address}[/bold]")
    out.print(f"For {invited.code} alone, once, until {invited.ends_at:%H:%M} UTC. It is shown this once.")


@staff.command("list")
@spoken
def list_people(json: Json = False) -> None:
    """Everybody of the staff, and until when what each has counts."""
    with _at_the_machine(config.load()) as machine:
        people = machine.everybody()
    rows = [{name: getattr(each, name) for name in COLUMNS} | {"roles": list(each.roles)} for each in people]
    table(rows, COLUMNS, title="staff", json_too=json)


@staff.command("databases")
@spoken
def list_databases(after: After = None, json: Json = False) -> None:
    """Who may look into which database now, and could lately: an operator asks for it, another person approves."""
    with _at_the_machine(config.load()) as machine:
        shown = machine.access.list_database_access(ListDatabaseAccess(after=after))
    more(shown.next_after)
    rows = [{name: getattr(each, name) for name in OF_ACCESS} for each in shown.accesses]
    table(rows, OF_ACCESS, title="access to databases", json_too=json)


@staff.command("doors")
@spoken
def list_doors(json: Json = False) -> None:
    """What was done on the machine itself, and whether two persons of the staff have countersigned it."""
    with _at_the_machine(config.load()) as machine:
        shown = machine.doors.list_machine_doors(ListMachineDoors())
    if not shown.complete:
        err.print(ALL_ARE_IN_TRAIL)
    rows = [{name: getattr(each, name) for name in OF_USE} for each in shown.uses]
    table(rows, OF_USE, title="doors of the machine", json_too=json)


@staff.command("note-door", hidden=True)
@spoken
def note_door(door: Annotated[str, code_argument(*Door)]) -> None:
    """Note that a door is about to be opened: the verbs of make do. Staff take it up as soon as they run."""
    settings = config.load()
    noted.write(settings.state_dir, Door(door), Clock(settings.state_dir, environment=settings.environment).now())


@contextmanager
def _at_the_machine(settings: Settings) -> Iterator[FirstAdministrators]:
    """The door, behind the same gate as the service: a backup from before somebody left must not let them in."""
    log.configure(service=SOURCE, level="ERROR")
    clock = Clock(settings.state_dir, environment=settings.environment)
    ledger = Ledger(settings.ledger_file, keys=ledger_keys(settings))
    spent_codes = BlindIndex.parse(settings.secrets.read("spent_code_key"))
    database = Database(settings.dsn(SOURCE), source=SOURCE, size=2)
    database.open(wait_seconds=WAIT_SECONDS)
    try:
        state = Gate(ledger, database, replayer(), clock=clock).open()
        if state is not GateState.OPEN:
            raise Restoring(details={"state": state.value})
        yield first_administrators(database, clock, spent_codes)
    finally:
        database.close()
