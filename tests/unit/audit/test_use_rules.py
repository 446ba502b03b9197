"""What is conspicuous in what users do once they are in, and what is an ordinary day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import chain
from uuid import UUID

import pytest

from services.audit.unusual_use.rules import CHANGES, COLLECTIONS, LOOKED_AT, unusual_use
from services.audit.unusual_use.values import USE_DETECTORS, UserAct
from shared.bus.discovery import events

NOW = datetime(2026, 11, 30, 11, 0, tzinfo=UTC)
OWNER, COMPANY = UUID(int=1), UUID(int=2)
OF_AUDIT_ITSELF = {"login.disclosed"}


def acts(type_: str, number: int, *, apart: float, to: int | None = None) -> list[UserAct]:
    """So many acts, `apart` minutes between two, done to `to` different people."""
    return [
        UserAct(
            user_id=OWNER,
            account_id=COMPANY,
            type=type_,
            subject=f"user/{each % (to or number)}",
            occurred_at=NOW - timedelta(minutes=apart * each),
        )
        for each in range(number)
    ]


def found(*done: list[UserAct]) -> list[str]:
    return [each.detector for each in unusual_use(chain(*done))]


@pytest.mark.clause("WATCH-1")
def test_ten_people_made_inactive_within_an_hour_are_told_and_nine_are_not() -> None:
    assert found(acts("user.deactivated", 10, apart=6)) == ["mass_deactivation"]
    assert found(acts("user.deactivated", 9, apart=6)) == []
    assert found(acts("user.deactivated", 10, apart=6.7)) == [], "the tenth comes an hour after the first"
    assert found(acts("user.deactivated", 12, apart=1, to=9)) == [], "the same nine again"


@pytest.mark.clause("WATCH-1")
def test_a_hundred_changes_within_an_hour_are_told_of_whatever_kind() -> None:
    assert found(acts("user.updated", 60, apart=0.5), acts("account.updated", 40, apart=0.5)) == ["mass_change"]
    assert found(acts("user.updated", 99, apart=0.5)) == []


@pytest.mark.clause("WATCH-1")
def test_ten_looks_at_others_within_a_day_are_told() -> None:
    (finding,) = unusual_use(acts("login.disclosed", 10, apart=140))
    assert (finding.detector, finding.attempts, finding.window_to) == ("mass_collection", 10, NOW)
    assert (finding.user_ids, finding.account_ids) == ({OWNER}, {COMPANY})
    assert found(acts("login.disclosed", 9, apart=1)) == []


@pytest.mark.clause("WATCH-1")
def test_three_copies_of_a_whole_company_within_a_day_are_told() -> None:
    assert found(acts("export.company_opened", 3, apart=400)) == ["mass_collection"]
    assert found(acts("export.company_opened", 2, apart=1), acts("login.disclosed", 2, apart=1)) == [
        "mass_collection"
    ]
    assert found(acts("export.company_opened", 2, apart=1)) == [], "a file that broke off is fetched again"
    assert found(acts("export.company_opened", 3, apart=721)) == []


def test_what_came_late_in_the_day_is_found_in_the_window_in_which_it_was_done() -> None:
    early = [each for each in acts("user.deactivated", 40, apart=30) if each.occurred_at < NOW]
    burst = acts("user.deactivated", 10, apart=1)
    moved = [
        UserAct(
            user_id=OWNER,
            account_id=COMPANY,
            type=each.type,
            subject=f"user/late{number}",
            occurred_at=each.occurred_at - timedelta(hours=9),
        )
        for number, each in enumerate(burst)
    ]
    (finding,) = unusual_use([*early, *moved])
    assert finding.window_to < NOW - timedelta(hours=8)


def test_of_very_many_acts_each_is_looked_at_once() -> None:
    class Counted(str):
        __slots__ = ()
        hashed = 0

        def __hash__(self) -> int:
            Counted.hashed += 1
            return super().__hash__()

    number = 2_000
    done = [
        UserAct(user_id=OWNER, account_id=COMPANY, type="user.deactivated", subject=Counted(each), occurred_at=NOW)
        for each in range(number)
    ]
    findings = list(unusual_use(done))
    assert [(each.detector, each.targets) for each in findings] == [
        ("mass_deactivation", number), ("mass_change", number),
    ]  # fmt: skip
    assert Counted.hashed < 10 * number, "a window is not counted anew for each act"


def test_an_ordinary_day_of_a_large_company_is_nothing_odd() -> None:
    day = [acts("user.added", 400, apart=0.1), acts("user.invited", 400, apart=0.1)]
    day += [acts("user.updated", 90, apart=3), acts("user.deactivated", 8, apart=10)]
    assert found(*day, acts("login.disclosed", 3, apart=10)) == []


def test_what_is_looked_at_are_events_that_there_are() -> None:
    assert set(LOOKED_AT) == CHANGES | COLLECTIONS
    assert not set(LOOKED_AT) - {event.type for event in events()} - OF_AUDIT_ITSELF
    assert len(USE_DETECTORS) == 3
