"""Which calls a program may make is read from its sources; what cannot be seen there is an error."""

from __future__ import annotations

import pytest

from deploy.generators import broker_calls
from deploy.generators.broker_calls import UndecidedError, made_in, reached_from
from shared.bus import every_service_calls
from shared.system import SERVICES
from tests.unit.generate import sketches

pytestmark = pytest.mark.unit

ALIAS = "from services.ear import calls as ear"
CLASS = "from services.ear.calls import Ask"
EVERY_SERVICE = "from shared.bus.every_service_calls import Ping"


@pytest.fixture
def sources(tmp_path, monkeypatch):
    known = {"services.ear.calls": sketches, every_service_calls.__name__: every_service_calls}
    monkeypatch.setattr(broker_calls, "ROOT", tmp_path)
    monkeypatch.setattr(broker_calls, "_call_modules", lambda: known)
    forget()

    def write(*lines, name="services/ear/hearing.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    yield write
    forget()


def forget():
    for each in vars(broker_calls).values():
        if hasattr(each, "cache_clear"):
            each.cache_clear()


def methods(file):
    return [(call.method, of) for call, of in made_in(file)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((CLASS, "caller.ask(Ask(bell_id=x))"), [("ask", "")]),
        ((CLASS, "asked = Ask.from_json(body)"), [("ask", "")]),
        ((CLASS, "def f():", "    return g(Ask.from_json)"), [("ask", "")]),
        ((f"{CLASS} as Where", "caller.ask(Where(bell_id=x))"), [("ask", "")]),
        ((ALIAS, "call.ask(ear.Ask.from_json(call.body))"), [("ask", "")]),
        (("def f():", f"    {CLASS}", "    caller.ask(Ask(bell_id=x))"), [("ask", "")]),
        ((EVERY_SERVICE, "caller.ask(Ping(), of='audit')"), [("ping", "audit")]),
        ((EVERY_SERVICE, "for name in names:", "    caller.ask(Ping(), of=name)"), [("ping", "")]),
        ((EVERY_SERVICE, "asked = Ping()", "caller.ask(asked, of='audit')"), [("ping", "")]),
        ((EVERY_SERVICE, "show(caller.ask(Ping(), of=name), of='audit')"), [("ping", "")]),
    ],
)
def test_a_call_is_made_where_an_object_of_its_class_is(sources, lines, expected):
    assert methods(sources(*lines)) == expected


@pytest.mark.parametrize(
    "lines",
    [
        ("@answers(Ask)", "def ask(self, call: Ask) -> Heard: ..."),
        ("def f(call: Ask | None, more: dict[str, type[Ask]]) -> tuple[Ask, ...]: ...",),
        ("isinstance(call, Ask)",),
        ("type(call) is Ask",),
        ("match call:", "    case Ask(bell_id=known): ..."),
        ("name = Ask.method",),
        ("schema_of(Ask)",),
    ],
)
def test_who_looks_at_a_class_makes_no_call(sources, lines):
    needed = "from shared.bus import answers", "from shared.records import schema_of"
    assert methods(sources(CLASS, *needed, *lines)) == []


@pytest.mark.parametrize(
    "lines",
    [
        (CLASS, "f(Ask)"),
        (CLASS, "CALLS = {'ask': Ask}"),
        (CLASS, "Where = Ask"),
        (CLASS, "class Where(Ask): ..."),
        (CLASS, "make = Ask.made_somehow"),
        (CLASS, "def schema_of(x): ...", "", "schema_of(Ask)"),
        (ALIAS, "getattr(ear, name)"),
        (CLASS, "def f(Ask):", "    return Ask(1)"),
        (ALIAS, "def f():", "    caller.ask(ear.Ask(bell_id=x))", "    def g():", "        ear = 1"),
        (ALIAS, "[ear for ear in ears]"),
        ("from services.ear.calls import *",),
        ("import services.ear.calls",),
        ("import services.ear",),
        ("from services import ear", "caller.ask(ear.calls.Ask(bell_id=x))"),
        ("from .calls import Ask",),
        ("caller.call('account', 'ask', bell_id=x)",),
        ("from shared.calls import Call, Done", "class Where(Call[Done], service='ear'): ..."),
    ],
)
def test_where_it_cannot_be_seen_the_place_is_named(sources, lines):
    with pytest.raises(UndecidedError, match=r"^services/ear/hearing\.py:\d+: "):
        made_in(sources(*lines))


def test_a_name_is_followed_through_the_modules_that_hand_it_on(sources):
    sources(CLASS, name="services/ear/again.py")
    sources("from services.ear.again import Ask as Where", name="services/ear/more.py")
    file = sources("from services.ear.more import Where", "caller.ask(Where(bell_id=x))")
    assert methods(file) == [("ask", "")]


def test_names_that_lead_in_a_circle_come_to_an_end(sources):
    sources("from services.ear.hearing import thing", name="services/ear/again.py")
    assert methods(sources("from services.ear.again import thing", "thing()")) == []


def test_what_a_program_imports_counts_as_well_but_not_what_only_its_types_need(sources):
    asking = sources(CLASS, "def ask(caller):", "    caller.ask(Ask(bell_id=x))", name="shared/asking.py")
    typed = sources("", name="shared/typed.py")
    lines = ("from shared import asking", "from typing import TYPE_CHECKING", "if TYPE_CHECKING:")
    file = sources(*lines, "    from shared import typed")
    reached = reached_from([file])
    assert set(reached) == {file, asking}
    assert typed not in reached


def test_every_program_is_read_and_none_asks_itself():
    calls = broker_calls.calls_of_programs()
    assert set(calls) == {*SERVICES, "relay", "gateway", "desk"}
    assert [program for program, asked in calls.items() if program in asked] == []
    assert "log_in" in calls["gateway"]["account"]
    assert "letter_facts" not in calls["gateway"]["account"]
    assert all("parked_replay" in calls["desk"][service] for service in SERVICES), (
        "of all, where `of` is worked out"
    )
    assert calls["retention"]["audit"] == ["ping"], "of those that are named"
