"""One examination for every participant in forgetting: our services, and the plain nameko example."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from functools import cache
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest
from town import Town, Townsfolk

from examples.plain_participant import Nogd
from shared.events import Event, Received
from shared.hold_scope import EVERYBODY, EVERYTHING, LEGAL_HOLD
from shared.identifiers import new_id
from shared.participation.events import (
    COUNTED,
    ErasureDryRunOrdered,
    ErasureOrdered,
    HoldPlaced,
    HoldReleased,
    RestrictionLifted,
    RestrictionSet,
)
from shared.participation.feature import Participation
from shared.privacy import restricted
from shared.privacy.ledger_lines import GENESIS, Entry, Kind
from shared.system import PARTICIPANTS
from tests.in_process import hear, run

pytestmark = [pytest.mark.integration, pytest.mark.conformance]

Told = list[tuple[str, dict[str, Any]]]
"""What a participant said, by type of event."""
HELD_CATEGORY = {
    "account": "profile",
    "audit": "audit_trail",
    "billing-sync": "billing_copy",
    "cases": "cases",
    "notification": "letters",
    "registers": "registers",
}
"""A category of data that each of ours keeps, and none of the others."""
EXAMINED = {"participant", "ours"}
NOT_DATA = ("inbox", "outbox", "parked", "command_reply", "intake", "trail", "tree_node", "checkpoint", "migration")


class Ours:
    """A service of ours, on its own database."""

    def __init__(self, town: Town, name: str) -> None:
        self.town, self.service = town, town.exchange.services[name]
        self.database = name.replace("-", "_")

    def hear(self, event: Event) -> Told:
        """Let it take in an event, and do what it does on time for that; what it said of it."""
        ((last,),) = self.town.rows(self.database, "SELECT coalesce(max(id), 0) FROM outbox")
        message = Received(
            id=new_id(), event=event, source="retention", time=self.town.clock.now(), subject=event.subject,
            correlation_id=new_id(),
        )  # fmt: skip
        hear(self.service, message)
        if self.service.name in {"billing-sync", "audit"}:
            run(self.service, "work" if self.service.name == "billing-sync" else "sequence")
        query = "SELECT id, convert_from(body, 'UTF8')::json FROM outbox WHERE id > %s ORDER BY id"
        said = self.town.rows(self.database, query, last)
        if said:  # it is told to nobody: retention ordered none of this
            self.town.carried[self.service.name] = said[-1][0]
        return [(body["type"], body["data"]) for _, body in said if body["type"].startswith("erasure.")]

    def knows(self, person: Townsfolk) -> set[str]:
        """Where it knows of a person."""
        return self.town.traces(str(person.user_id)).get(self.database, set())

    def everything(self) -> dict[str, list[str]]:
        """All that it holds, messages aside."""
        tables = self.town.rows(
            self.database,
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
            " AND table_type = 'BASE TABLE' AND table_name <> ALL (%s)",
            list(NOT_DATA),
        )
        query = "SELECT row_to_json(t)::text FROM {} AS t"
        return {
            table: sorted(row[0] for row in self.town.rows(self.database, query.format(table)))
            for (table,) in tables
        }


class Outside:
    """The plain nameko example, with the test in the broker's place."""

    def __init__(self, town: Town) -> None:
        self.service, self.said = Nogd(), []
        self.service.dispatch = lambda type_, data: self.said.append((type_, data))

    def hear(self, event: Event) -> Told:
        self.said.clear()
        data = json.loads(json.dumps(event.data()))
        {"erasure.ordered": self.service.forget, "erasure.dry_run_ordered": self.service.foresee}[event.type](
            {"type": event.type, "data": data}
        )
        return json.loads(json.dumps(self.said))

    def seat(self, *people: Townsfolk) -> None:
        self.service.seats[str(people[0].account_id)] = [str(person.user_id) for person in people]

    def knows(self, person: Townsfolk) -> set[str]:
        return {"seats"} if str(person.user_id) in str(self.service.seats) else set()

    def everything(self) -> Any:
        return json.loads(json.dumps(self.service.seats))


@pytest.fixture(params=[*PARTICIPANTS, "nogd"])
def participant(request, lasting_town) -> Ours | Outside:
    return Outside(lasting_town) if request.param == "nogd" else Ours(lasting_town, request.param)


@pytest.fixture(params=PARTICIPANTS)
def ours(request, lasting_town) -> Ours:
    return Ours(lasting_town, request.param)


@pytest.fixture(scope="module")
def companies(lasting_town) -> Callable[[str], list[Townsfolk]]:
    """By a name, a company that has left, of whose two owners every participant knows something."""

    @cache
    def left(_name: str) -> list[Townsfolk]:
        kari, ola = lasting_town.company("kari", "ola")
        lasting_town.make_owner(kari, ola)
        for person in (kari, ola):
            lasting_town.log_in(person)
        lasting_town.settle()
        lasting_town.leave(kari)
        return [kari, ola]

    return left


@pytest.fixture
def company(companies, request) -> list[Townsfolk]:
    """The company of this test: what one participant is told of it the others do not hear; each finds it whole."""
    examination = {name: value for name, value in request.node.callspec.params.items() if name not in EXAMINED}
    kari, ola = companies(f"{request.function.__name__} {examination}")
    for name in EXAMINED & set(request.fixturenames):
        examined = request.getfixturevalue(name)
        if isinstance(examined, Outside):
            examined.seat(kari, ola)
        assert examined.knows(kari), "there is something to forget"
        assert examined.knows(ola), "there is something to forget"
    return [kari, ola]


def order(of: Townsfolk, *, user: bool = False, **changes: Any) -> ErasureOrdered:
    fields = {"erasure_id": uuid4(), "account_id": of.account_id, "user_id": of.user_id if user else None}
    return ErasureOrdered(**fields | {"attempt": 1} | changes)


def answer(said: Told, type_: str = "erasure.step_completed") -> dict[str, Any]:
    ((said_type, data),) = said
    assert said_type == type_
    return data


def test_every_participant_is_known_to_take_part(lasting_town) -> None:
    taking_part = {
        name for name, service in lasting_town.exchange.services.items() if Participation in service.made_of
    }
    assert taking_part == set(PARTICIPANTS)


@pytest.mark.clause("ERASE-1")
def test_an_order_is_carried_out_and_answered(participant, company) -> None:
    ordered = order(company[0])
    step = answer(participant.hear(ordered))
    assert (step["erasure_id"], step["participant"]) == (str(ordered.erasure_id), participant.service.name)
    assert (step["outcome"], LEGAL_HOLD in step["retained"]) == ("done", False)
    assert sum(step["counts"].values()) > 0
    assert isinstance(participant, Outside) or set(step["counts"]) <= COUNTED
    assert [participant.knows(person) for person in company] == [set(), set()]


def test_an_order_about_one_person_leaves_the_others(participant, company) -> None:
    kari, ola = company
    answer(participant.hear(order(ola, user=True)))
    assert participant.knows(ola) == set()
    assert participant.knows(kari)


def test_a_repeated_order_gets_the_same_answer(participant, company) -> None:
    ordered = order(company[0])
    first = answer(participant.hear(ordered))
    for attempt in (2, 3):
        again = order(company[0], erasure_id=ordered.erasure_id, attempt=attempt)
        assert answer(participant.hear(again)) == first


def test_an_order_about_nobody_is_answered_with_zeros(participant) -> None:
    stranger = Townsfolk(uuid4(), uuid4(), "nobody@x.example")
    for user in (False, True):
        step = answer(participant.hear(order(stranger, user=user)))
        assert (step["outcome"], step["retained"], set(step["counts"].values())) == ("done", [], {0})


@pytest.mark.parametrize("user", [False, True], ids=["account", "user"])
def test_a_dry_run_foresees_the_answer_and_changes_nothing(participant, company, user) -> None:
    ola = company[1]
    before = participant.everything()
    tried = ErasureDryRunOrdered(
        dry_run_id=uuid4(), account_id=ola.account_id, user_id=ola.user_id if user else None
    )
    foreseen = answer(participant.hear(tried), "erasure.dry_run_answered")
    assert participant.everything() == before
    step = answer(participant.hear(order(ola, user=user)))
    assert (foreseen["dry_run_id"], foreseen["participant"]) == (str(tried.dry_run_id), step["participant"])
    assert (foreseen["counts"], foreseen["retained"]) == (step["counts"], step["retained"])


@pytest.mark.clause("HOLD-1")
def test_who_is_held_is_kept_and_told(participant, company) -> None:
    kari, ola = company
    held = {"held_users": [ola.user_id], "held_categories": [EVERYTHING]}
    tried = ErasureDryRunOrdered(dry_run_id=uuid4(), account_id=ola.account_id, **held)
    foreseen = answer(participant.hear(tried), "erasure.dry_run_answered")
    step = answer(participant.hear(order(kari, **held)))
    assert foreseen["retained"] == step["retained"]
    assert LEGAL_HOLD in step["retained"]
    assert (participant.knows(kari), bool(participant.knows(ola))) == (set(), True)


@pytest.mark.clause("HOLD-1")
def test_a_category_that_is_held_is_kept_by_who_holds_it_and_by_nobody_else(ours, company) -> None:
    for name, category in HELD_CATEGORY.items():
        tried = ErasureDryRunOrdered(
            dry_run_id=uuid4(), account_id=company[0].account_id, held_users=[EVERYBODY], held_categories=[category]
        )
        foreseen = answer(ours.hear(tried), "erasure.dry_run_answered")
        assert (LEGAL_HOLD in foreseen["retained"]) is (name == ours.service.name)
    category = HELD_CATEGORY[ours.service.name]
    step = answer(ours.hear(order(company[0], held_users=[EVERYBODY], held_categories=[category])))
    assert LEGAL_HOLD in step["retained"]
    assert all(ours.knows(person) for person in company)


def beginnings_and_ends(of: Townsfolk) -> list[tuple[Event, Event]]:
    hold_id, restriction_id = uuid4(), uuid4()
    about: dict[str, Any] = {"account_id": of.account_id}
    return [
        (
            HoldPlaced(
                hold_id=hold_id, user_ids=[of.user_id], categories=[], reason="dispute",
                starts_on=date(2026, 11, 20), review_on=date(2027, 1, 20), **about,
            ),
            HoldReleased(hold_id=hold_id, reason="settled", **about),
        ),
        (
            RestrictionSet(
                restriction_id=restriction_id, user_id=of.user_id, ground="c",
                requested_on=date(2026, 11, 20), **about,
            ),
            RestrictionLifted(restriction_id=restriction_id, user_id=of.user_id, **about),
        ),
    ]  # fmt: skip


@pytest.mark.clause("HOLD-1", "RIGHTS-4")
@pytest.mark.parametrize("kind", [0, 1], ids=["hold", "restriction"])
def test_what_may_only_be_stored_is_known_until_its_end_however_often_and_in_whatever_order_it_is_heard(
    ours, company, kind
) -> None:
    kari, ola = company

    def is_kept(person: Townsfolk) -> bool:
        with ours.service.database.transaction() as tx:
            return restricted.is_kept(tx, person.account_id, person.user_id, HELD_CATEGORY[ours.service.name])

    begun, ended = beginnings_and_ends(ola)[kind]
    ours.hear(begun)
    ours.hear(begun)
    assert (is_kept(kari), is_kept(ola)) == (False, True)
    ours.hear(ended)
    assert not is_kept(ola)
    for heard in permutations(beginnings_and_ends(ola)[kind]):
        for event in heard:
            ours.hear(event)
        assert not is_kept(ola)


@pytest.mark.clause("FORGET-1")
@pytest.mark.parametrize("user", [False, True], ids=["account", "user"])
def test_after_a_restore_the_erasure_is_made_true_again_however_often_it_is_replayed(ours, company, user) -> None:
    kari, ola = company
    (replayer,) = (each for _, each in ours.service.guarded() if each is not None)
    with ours.service.database.transaction() as tx:
        assert not replayer.is_empty(tx)
    erasure_id = uuid4()
    fact = Entry(
        position=1, previous=GENESIS, kind=Kind.USER_ERASED if user else Kind.ACCOUNT_ERASED,
        account_id=ola.account_id, user_id=ola.user_id if user else None, data={"erasure_id": str(erasure_id)},
        at=ours.town.clock.now(), key_id="", line=b"",
    )  # fmt: skip
    states = []
    for _ in range(2):
        with ours.service.database.transaction() as tx:
            replayer.replay(tx, fact)
        with ours.service.database.transaction() as tx:
            assert replayer.verify(tx, fact)
        states.append(ours.everything())
    assert states[0] == states[1]
    step = answer(ours.hear(order(ola, erasure_id=erasure_id, user=user)))
    assert sum(step["counts"].values()) > 0, "what the replay took is counted"
    assert ours.knows(ola) == set()
    assert bool(ours.knows(kari)) is user
