"""Lists that are read page by page: each page begins after the last row of the one before (keyset).

    class Holds(Paged, Call[HoldsShown], …): …

    class HoldsShown(PageShown):
        holds: tuple[HoldShown, ...]

A query asks for one row more than a page holds, in an order that ends with the id:

    WHERE … AND (%(after_at)s::date IS NULL OR (review_on, id) > (%(after_at)s::date, %(after_id)s))
    ORDER BY review_on, id LIMIT %(limit)s

It gets `after_at`, `after_id` and `limit` from `bounds`; `cut` makes the page and `next_after` of what it finds.
Rows that come or go between two pages move nothing: a row is left out or told twice only if its own place changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, Self, TypeVar
from uuid import UUID

import marshmallow as ma
from marshmallow.validate import Range

from shared.records import About, Kind, Record

T = TypeVar("T")
P = TypeVar("P", bound="Paged")

PAGE: Final = 100
"""Rows of a page where nobody asks for fewer or more."""
PAGE_MOST: Final = 500
LAST: Final = "infinity"
"""What a database compares with where a row has no instant: it stands behind all that have one."""

_DAY: Final = r"\d{4}-\d\d-\d\d"
_INSTANT: Final = rf"{_DAY}T\d\d:\d\d:\d\d(?:\.\d{{6}})?Z"
_ID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
PLACE: Final = rf"(?:{_INSTANT}|{_DAY})?~{_ID}"
EXAMPLE: Final = "2026-12-03T08:30:00Z~0192f6c0-0000-7000-8000-0000000000aa"
_PATTERN: Final = re.compile(rf"(?P<at>{_INSTANT}|{_DAY})?~(?P<id>{_ID})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands in a list: the day or instant that orders it, None behind all others, and its id.

    It is written with `~` between them: 2026-12-03T08:30:00Z~0192f6c0-0000-7000-8000-0000000000aa.
    """

    at: date | datetime | None
    id: UUID

    def __str__(self) -> str:
        """As it is written in calls and addresses."""
        if self.at is None:
            return f"~{self.id}"
        if isinstance(self.at, datetime):
            return f"{self.at.astimezone(UTC).isoformat().removesuffix('+00:00')}Z~{self.id}"
        return f"{self.at.isoformat()}~{self.id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one. Raises `ValueError`, without the text."""
        match = _PATTERN.fullmatch(text)
        if match is None:
            raise ValueError(_PlaceField.form)
        at = match["at"]
        try:
            known = None if at is None else datetime.fromisoformat(at) if "T" in at else date.fromisoformat(at)
        except ValueError:
            raise ValueError(_PlaceField.form) from None
        return cls(known, UUID(match["id"]))


class _PlaceField(ma.fields.Field[Place]):
    form: Final = "<day or instant>~<id>, as a page before it said"

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002
        return None if value is None else str(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Place:  # noqa: ARG002
        try:
            return Place.parse(value if isinstance(value, str) else "")
        except ValueError:
            raise ma.ValidationError(self.form) from None


PlaceKind = Annotated[Place, Kind(_PlaceField), About(type="string", pattern=f"^{PLACE}$", example=EXAMPLE)]
"""A field that says after which row a page begins."""


class Paged(Record):
    """A call that asks for a page: `limit` rows at most, those after the place `after`, or the first ones."""

    after: (
        Annotated[PlaceKind, "Where a page before this one said in `next_after` that the next begins."] | None
    ) = None
    limit: Annotated[int, Range(min=1, max=PAGE_MOST)] = PAGE


class PageShown(Record):
    """A page of a list. `next_after` is after which row the next one begins; null where this is the last."""

    next_after: PlaceKind | None


def bounds(call: Paged) -> Mapping[str, Any]:
    """What a query of a page is given: one row more than the page holds says that another page follows."""
    after = call.after
    return {
        "after_at": None if after is None else LAST if after.at is None else after.at,
        "after_id": None if after is None else after.id,
        "limit": call.limit + 1,
    }


def cut(rows: Sequence[T], limit: int, place: Callable[[T], Place]) -> tuple[Sequence[T], Place | None]:
    """The rows of the page, and after which of them the next one begins; `rows` are one more where one follows."""
    page = rows[:limit]
    return page, place(page[-1]) if len(rows) > limit else None


def with_room(call: P, read: Callable[[P], T], fits: Callable[[T], bool]) -> T:
    """The page that was asked for, or the first half of its rows, and so on, until there is room for it.

    A page may have fewer rows than was asked for, and says after which one the next begins. One row for which there
    is no room is given all the same: whoever takes it says what is wrong.
    """
    while True:
        page = read(call)
        if call.limit == 1 or fits(page):
            return page
        call = replace(call, limit=call.limit // 2)
