"""Lists that are read page by page, and that no list for staff ends in silence."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from services.desk.known_calls import known_calls
from shared.errors import Invalid
from shared.keyset import PAGE_MOST, Paged, PageShown, Place, bounds, cut, with_room
from shared.records import schema_of
from shared.staff import Act

pytestmark = pytest.mark.unit

ID = UUID("0192f6c0-0000-7000-8000-0000000000aa")
AT = datetime(2026, 12, 3, 8, 30, tzinfo=UTC)
SAYS_MORE = {"next_after", "complete", "next_after_seq", "next_before_seq"}
"""How a reply says that there are more."""


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (Place(date(2026, 12, 3), ID), f"2026-12-03~{ID}"),
        (Place(AT, ID), f"2026-12-03T08:30:00Z~{ID}"),
        (Place(AT.replace(microsecond=7), ID), f"2026-12-03T08:30:00.000007Z~{ID}"),
        (Place(None, ID), f"~{ID}"),
    ],
)
def test_a_place_is_read_as_it_was_written(place: Place, text: str) -> None:
    assert str(place) == text
    assert Place.parse(text) == place
    assert Paged.from_json(Paged(after=place).to_json()) == Paged(after=place)


def test_an_instant_is_written_in_utc() -> None:
    oslo = AT.astimezone(timezone(timedelta(hours=1)))
    assert str(Place(oslo, ID)) == str(Place(AT, ID))


@pytest.mark.parametrize(
    "text",
    [
        "", "~", str(ID), f"2026-13-45~{ID}", f"2026-12-03T25:00:00Z~{ID}", f"2026-12-03T08:30:00+01:00~{ID}",
        f"2026-12-03T08:30:00~{ID}", f"2026-12-03~{ID}\n", f"infinity~{ID}", f"2026-12-03~{ID}~", 7, ["x"],
        "2026-12-03~0192F6C0-0000-7000-8000-0000000000AA", f"\u0662026-12-03~{ID}",
    ],
)  # fmt: skip
def test_what_is_no_place_is_refused_by_the_call(text: Any) -> None:
    with pytest.raises(Invalid) as refused:
        Paged.from_json({"after": text})
    assert list(refused.value.details["fields"]) == ["after"]
    if isinstance(text, str):
        with pytest.raises(ValueError, match="day or instant"):
            Place.parse(text)


def test_one_row_more_than_a_page_holds_says_that_another_page_follows() -> None:
    rows = [(date(2026, 12, day), UUID(int=day)) for day in (1, 2, 3)]
    page, following = cut(rows, 2, lambda row: Place(*row))
    assert (list(page), following) == (rows[:2], Place(*rows[1]))
    assert cut(rows, 3, lambda row: Place(*row)) == (rows, None)
    assert cut([], 3, lambda row: Place(*row)) == ([], None)


def test_a_query_is_given_where_the_page_begins_and_one_row_more() -> None:
    assert bounds(Paged(limit=7)) == {"after_at": None, "after_id": None, "limit": 8}
    assert bounds(Paged(after=Place(AT, ID))) == {"after_at": AT, "after_id": ID, "limit": 101}
    assert bounds(Paged(after=Place(None, ID)))["after_at"] == "infinity", "what has no instant stands last"
    for wrong in (0, PAGE_MOST + 1):
        with pytest.raises(Invalid):
            Paged.from_json({"limit": wrong})


def test_a_page_for_which_there_is_no_room_has_fewer_rows_and_at_least_one() -> None:
    def read(most: int, limit: int = PAGE_MOST) -> list[int]:
        asked: list[int] = []
        page = with_room(
            Paged(after=Place(AT, ID), limit=limit),
            lambda call: asked.append(call.limit) or call,
            lambda call: call.limit <= most,
        )
        assert page.after == Place(AT, ID)
        return asked

    assert read(PAGE_MOST) == [500]
    assert read(130) == [500, 250, 125]
    assert read(0) == [500, 250, 125, 62, 31, 15, 7, 3, 1], "whoever takes it says what is wrong"
    assert read(0, limit=1) == [1]


LISTS = sorted({call for call in known_calls().values() if "limit" in schema_of(call).fields}, key=str)


def test_there_are_lists_for_staff() -> None:
    assert len(LISTS) >= 16
    assert sum(issubclass(call, Paged) for call in LISTS) >= 13


@pytest.mark.parametrize("call", LISTS, ids=lambda call: call.__name__)
def test_no_list_for_staff_ends_in_silence(call: Any) -> None:
    if isinstance(call.staff, Act) or issubclass(call, Paged):
        assert SAYS_MORE & set(schema_of(call.reply).fields), f"{call.__name__} has a limit, and says not of more"
    assert issubclass(call, Paged) == issubclass(call.reply, PageShown)
