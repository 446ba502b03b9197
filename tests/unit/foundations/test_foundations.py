"""Clock, settings, queries, events: the values everything stands on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from shared import config
from shared.clock import Clock, ClockMovedInProductionError, FixedClock
from shared.database.outbox import encode
from shared.database.queries import QueryError, load_queries
from shared.errors import Refused
from shared.events import BODY_LIMIT_BYTES, Code, Event, EventError

pytestmark = pytest.mark.unit
NOW = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Something(Event):
    """Something happened."""

    type = "test.something"
    source = "test"
    thing_id: UUID
    reason: Code
    at: datetime
    fields: list[Code]
    counts: dict[Code, int]
    user_id: UUID | None = None

    @property
    def subject(self) -> str:
        return f"thing/{self.thing_id}"


def something(**changes) -> Something:
    whole = {"thing_id": uuid4(), "reason": "moved", "at": NOW, "fields": ["email"], "counts": {"rows": 2}}
    return Something(**(whole | changes))


def test_an_event_survives_the_wire() -> None:
    event = something(user_id=uuid4())
    assert Something.from_data(event.data()) == event


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": "Kari Nordmann"},
        {"reason": "kari@firma.no"},
        {"reason": "x" * 65},
        {"fields": ["Kari Nordmann"]},
        {"counts": {"Kari Nordmann": 1}},
        {"thing_id": "not an id"},
        {"at": datetime(2026, 1, 1)},  # noqa: DTZ001  # naive on purpose
    ],
)
def test_what_does_not_fit_its_kind_never_becomes_an_event(wrong) -> None:
    with pytest.raises((EventError, AttributeError)):
        something(**wrong).data()


def test_reading_is_tolerant_of_new_fields_and_strict_about_missing_ones() -> None:
    data = something().data()
    assert Something.from_data(data | {"added_later": 1}).reason == "moved"
    del data["reason"]
    with pytest.raises(EventError, match="reason"):
        Something.from_data(data)


def test_free_text_is_no_kind_of_field() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Wrong(Event):
        type = "test.wrong"
        source = "test"
        name: str

    with pytest.raises(EventError, match="str"):
        Wrong(name="x").data()


def test_a_body_over_the_limit_is_refused() -> None:
    event = something(fields=["x" * 60] * (BODY_LIMIT_BYTES // 60))
    with pytest.raises(EventError, match="bytes"):
        encode(event, event_id=uuid4(), source="test", now=NOW, sequence=None)


def test_the_clock_moves_for_everybody_who_shares_the_state(tmp_path: Path) -> None:
    one, other = Clock(tmp_path, environment="demo"), Clock(tmp_path, environment="demo")
    before = other.now()
    one.move(timedelta(days=92))
    one.move(timedelta(hours=1))
    assert Clock(tmp_path, environment="demo").now() - before >= timedelta(days=92, hours=1)


def test_production_refuses_a_moved_clock(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        Clock(tmp_path, environment="production").move(timedelta(days=1))
    Clock(tmp_path, environment="test").move(timedelta(days=1))
    with pytest.raises(ClockMovedInProductionError):
        Clock(tmp_path, environment="production")


def test_the_clock_does_not_run_backwards(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        Clock(tmp_path, environment="demo").move(timedelta(seconds=-1))


def test_a_fixed_clock_stands() -> None:
    clock = FixedClock(NOW)
    assert clock.now() == NOW
    clock.move(timedelta(days=1))
    assert clock.now() == NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("name", "value"),
    [("VILKAR_ENVIRONMENT", "prod"), ("VILKAR_DB_PORT", "many"), ("VILKAR_BROKER_PORT", "70000")],
)
def test_a_wrong_setting_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(config.SettingError, match=name):
        config.load({"VILKAR_ENVIRONMENT": "test", name: value})


def test_production_is_what_one_gets_without_saying_anything_and_it_asks_for_what_it_needs() -> None:
    with pytest.raises(config.SettingError, match="VILKAR_GATEWAY_PUBLIC_URL must be set"):
        config.load({})


def test_a_missing_or_empty_secret_is_named_and_not_shown(tmp_path: Path) -> None:
    secrets = config.Secrets(folder=tmp_path)
    with pytest.raises(config.SettingError, match="db_password"):
        secrets.read("db_password")
    (tmp_path / "db_password").write_text("\n")
    with pytest.raises(config.SettingError, match="empty"):
        secrets.read("db_password")


def test_queries_have_names_and_sentences(tmp_path: Path) -> None:
    (tmp_path / "queries.sql").write_text(
        "-- comment\n\n-- one: the number one\nSELECT 1;\n-- two: twice\nSELECT 2\n"
    )
    queries = load_queries(tmp_path / "store.py")
    assert queries.names() == ["one", "two"]
    assert queries.one == "SELECT 1"
    with pytest.raises(QueryError, match="three"):
        _ = queries.three


@pytest.mark.parametrize(
    "text", ["SELECT 1;", "-- one: first\nSELECT 1;\n-- one: again\nSELECT 1;", "-- one: empty\n"]
)
def test_a_query_without_name_twice_or_empty_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "queries.sql").write_text(text)
    with pytest.raises(QueryError):
        load_queries(tmp_path / "store.py")
