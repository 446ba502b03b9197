"""Records and calls: what their classes say is what travels, and what does not fit is refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import marshmallow as ma
import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow.validate import Length, OneOf, Range

from shared.actor import Actor, ActorKind, Staff
from shared.bus import answers
from shared.bus.every_service_calls import ParkedList, Ping, Pong
from shared.calls import Call, Caller, Done
from shared.errors import Internal, Invalid, NotFound
from shared.marshmallow_fields import EARLIEST, LATEST
from shared.records import ABSENT, Absent, Named, Record, RecordError, schema_of

pytestmark = pytest.mark.unit


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Leaf(Record):
    """A part of a tree."""

    colour: Colour
    weight: Annotated[int, Range(min=0)] = 1


class Tree(Record):
    """Every kind of field there is."""

    id: UUID
    name: Annotated[str, Length(max=20), "What it is called."]
    planted_on: date
    seen_at: datetime
    is_tall: bool
    height: float
    kind: Literal["fir", "oak"]
    leaves: tuple[Leaf, ...]
    counts: Mapping[str, int]
    owner: ActorKind
    extra: Mapping[str, Any]
    felled_on: date | None = None
    note: Annotated[str, OneOf(("a", "b"))] | Absent = ABSENT
    tags: Annotated[tuple[str, ...], Length(max=2)] = ()


def whole(**changes: Any) -> dict[str, Any]:
    return {
        "id": "0192f6c0-0000-7000-8000-000000000001",
        "name": "Grana",
        "planted_on": "2026-11-29",
        "seen_at": "2026-11-29T18:00:00+00:00",
        "is_tall": True,
        "height": 2.5,
        "kind": "fir",
        "leaves": [{"colour": "red", "weight": 2}, {"colour": "blue"}],
        "counts": {"birds": 3},
        "owner": "staff:kari",
        "extra": {"x": [1, None]},
    } | changes


leaves = st.builds(Leaf, colour=st.sampled_from(Colour), weight=st.integers(0, 9))
trees = st.builds(
    Tree,
    id=st.uuids(),
    name=st.text(max_size=20),
    planted_on=st.dates(),
    seen_at=st.datetimes(*(each.replace(tzinfo=None) for each in (EARLIEST, LATEST)), timezones=st.just(UTC)),
    is_tall=st.booleans(),
    height=st.floats(allow_nan=False, allow_infinity=False),
    kind=st.sampled_from(("fir", "oak")),
    leaves=st.lists(st.builds(Leaf, colour=st.sampled_from(Colour), weight=st.integers(0, 9)), max_size=3).map(
        tuple
    ),
    counts=st.dictionaries(st.text(max_size=5), st.integers(-9, 9), max_size=3),
    owner=st.one_of(
        st.builds(Actor.user, st.uuids()), st.sampled_from((Actor("system"), Actor("staff", name="kari-nordmann")))
    ),
    extra=st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.booleans(), max_size=2),
    felled_on=st.none() | st.dates(),
    note=st.sampled_from((ABSENT, "a", "b")),
    tags=st.lists(st.text(max_size=3), max_size=2).map(tuple),
)


@given(tree=trees)
def test_what_is_written_is_read_back(tree):
    assert Tree.from_json(tree.to_json()) == tree


def test_the_kinds_are_read_as_what_they_are():
    tree = Tree.from_json(whole())
    assert (tree.planted_on, tree.owner) == (date(2026, 11, 29), Actor("staff", name="kari"))
    assert tree.leaves == (Leaf(colour=Colour.RED, weight=2), Leaf(colour=Colour.BLUE))
    assert (tree.felled_on, tree.note, tree.tags) == (None, ABSENT, ())
    assert "note" not in tree.to_json()
    assert tree.to_json()["felled_on"] is None
    assert "note" not in tree.given()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "none"), ("id", None), ("name", "x" * 21), ("name", 7), ("planted_on", "yesterday"),
        ("seen_at", "2026-11-29T18:00:00"), ("seen_at", "0001-01-01T00:00:00+14:00"),
        ("seen_at", "9999-12-31T23:59:59-14:00"), ("is_tall", 1), ("is_tall", "yes"), ("kind", "birch"),
        ("leaves", [{"colour": "green"}]), ("leaves", [{"colour": "red", "weight": -1}]), ("leaves", "red"),
        ("leaves", [{"colour": "red", "size": 1}]), ("counts", {"birds": "x"}), ("owner", "staff:Kari"),
        ("owner", "user:1"), ("owner", "public"), ("owner", 5), ("note", "c"), ("note", None),
        ("tags", ["a", "b", "c"]), ("age", 3), ("weight", ""),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_by_its_name(field, value):
    with pytest.raises(Invalid) as refused:
        Tree.from_json(whole(**{field: value}))
    assert set(refused.value.details["fields"]) == {field}


def test_a_tolerant_reader_passes_over_what_it_does_not_know_at_any_depth():
    later = whole(age=3, leaves=[{"colour": "red", "weight": 2, "size": 9}])
    assert Tree.from_json(later, tolerant=True).leaves == (Leaf(colour=Colour.RED, weight=2),)


def test_an_object_that_holds_what_does_not_fit_is_not_written():
    with pytest.raises(Invalid) as refused:
        Leaf(colour=Colour.RED, weight=-1).to_json()
    assert set(refused.value.details["fields"]) == {"weight"}
    with pytest.raises(Invalid, match="does not fit"):
        Pong(service="account", time="2026-11-29", ledger_position=None).to_json()  # type: ignore[arg-type]


def test_a_record_in_a_log_shows_no_text():
    shown = repr(Tree.from_json(whole()))
    assert "Grana" not in shown
    assert "0192f6c0" in shown


def test_a_class_with_a_field_that_cannot_travel_says_so():
    class Odd(Record):
        thing: object

    class Either(Record):
        thing: int | str

    for odd in (Odd, Either):
        with pytest.raises(RecordError):
            schema_of(odd)


def test_fields_may_be_wrong_taken_together():
    class Span(Record):
        first: int
        last: int

        def objections(self) -> Mapping[str, list[str]]:
            return {"last": ["before the first"]} if self.last < self.first else {}

    assert Span.from_json({"first": 1, "last": 2}).last == 2
    with pytest.raises(Invalid) as refused:
        Span.from_json({"first": 2, "last": 1})
    assert refused.value.details == {"fields": {"last": ["before the first"]}}


class Bush(Record):
    """Of the kinds alone that are read without a schema where they are right."""

    id: UUID
    colour: Colour
    kind: Literal["box", "yew"]
    thorns: Annotated[int, Range(min=0)]
    since: Annotated[Annotated[str, Length(max=3)] | None, Named("from")] = None
    leaves: tuple[Leaf, ...] = ()
    is_cut: bool | Absent = ABSENT
    sort: Annotated[str, OneOf(("a", "b"))] | Absent = ABSENT
    said: Any = None

    def objections(self) -> Mapping[str, list[str]]:
        """A yew has thorns."""
        return {"thorns": ["too few"]} if self.kind == "yew" and not self.thorns else {}


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2),
    st.floats(allow_nan=False),
    st.uuids().map(str),
    st.uuids().map(lambda each: each.hex.upper()),
    st.sampled_from(["red", "box", "yew", "a", "", "long", "1"]),
    st.lists(st.sampled_from([{"colour": "red"}, {"colour": "red", "weight": -1}, {"colour": 1}, 3]), max_size=2),
    st.dictionaries(st.sampled_from(["colour", "weight", "x"]), st.sampled_from(["red", 1]), max_size=2),
)


def _outcome(read: Any) -> Any:
    try:
        return read()
    except Invalid as error:
        return error.details
    except ma.ValidationError as error:
        return {"fields": error.messages_dict}


@pytest.mark.parametrize("tolerant", [False, True])
@given(st.data())
def test_what_is_read_without_a_schema_is_read_as_the_schema_reads_it(tolerant, data):
    right = {"id": str(uuid4()), "colour": "blue", "kind": "yew", "thorns": 1, "from": "x", "leaves": []}
    changed = data.draw(st.dictionaries(st.sampled_from([*right, "is_cut", "sort", "said", "unknown"]), VALUES))
    left_out = data.draw(st.sets(st.sampled_from([*right]), max_size=1))
    sent = {name: value for name, value in (right | changed).items() if name not in left_out}
    schema = schema_of(Bush, tolerant=tolerant)
    assert _outcome(lambda: Bush.from_json(sent, tolerant=tolerant)) == _outcome(lambda: schema.load(sent))


def test_a_field_may_have_another_name_in_json():
    class Period(Record):
        from_: Annotated[date, Named("from")]

    period = Period(from_=date(2026, 11, 29))
    assert period.to_json() == {"from": "2026-11-29"}
    assert Period.from_json(period.to_json()) == period
    with pytest.raises(Invalid) as refused:
        Period.from_json({"from_": "2026-11-29"})
    assert set(refused.value.details["fields"]) == {"from", "from_"}


def test_descriptions_reach_the_schema():
    assert schema_of(Tree).fields["name"].metadata == {"description": "What it is called."}


# ── calls ─────────────────────────────────────────────────────────────────────────────────────────────────


class Look(Call[Leaf], service="forest", refusals=(NotFound,)):
    """Look at a leaf."""

    tree_id: UUID
    actor: Staff | None = None


class CutDown(Look, command=True):
    """Cut it down; answered as `Look` is."""


class Answers(Caller):
    def __init__(self, reply: Any) -> None:
        self.reply, self.asked = reply, {}

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields: Any) -> Any:
        self.asked = {"to": f"{service}.{method}", "seconds": timeout_seconds, **fields}
        return self.reply


def test_a_call_says_where_it_goes_and_what_comes_back():
    assert (Look.service, Look.method, Look.reply, Look.refusals) == ("forest", "look", Leaf, (NotFound,))
    assert (Look.is_command, CutDown.is_command, CutDown.method, CutDown.reply) == (False, True, "cut_down", Leaf)
    assert CutDown.seconds > Look.seconds


def test_asking_sends_the_fields_and_reads_the_reply():
    tree_id, caller = uuid4(), Answers({"colour": "red", "new": 1})
    assert caller.ask(Look(tree_id=tree_id)) == Leaf(colour=Colour.RED)
    assert caller.asked == {"to": "forest.look", "seconds": 2.0, "tree_id": str(tree_id), "actor": None}
    caller.ask(CutDown(tree_id=tree_id), idempotency_key="once", timeout_seconds=9)
    assert (caller.asked["idempotency_key"], caller.asked["seconds"]) == ("once", 9)


def test_a_call_of_every_service_goes_where_it_is_told():
    caller = Answers({"service": "audit", "time": "2026-11-29T18:00:00+00:00", "ledger_position": 4})
    assert caller.ask(Ping(), of="audit").ledger_position == 4
    assert caller.asked == {"to": "audit.ping", "seconds": 2.0}


@pytest.mark.parametrize("reply", [None, {}, [], "red", {"colour": None}, {"colour": "green"}, 7])
def test_a_reply_that_is_none_is_a_fault_of_the_other_side(reply):
    with pytest.raises(Internal, match=r"unfit-reply-forest\.look"):
        Answers(reply).ask(Look(tree_id=uuid4()))


def test_a_call_that_cannot_be_is_not_sent():
    caller = Answers({"parked": []})
    with pytest.raises(Invalid):
        caller.ask(ParkedList(state="lost"), of="audit")
    assert caller.asked == {}


def test_a_field_cannot_be_called_as_what_a_call_has_itself():
    with pytest.raises(TypeError, match="seconds"):

        class Sleep(Call[Done], service="forest"):
            seconds: float


def test_a_method_is_called_as_its_call():
    with pytest.raises(TypeError, match="look, not watch"):

        @answers(Look)
        def watch(self, call):
            """Would be waited for in vain."""


def test_nothing_to_tell_is_told_as_an_empty_object():
    assert Done().to_json() == {}
    assert Done.from_json({}) == Done()


# ── who acts ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text", ["system", "public", "staff:kari", "staff:k", "user:0192f6c0-0000-7000-8000-000000000001"]
)
def test_an_actor_is_read_and_written_in_one_way(text):
    assert str(Actor.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "staff", "staff:", "staff:Kari", "staff:kari_n", "staff:-kari", "staff:kari-", "staff:kari\n", "user:1",
     "user:0192F6C0-0000-7000-8000-000000000001", "system:x", "root", "staff:" + "a" * 59],
)  # fmt: skip
def test_what_is_no_actor_is_refused_without_repeating_it(text):
    with pytest.raises(ValueError, match="not an actor") as refused:
        Actor.parse(text)
    assert not text or text not in str(refused.value).replace("staff:<code>", "").replace("system or", "")


def test_a_field_for_staff_takes_nobody_else():
    field = schema_of(Look).fields["actor"]
    assert field.deserialize("staff:kari") == Actor("staff", name="kari")
    with pytest.raises(ma.ValidationError):
        field.deserialize("system")
