"""What a service hands out of its own when somebody asks for a copy: tables with declared columns, page by page.

A service declares its tables. In which order they are read, how much at once, and what a value looks like on the
way is the same for everybody.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from shared.database import Database, Row
from shared.errors import Invalid, Permanent
from shared.participation.export_values import ExportKind, ExportScope, Origin, Whose
from shared.words import Words

ROWS_AT_ONCE: Final = 200
PAGE_BYTES: Final = 150_000
"""So much JSON one page may be; the bus takes 256 KiB."""
EXTENSION: Final = "/"
"""Stands between the table and the row after which a page begins."""

ROW_NUMBERS: Final = "numbers by which rows, and what belongs to them, find each other"
DIGESTS: Final = "keyed digests by which a value is found or compared: nothing can be read from them"
SECRETS: Final = "digests of a secret, with which somebody could get in"
STAFF: Final = "names somebody of the staff, who is not told (CJEU C-579/21)"
WORK: Final = "how far work on it is: tries, leases, and when it goes on"
TOLD_ELSEWHERE: Final = "told by another table of the same copy"
"""Why a column is in no copy, where that is the same in every service."""
COLUMNS_OF_ALL: Final = frozenset({"id", "account_id", "user_id"})
"""Whom a row is about, which the copy says itself, and the row's own number."""
OF_COMPANY: Final = "company_"
"""Before the name of a table about the company in the copy of a person who is the company."""

Opened = Callable[[Sequence[Row]], Sequence[Mapping[str, Any]]]
"""Opens what is sealed in some rows; the values by column, of each row."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a copy, in Norwegian and in English, and where its values come from.

    What a detector, a vendor, a register or the staff concluded of somebody is `DERIVED`. There is no default: a
    judgement that somebody forgot to mark would be taken along to others. `codes` has the words of each code that
    may stand in it, in the order of the languages; it is empty where the values are none.
    """

    name: str
    nb: str
    en: str
    origin: Origin
    codes: Words = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of a copy, and how it is read.

    `of` are the tables of the database that it tells of. With `names_others` its rows of a company are about
    whoever works there: they are in no copy of one person, be this the owner of a sole proprietorship. `query`
    takes `account_id`, `user_id` (null for the whole company), `after` (null at the beginning) and `limit`, and
    gives rows with a `place` by which they are ordered.
    `opened` adds what lies sealed in them.
    """

    name: str
    of: tuple[str, ...]
    nb: str
    en: str
    columns: tuple[Column, ...]
    query: str
    whose: Whose = Whose.PERSON
    opened: Opened | None = None
    names_others: bool = False

    def taken_for(self, kind: ExportKind) -> tuple[Column, ...]:
        """The columns that are in a copy of this kind."""
        return tuple(each for each in self.columns if kind is ExportKind.ACCESS or each.origin != Origin.DERIVED)

    def readings(self, scope: ExportScope) -> Iterator[Reading]:
        """How the table is read for this copy: not at all, once, or once of the person and once of the company."""
        if not self.taken_for(scope.kind):
            return
        if scope.user_id is None:
            if self.whose is not Whose.PERSON:
                yield Reading(self, None)
            return
        if self.whose is not Whose.COMPANY:
            yield Reading(self, scope.user_id)
        if scope.with_company and self.whose is Whose.COMPANY:
            yield Reading(self, None)
        elif scope.with_company and self.whose is Whose.EITHER and not self.names_others:
            nb, en = f"Virksomheten: {self.nb}", f"The company: {self.en}"
            yield Reading(replace(self, name=OF_COMPANY + self.name, nb=nb, en=en), None)


@dataclass(frozen=True, slots=True)
class Reading:
    """A table as it is in one copy: of this user, or of the company where there is none."""

    table: Table
    user_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A stretch of one table, its rows as JSON has them; `following` is where the next one begins, or None."""

    table: Table
    columns: tuple[Column, ...]
    rows: tuple[dict[str, Any], ...]
    following: str | None


class Contribution:
    """The tables of one service."""

    def __init__(
        self,
        database: Database,
        tables: Sequence[Table],
        left_out: Mapping[str, str] | None = None,
        columns_left_out: Mapping[str, str] | None = None,
    ) -> None:
        """`left_out` says of every other table that names somebody why nothing of it is handed out.

        `columns_left_out` has, by such a reason, the columns `table.column` of those tables of which the rest is.
        """
        self._database = database
        self.tables = tuple(tables)
        self.left_out = dict(left_out or {})
        self.columns_left_out = {
            name: reason for reason, names in (columns_left_out or {}).items() for name in names.split()
        }

    def page(self, scope: ExportScope, after: str | None) -> Page | None:
        """The page that begins there, at the beginning with None; None where nothing is for this copy.

        What is sealed is opened once the database is let go. Raises `Invalid` for a place that is none.
        """
        readings = [reading for each in self.tables for reading in each.readings(scope)]
        if not readings:
            return None
        name, row = _place(after)
        at = next((index for index, each in enumerate(readings) if each.table.name == name), None) if name else 0
        if at is None:
            raise Invalid("no page begins there", details={"after": ["names a table that is not in this copy"]})
        table = readings[at].table
        with self._database.transaction() as tx:
            found = tx.all(
                table.query,
                account_id=scope.account_id,
                user_id=readings[at].user_id,
                after=row,
                limit=ROWS_AT_ONCE + 1,
            )
        read = found[:ROWS_AT_ONCE]
        columns = table.taken_for(scope.kind)
        rows = list(_fitting(_rows(table, columns, read)))
        if len(rows) < len(found):
            following: str | None = f"{table.name}{EXTENSION}{found[len(rows) - 1]['place']}"
        else:
            following = f"{readings[at + 1].table.name}{EXTENSION}" if at + 1 < len(readings) else None
        return Page(table=table, columns=columns, rows=tuple(rows), following=following)


def _place(after: str | None) -> tuple[str, str | None]:
    table, _, row = (after or "").partition(EXTENSION)
    return table, row or None


def _rows(table: Table, columns: Sequence[Column], found: Sequence[Row]) -> Iterator[dict[str, Any]]:
    opened = table.opened(found) if table.opened is not None and found else [{} for _ in found]
    for row, texts in zip(found, opened, strict=True):
        values = {**row, **texts}
        yield {each.name: plain(values[each.name]) for each in columns}


def _fitting(rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """As many of the rows, from the first on, as one page holds. Raises `Permanent` where the first is too much."""
    left = PAGE_BYTES
    for count, row in enumerate(rows):
        left -= len(json.dumps(row, ensure_ascii=False).encode())
        if left < 0:
            if count == 0:
                raise Permanent("a row is longer than a page")
            return
        yield row


def plain(value: Any) -> Any:
    """A value as JSON has it: instants with their offset, lists of texts, everything else as it is."""
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    raise TypeError(f"a copy has no values of the type {type(value).__name__}")
