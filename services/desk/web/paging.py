"""Lists of which one page is shown: the address says after which row it begins, and links to the page after it.

Beside such a page stands the whole list as a table for other programs, filtered as the page is.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import urlencode

from flask import Response
from markupsafe import Markup

from services.desk.csv_tables import write_csv
from services.desk.web.act_forms import PURPOSE
from services.desk.web.visit import Visit
from shared.calls import Call, pages
from shared.keyset import PageShown, Place
from shared.records import Record
from shared.web.responses import DONE
from shared.web.visit import not_found

P = TypeVar("P", bound=PageShown)

AFTER: Final = "after"
PAGES_MOST: Final = 200
"""So many pages make a table: nobody reads more at once, and each of them is told to whom it shows."""


@dataclass(frozen=True, kw_only=True)
class Around:
    """The addresses of the first page and of the next one; None where this is the first, or the last.

    `table` is where the whole list is fetched as a table, where it can be.
    """

    first: str | None
    next: str | None
    table: str | None


def after(visit: Visit, name: str = AFTER) -> Place | None:
    """After which row the page begins, by the address or the form; None for the first page. Raises `NotFound`."""
    text = visit.request.values.get(name)
    if not text:
        return None
    try:
        return Place.parse(text)
    except ValueError:
        not_found()


def around(visit: Visit, following: Place | None, name: str = AFTER, *, table: str = "") -> Around:
    """The pages around this one, with what this one chose; the next begins after `following`.

    `table` is the address of the list as a table.
    """
    purpose = visit.desk.purpose
    chosen = {each: value for each, value in visit.request.args.items() if each not in (name, DONE)}
    if purpose:
        chosen[PURPOSE] = str(purpose)
    return Around(
        first=_address(visit.request.path, chosen) if visit.request.values.get(name) else None,
        next=_address(visit.request.path, {**chosen, name: str(following)}) if following else None,
        table=_address(table, chosen) if table else None,
    )


def _address(path: str, chosen: dict[str, str]) -> str:
    return f"{path}?{urlencode(chosen)}" if chosen else path


def page(visit: Visit, asked: Call[P], name: str = AFTER) -> P:
    """The page of a list that the address asks for; `asked` is the call for the first one."""
    return visit.desk.ask(_from(asked, after(visit, name)))


def whole(visit: Visit, asked: Call[P], rows: str, row: type[Record]) -> Response:
    """The whole list as a table for other programs; its name says how many rows it has.

    `rows` is the field of a page that holds them, and `row` what each is. Each page is told as a look of its own.
    """
    read = pages(
        lambda place: visit.desk.ask(_from(asked, place)),
        lambda shown: shown.next_after,
        most=PAGES_MOST,
        too_many="there are more rows than a table holds",
    )
    found = [each.to_json() for shown in read for each in getattr(shown, rows)]
    file = io.StringIO()
    write_csv(tuple(row.__dataclass_fields__), found, file)  # type: ignore[attr-defined]  # records are dataclasses
    answer = Response(file.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{rows}-{len(found)}.csv"'
    return answer


def _from(asked: Call[P], place: Place | None) -> Call[P]:
    return type(asked)(**asked.given() | {AFTER: place})


def links(visit: Visit, following: Place | None) -> list[str]:
    """What a form says that offers one page of a list: the ways to the next one and to the first."""
    ways = around(visit, following)
    link = Markup('{says} <a class="ds-link" href="{address}">{name}</a>')
    lines: list[str] = []
    if ways.next:
        says = visit.say("Det finnes flere å velge enn de som vises.", "There are more to choose from than these.")
        name = visit.say("Vis de neste", "Show the next")
        lines.append(link.format(says=says, address=ways.next, name=name))
    if ways.first:
        says = visit.say("Dette er ikke de første.", "These are not the first.")
        name = visit.say("Fra begynnelsen", "From the beginning")
        lines.append(link.format(says=says, address=ways.first, name=name))
    return lines
