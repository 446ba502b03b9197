"""What we hold on a customer or a person: told for each state from all services, with numbers, ends and reasons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from town import DAY, Town

from services.desk.callers import DeskCaller, Outcome, PlainCall
from services.desk.client import Desk
from services.desk.queries import erasures, holdings
from services.desk.queries.holdings import Holdings
from services.desk.queries.stored_kinds import KINDS
from shared.actor import Actor
from shared.calls import Caller
from shared.config import load
from shared.errors import NotFound, Refused
from shared.staff import Purpose
from tests.desk_stage import settings_in
from tests.in_process import run

pytestmark = [pytest.mark.integration, pytest.mark.clause("RIGHTS-1")]

LEAVES = datetime(2026, 11, 30, 11, tzinfo=UTC)
DUE = datetime(2027, 2, 28, 0, 0, 1, tzinfo=UTC)
COPY = {("billing-sync", "tripletex_customers"): 1, ("billing-sync", "tripletex_contacts"): 1}


class AtTheTable(DeskCaller):
    """Asks the services of the town one after the other, as the desk asks them in a session."""

    def __init__(self, town: Caller) -> None:
        self._town = town

    @property
    def token(self) -> str:
        raise NotImplementedError("no call here brings a session itself")

    def call_many(
        self, calls: Sequence[PlainCall], *, purpose: Purpose | None = None, visit_id: UUID | None = None
    ) -> list[Outcome]:
        outcomes = []
        for each in calls:
            try:
                outcomes.append(Outcome(reply=self._town.call(each.service, each.method, **each.fields)))
            except Refused as refused:
                outcomes.append(Outcome(error=refused))
        return outcomes


@pytest.fixture
def desk(town: Town, tmp_path) -> Desk:
    return Desk(load(settings_in(tmp_path)), AtTheTable(town.exchange), who=lambda: Actor.parse("staff:kari"))


@pytest.fixture
def look(town: Town, desk: Desk) -> Callable[..., Holdings]:
    def looked(account_id: UUID, user_id: UUID | None = None) -> Holdings:
        run = holdings.order(desk, account_id, user_id)
        assert run is not None
        town.settle()
        return holdings.holdings(desk, account_id, user_id, run.dry_run_id, "rights_request")

    return looked


def counts(found: Holdings) -> dict[tuple[str, str], int]:
    return {(each.participant, each.kind): each.count for each in found.stored}


def ends(found: Holdings) -> set[date | None]:
    return {each.due_on for each in found.stored if each.kind in KINDS and KINDS[each.kind].is_as_long_as_subject}


def test_of_an_active_customer_all_is_counted_and_nothing_has_an_end_yet(town, look) -> None:
    owner, user = town.company("kari", "ola")
    town.log_in(user)
    town.settle()
    found = look(owner.account_id)
    told = counts(found)
    assert (found.account.state, found.user, found.silent) == ("active", None, ())
    assert {
        ("account", "accounts"): 1,
        ("account", "users"): 2,
        ("audit", "login_events"): 1,
    }.items() <= told.items()
    assert told.items() >= COPY.items()
    assert told["notification", "letters"] == len(found.letters) > 0
    assert all(told.values()), "what is not there is not told"
    assert ends(found) == {None}
    assert ("account", "agreement_acceptance") in found.kept_by_law
    assert {kind for _, kind in told} <= KINDS.keys()


def test_of_an_inactive_customer_the_day_is_told_on_which_it_is_erased(town, look) -> None:
    owner, _ = town.company("kari", "ola")
    town.at(LEAVES)
    town.leave(owner)
    found = look(owner.account_id)
    assert (found.account.state, ends(found)) == ("inactive", {date(2027, 2, 28)})
    assert {each.due_on for each in found.stored if each.kind == "letters"} == {None}, (
        "they have an end of their own"
    )
    assert found.tripletex.state == "linked"


def test_of_one_person_only_what_is_of_that_person_is_told(town, look) -> None:
    owner, other, person = town.company("kari", "ola", "per")
    town.log_in(person)
    town.log_in(other)
    town.settle()
    found = look(owner.account_id, person.user_id)
    told = counts(found)
    assert found.user is not None
    assert found.user.user_id == person.user_id
    assert (told["account", "users"], told["audit", "login_events"]) == (1, 1)
    assert {each.user_id for each in found.letters} == {person.user_id}
    assert ("account", "accounts") not in told
    assert ("billing-sync", "tripletex_customers") not in told


@pytest.mark.parametrize("decide", [Town.hold, Town.restrict], ids=["held", "restricted"])
def test_what_is_held_or_restricted_is_counted_like_all_else_and_the_decision_is_told(town, look, decide) -> None:
    owner, _ = town.company("kari", "ola")
    before = counts(look(owner.account_id))
    decide(town, owner.account_id)
    town.settle()
    found = look(owner.account_id)
    told = counts(found)
    assert {key: told[key] for key in (("account", "users"), ("account", "accounts"), *COPY)} == {
        key: before[key] for key in (("account", "users"), ("account", "accounts"), *COPY)
    }
    assert len(found.holds) + len(found.restrictions) == 1


def test_of_an_erased_customer_nothing_is_left_and_the_certificate_is_named(town, desk) -> None:
    owner, person = town.company("kari", "ola")
    town.at(LEAVES)
    town.leave(owner)
    town.at(DUE)
    town.pass_days(1)
    for user_id in (None, person.user_id):
        assert holdings.order(desk, owner.account_id, user_id) is None
        (gone,) = erasures.erased(desk, owner.account_id, user_id)
        assert gone.certificate_id is not None
        assert town.certificate(str(gone.certificate_id))["kind"] == "account"
    town.clock.move(40 * DAY)
    run(town.retention, "purge_erased")
    assert erasures.erased(desk, owner.account_id, None) == (), "whom a certificate is about is forgotten"


@pytest.mark.parametrize(
    ("category", "kept"),
    [
        ("letters", ("notification", "letters")),
        ("profile", ("account", "users")),
        ("agreements", ("account", "agreements")),
    ],
)
def test_what_a_hold_kept_of_an_erased_customer_is_counted_until_it_is_released(
    town, desk, look, category, kept
) -> None:
    owner, person = town.company("kari", "ola")
    hold = town.hold(owner.account_id, categories=[category])
    town.at(LEAVES)
    town.leave(owner)
    town.at(DUE)
    town.pass_days(1)
    found = look(owner.account_id)
    assert (found.account, found.user, found.silent) == (None, None, ())
    assert counts(found)[kept] > 0
    assert ("billing-sync", "tripletex_customers") not in counts(found), "it is erased"
    assert [part.category for each in found.erased for part in each.held] == [category]
    assert len(erasures.kept_back(found.erased)) == 1
    assert look(owner.account_id, person.user_id).account is None
    town.release(hold)
    town.pass_days(2)
    assert holdings.order(desk, owner.account_id, None) is None
    assert erasures.kept_back(erasures.erased(desk, owner.account_id)) == ()


def test_of_whom_a_hold_does_not_concern_nothing_is_held_after_the_erasure(town, desk, look) -> None:
    owner, person = town.company("kari", "ola")
    town.hold(owner.account_id, user_ids=[person.user_id], categories=["letters"])
    town.at(LEAVES)
    town.leave(owner)
    town.at(DUE)
    town.pass_days(1)
    assert counts(look(owner.account_id, person.user_id))["notification", "letters"] > 0
    assert holdings.order(desk, owner.account_id, owner.user_id) is None


def test_a_count_of_one_person_is_shown_of_that_person_alone(town, desk, look) -> None:
    owner, person = town.company("kari", "ola")
    other = town.company("per")[0]
    assert look(owner.account_id, person.user_id).user is not None
    run = holdings.order(desk, owner.account_id, person.user_id)
    assert run is not None
    with pytest.raises(NotFound):
        holdings.holdings(desk, owner.account_id, None, run.dry_run_id, "rights_request")
    with pytest.raises(NotFound):
        holdings.holdings(desk, other.account_id, person.user_id, run.dry_run_id, "rights_request")


def test_of_nobody_nothing_is_held_and_nothing_is_known(desk) -> None:
    assert holdings.order(desk, uuid4(), None) is None
    assert erasures.erased(desk, uuid4(), None) == ()


def test_counting_twice_by_one_form_asks_the_services_once(town, desk) -> None:
    (owner,) = town.company("kari")
    key = uuid4()
    runs: list[Any] = [holdings.order(desk, owner.account_id, None, key=key) for _ in range(2)]
    assert [run.dry_run_id for run in runs] == [key, key]
    assert town.count("retention", "outbox", routing_key="erasure.dry_run_ordered") == 1
