"""Each page of either host comes to be looked at in every combination of language, colours and size."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from tests.turns import KEPT, in_turn, keep

pytestmark = pytest.mark.unit

MANY = 8
DAY = date(2026, 12, 28)


@pytest.mark.parametrize("count", [1, MANY - 1, MANY, 3 * MANY + 5])
def test_each_page_has_one_turn_a_day_and_after_so_many_days_had_all_of_them(count) -> None:
    places = [f"/{number}" for number in range(count)]
    had: Counter[tuple[str, int]] = Counter()
    for days in range(MANY):
        day = DAY + timedelta(days=days)
        turns = [(place, number) for number in range(MANY) for place in in_turn(places, number, MANY, day)]
        assert sorted(place for place, _ in turns) == sorted(places)
        had.update(turns)
    assert had == Counter({(place, number): 1 for place in places for number in range(MANY)})


def test_what_was_looked_at_is_kept_with_the_last_day(pytestconfig) -> None:
    cache = pytestconfig.cache
    before = cache.get(KEPT.format(host="test"), {})
    try:
        cache.set(KEPT.format(host="test"), {})
        keep(cache, "test", ("nb", "dark", "small"), ["/", "/find"], DAY)
        keep(cache, "test", ("nb", "dark", "small"), ["/"], DAY + timedelta(days=8))
        keep(cache, "test", ("en", "dark", "small"), ["/"], DAY)
        assert cache.get(KEPT.format(host="test"), None) == {
            "/": {"nb dark small": "2027-01-05", "en dark small": "2026-12-28"},
            "/find": {"nb dark small": "2026-12-28"},
        }
    finally:
        cache.set(KEPT.format(host="test"), before)
