"""Registers: one list, and one page for a record of every kind."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Final

from flask import Response
from markupsafe import Markup

from services.desk.web import paging, purposes
from services.desk.web.act_forms import Asks
from services.desk.web.visit import Visit
from services.registers.board.calls import KINDS, OF_CUSTOMERS, ListRecords, RecordShown, ShowRecord
from services.registers.duty.calls import Duty
from services.staff.contacts.calls import Reachable
from shared.actor import staff_actor
from shared.calendar import monday_of, oslo_date
from shared.web.visit import ident

WEEKS: Final = 8
FILE: Final = "/registers.csv"
OF_STAFF: Final = ("person", "deputy")
DAYS: Final = ("week_on",)
CODED: Final = {
    "letter": "letter",
    **dict.fromkeys(("letter_class", "processor", "purpose", "scope"), "register_value"),
}
"""Fields of records that hold codes, each with the kind of them."""


def _is_of_nobody(visit: Visit) -> bool:
    """Whether the records that are listed are about no customer."""
    return "account_id" not in visit.request.args and visit.chosen("kind", KINDS) not in OF_CUSTOMERS


@purposes.asked_first("registers.list_records", asks=Asks.CUSTOMERS, unless=_is_of_nobody)
def listed(visit: Visit) -> Response:
    """Records of one kind, or of one customer, the newest first, whatever has become of them."""
    asked = _records(visit)
    shown = paging.page(visit, asked)
    return visit.page(
        "registers",
        records=shown.records,
        pages=paging.around(visit, shown.next_after, table=FILE),
        kind=asked.kind,
        account_id=asked.account_id,
        kinds=KINDS,
        purpose=visit.desk.purpose,
    )


@purposes.asked_first("registers.list_records", asks=Asks.CUSTOMERS, unless=_is_of_nobody)
def as_csv(visit: Visit) -> Response:
    """All of them as a table."""
    return paging.whole(visit, _records(visit), "records", RecordShown)


def _records(visit: Visit) -> ListRecords:
    if named := visit.request.args.get("account_id"):
        return ListRecords(account_id=ident(named), every=True)
    return ListRecords(kind=visit.chosen("kind", KINDS), every=True)


@purposes.asked_first("registers.show_record", asks=Asks.RECORD)
def show(visit: Visit, record_id: str) -> Response:
    """One record with all its revisions."""
    record = visit.desk.ask(ShowRecord(record_id=ident(record_id)))
    return visit.page(
        "register_record", record=record, field_words=partial(_field_words, visit), purpose=visit.desk.purpose
    )


def _field_words(visit: Visit, name: str, value: str) -> str:
    """What a field of a record holds, as a reader says it; what is no code of ours stands as it is."""
    if name in OF_STAFF:
        return visit.person(value)
    if name in DAYS:
        return visit.day(value)
    if name in CODED:
        return visit.code(CODED[name], value)
    return Markup("<code>{}</code>").format(value)


def duty(visit: Visit) -> Response:
    """Who is on duty in the next weeks."""
    with visit.desk.together() as together:
        rota, reachable = together.ask(Duty()), together.ask(Reachable())
    known = {each.week_on: each for each in rota.reply.weeks}
    monday = monday_of(oslo_date(visit.desk.clock.now()))
    weeks = [monday + timedelta(weeks=number) for number in range(WEEKS)]
    people, without_cases = (
        set(map(staff_actor, codes)) for codes in (reachable.reply.codes, reachable.reply.without_cases)
    )
    return visit.page(
        "duty",
        weeks=[(week, known.get(week)) for week in weeks],
        reachable=people,
        without_cases=without_cases,
    )
