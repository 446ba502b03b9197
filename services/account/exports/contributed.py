"""What a contributor may answer. A service that lies, loops or goes wrong spoils no copy and fills no disk. Pure.

Names of its tables become names of files, its words stand in a list that we sign, and it decides when it is done.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.account.exports.values import Part
from shared.canonical_json import canonical
from shared.participation.calls import ExportPartShown, PartColumn, PartPage
from shared.participation.export_values import ExportKind, Origin
from shared.terms import enforces
from shared.terms.clauses.rights import RIGHT_OF_PORTABILITY

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""How a table or a column may be called: a file is named after it, on the machine of whoever unpacks the copy."""
MOST_PAGES: Final = 20_000
MOST_BYTES: Final = 1_000_000_000
MOST_TABLES: Final = 100
MOST_COLUMNS: Final = 100
MOST_CODES: Final = 500
MOST_WORDS: Final = 300
MOST_PLACE: Final = 200
"""More than any service holds on a company of ten thousand. What is past it waits for a person, with an alarm."""
SIMPLE: Final = (str, int, float, bool, type(None))


class ContributionError(Exception):
    """What was answered is no page of a copy. `fault` says in a code what is wrong with it, and never quotes it."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedPage:
    """A page as it is kept: its text, how many rows, and which tables its part has had by now."""

    text: str
    rows: int
    size: int
    tables: tuple[str, ...]
    form: str | None
    following: str | None


def checked(answer: ExportPartShown, part: Part, kind: ExportKind) -> CheckedPage:
    """The page, where it goes on from what this part had before. Raises `ContributionError`."""
    _check_progress(answer, part)
    page = answer.page
    text = canonical(answer.to_json()["page"]).decode()
    size = len(text)
    _demand(part.bytes + size <= MOST_BYTES, "too_many_bytes")
    if page is None:
        _demand(part.pages == 0 and answer.following is None, "ends_without_a_table")
        return CheckedPage(text=text, rows=0, size=size, tables=(), form=None, following=None)
    _check_columns(page.columns, kind)
    _check_rows(page.rows, {each.name for each in page.columns})
    form = hashlib.sha256(canonical([page.nb, page.en, [each.to_json() for each in page.columns]])).hexdigest()
    return CheckedPage(
        text=text,
        rows=len(page.rows),
        size=size,
        tables=_tables_with(page, part, form),
        form=form,
        following=answer.following,
    )


def _check_progress(answer: ExportPartShown, part: Part) -> None:
    """Whether it comes to an end."""
    _demand(part.pages < MOST_PAGES, "too_many_pages")
    _demand(answer.following is None or answer.following != part.following, "does_not_advance")
    _demand(answer.following is None or 0 < len(answer.following) <= MOST_PLACE, "place_too_long")


def _tables_with(page: PartPage, part: Part, form: str) -> tuple[str, ...]:
    """The tables so far: the pages of one lie together and look alike, or rows would be signed under another."""
    _demand(NAME.fullmatch(page.table) is not None, "name_of_table")
    if part.tables and part.tables[-1] == page.table:
        _demand(form == part.form, "table_changed")
        return part.tables
    _demand(page.table not in part.tables, "table_comes_back")
    _demand(len(part.tables) < MOST_TABLES, "too_many_tables")
    return (*part.tables, page.table)


@enforces(RIGHT_OF_PORTABILITY)
def _check_columns(columns: Sequence[PartColumn], kind: ExportKind) -> None:
    names = [each.name for each in columns]
    _demand(0 < len(names) <= MOST_COLUMNS and len(set(names)) == len(names), "columns")
    _demand(all(NAME.fullmatch(name) for name in names), "name_of_column")
    for codes in (each.codes for each in columns):
        _demand(len({each.code for each in codes}) == len(codes) <= MOST_CODES, "codes")
        _demand(all(max(len(each.code), len(each.nb), len(each.en)) <= MOST_WORDS for each in codes), "codes")
    derived = any(each.origin == Origin.DERIVED for each in columns)
    _demand(kind is ExportKind.ACCESS or not derived, "derived_is_not_taken_along")


def _check_rows(rows: Sequence[Mapping[str, Any]], names: set[str]) -> None:
    for row in rows:
        _demand(row.keys() == names, "row_without_its_columns")
        _demand(all(_is_simple(value) for value in row.values()), "value_that_no_cell_holds")


def _is_simple(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(isinstance(each, SIMPLE) for each in value)
    return isinstance(value, SIMPLE)


def _demand(holds: object, fault: str) -> None:
    if not holds:
        raise ContributionError(fault)
