"""Registers as staff keep them, of whatever kind."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

import typer

from services.desk.call_codes import codes_of
from services.desk.cli.approvals import requested
from services.desk.cli.arguments import (
    VERSION_MOST,
    After,
    Id,
    Limit,
    Matching,
    Version,
    code_argument,
    code_option,
    day_option,
    id_option,
    instant,
    line,
    pattern_of,
    staff,
    staff_option,
)
from services.desk.cli.connection import desk
from services.desk.cli.looks import WhatForReading, looking
from services.desk.cli.output import Json, Yes, as_json, ask_as_page, cell, err, facts, more, spoken, table
from services.desk.client import Desk
from services.desk.csv_tables import write_csv
from services.desk.queries.purposes import OF_READING
from services.registers.board.calls import OF_CUSTOMERS, ListRecords, RecordShown, ShowRecord
from services.registers.duty.calls import Duty, SetDuty
from services.registers.record_lifecycle.calls import (
    DraftRecord,
    EndRecord,
    EndRecordInForce,
    PutRecordInForce,
    ReviewRecord,
    SubmitRecord,
)
from services.staff.contacts.calls import Reachable, SetContact
from shared.actor import Actor
from shared.calls import pages

app = typer.Typer(no_args_is_help=True)

PAGES_MOST: Final = 1_000

COLUMNS: Final = (
    "record_id", "kind", "account_id", "state", "version", "valid_from", "valid_to", "review_on", "is_valid",
    "owner",
)  # fmt: skip
FIELD: Final = Matching(r"[a-z][a-z0-9_]{0,30}=[a-z0-9:_ -]{1,2000}", "scope=first")
Kind = Annotated[str | None, code_option(*codes_of(ListRecords, "kind"), name="--kind", says="Only this kind:")]
EndsOn = Annotated[date | None, day_option("The first day on which it counts no more; today without it.", "--on")]
On = Annotated[date | None, day_option("What counts on that day, instead of today.", "--on")]
RecordedAt = Annotated[
    datetime | None,
    typer.Option("--recorded", parser=instant, metavar="INSTANT", help="As it was written down until then, UTC."),
]


@app.command("list")
@spoken
def listed(
    kind: Kind = None,
    account: Annotated[UUID | None, id_option("Only of this company.", "--account")] = None,
    on: On = None,
    recorded: RecordedAt = None,
    every: Annotated[bool, typer.Option("--every", help="Also drafts, and what counts no more.")] = False,
    limit: Limit = 100,
    after: After = None,
    purpose: WhatForReading = None,
    json: Json = False,
) -> None:
    """What counts today or on another day, also by what was known earlier."""
    with _looking(kind, purpose) as at:
        asked = ListRecords(
            kind=kind,
            account_id=account,
            valid_on=on,
            recorded_at=recorded,
            every=every,
            limit=limit,
            after=after,
        )
        shown = at.ask(asked)
    more(shown.next_after)
    table(shown.records, COLUMNS, title="Records", json_too=json)


@app.command("show")
@spoken
def show(record_id: Id, purpose: WhatForReading = None, json: Json = False) -> None:
    """One record with all its revisions."""
    with looking(purpose, "registers.show_record", known=OF_READING) as at:
        facts(at.ask(ShowRecord(record_id=record_id)), json_too=json, title="Record")


@app.command("draft")
@spoken
def draft(
    kind: Annotated[str, code_argument(*codes_of(DraftRecord, "kind"))],
    begins: Annotated[date, day_option("The first day on which it counts.", "--from")],
    field: Annotated[
        list[str],
        typer.Option("--field", parser=FIELD, metavar="NAME=VALUE", help="A field of the kind; repeat for more."),
    ],
    account: Annotated[UUID | None, id_option("The company that it is about.", "--account")] = None,
    ends: Annotated[date | None, day_option("The first day on which it counts no more.", "--to")] = None,
    review: Annotated[date | None, day_option("When somebody looks at it again.", "--review")] = None,
    evidence: Annotated[
        str | None,
        typer.Option(
            "--evidence",
            parser=Matching(pattern_of(DraftRecord, "evidence_sha256"), "ab" * 32),
            metavar="SHA256",
            help="Of the document that proves it.",
        ),
    ] = None,
    evidence_on: Annotated[
        date | None, day_option("The day from which the document counts.", "--evidence-on")
    ] = None,
    record: Annotated[UUID | None, id_option("A draft to word anew, with --version.", "--record")] = None,
    version: Annotated[
        int | None, typer.Option("--version", min=1, max=VERSION_MOST, help="The version that was seen.")
    ] = None,
    json: Json = False,
) -> None:
    """Draft a record; it counts for nobody yet."""
    with desk() as at:
        drafted = DraftRecord(
            kind=kind,
            record_id=record,
            version=version,
            account_id=account,
            valid_from=begins,
            valid_to=ends,
            review_on=review,
            fields=dict(map(_field, field)),
            evidence_sha256=evidence,
            evidence_on=evidence_on,
            actor=at.who,
        )
        facts(at.ask(drafted), json_too=json, title="Record")


def _looking(kind: str | None, purpose: str | None) -> AbstractContextManager[Desk]:
    """The services, asked for a purpose where records of this kind, or of any, may be about customers."""
    if kind is not None and kind not in OF_CUSTOMERS:
        return desk()
    return looking(purpose, "registers.list_records", known=OF_READING)


def _field(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


@app.command("submit")
@spoken
def submit(record_id: Id, version: Version, json: Json = False) -> None:
    """Submit a draft: it waits for two persons, or counts where its kind needs none."""
    with desk() as at:
        facts(
            at.ask(SubmitRecord(record_id=record_id, version=version, actor=at.who)), json_too=json, title="Record"
        )


@app.command("put-in-force")
@spoken
def put_in_force(record_id: Id, version: Version, json: Json = False) -> None:
    """Ask that what was submitted is put in force; another person approves it, who has written nothing of it."""
    with desk() as at:
        requested(at, PutRecordInForce(record_id=record_id, version=version), json=json)


@app.command("end")
@spoken
def end(
    record_id: Id,
    version: Version,
    reason: Annotated[str, code_option(*codes_of(EndRecord, "reason"))],
    on: EndsOn = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """End a draft, or a record that needs no second person. No restore brings it back."""
    ask_as_page("end-record", f"Record {record_id}", yes=yes)
    with desk() as at:
        ended = EndRecord(record_id=record_id, version=version, on=on, reason=reason, actor=at.who)
        facts(at.ask(ended), json_too=json, title="Record")


@app.command("end-in-force")
@spoken
def end_in_force(
    record_id: Id,
    version: Version,
    reason: Annotated[str, code_option(*codes_of(EndRecordInForce, "reason"))],
    on: EndsOn = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Ask that a record ends which two persons have put in force; another person approves it."""
    ask_as_page("end-record-in-force", f"Record {record_id}", yes=yes)
    with desk() as at:
        requested(at, EndRecordInForce(record_id=record_id, version=version, on=on, reason=reason), json=json)


@app.command("review")
@spoken
def review(record_id: Id, version: Version, json: Json = False) -> None:
    """Say that a record is right: it is looked at again after the usual time."""
    with desk() as at:
        looked = ReviewRecord(record_id=record_id, version=version, actor=at.who)
        facts(at.ask(looked), json_too=json, title="Record")


@app.command("export")
@spoken
def export(
    kind: Kind = None,
    on: On = None,
    recorded: RecordedAt = None,
    purpose: WhatForReading = None,
    json: Json = False,
) -> None:
    """Write the records that count as a table for other programs (CSV), or as JSON."""
    with _looking(kind, purpose) as at:
        read = pages(
            lambda after: at.ask(ListRecords(kind=kind, valid_on=on, recorded_at=recorded, after=after)),
            lambda page: page.next_after,
            most=PAGES_MOST,
            too_many="there are more records than a table holds",
        )
        rows = [each.to_json() for page in read for each in page.records]
    if json:
        as_json(rows)
    else:
        write_csv(tuple(RecordShown.__dataclass_fields__), rows, sys.stdout)


@app.command("duty")
@spoken
def duty(json: Json = False) -> None:
    """Who is on duty, from this week on."""
    with desk() as at:
        table(at.ask(Duty()).weeks, ("week_on", "person", "deputy"), title="On duty", json_too=json)


@app.command("reachable")
@spoken
def reachable(json: Json = False) -> None:
    """Who can be called when on duty: those with an address."""
    with desk() as at:
        facts(at.ask(Reachable()), json_too=json, title="Can be called")


@app.command("set-contact")
@spoken
def set_contact(
    person: Annotated[Actor, typer.Argument(parser=staff, metavar="CODE", help="Whom.")],
    email: Annotated[str, typer.Argument(parser=line, metavar="EMAIL", help="The address at work.")],
    language: Annotated[str, code_option(*codes_of(SetContact, "language"), says="In which language:")] = "nb",
    json: Json = False,
) -> None:
    """Say where somebody is called when on duty."""
    with desk() as at:
        facts(
            at.ask(SetContact(code=person.name or "", email=email, language=language)),
            json_too=json,
            title="Can be called",
        )


@app.command("set-duty")
@spoken
def set_duty(
    week: Annotated[date, day_option("The Monday of the week.")],
    person: Annotated[Actor, staff_option("Whoever answers for what is opened.")],
    deputy: Annotated[Actor, staff_option("Who is next.")],
    json: Json = False,
) -> None:
    """Say who is on duty in a week."""
    with desk() as at:
        without_cases = at.ask(Reachable()).without_cases
        set_now = at.ask(SetDuty(week_on=week, person=person, deputy=deputy, actor=at.who))
    facts(set_now, json_too=json, title="On duty")
    for each in (code for code in without_cases if code in (person.name, deputy.name)):
        err.print(f"[yellow]{cell(each)} is called in vain: they may look at no case.[/yellow]")
