"""Every cell of role, grant, undertaking, training and act, from the table of acts, tried over a real broker."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID, uuid4

import pytest

from services.desk.known_calls import known_call
from services.desk.scram import make_password
from services.staff.approvals.calls import WithdrawApproval
from services.staff.statements.calls import MOST
from shared.context import acting_as
from shared.errors import Forbidden, Refused
from shared.staff import Act, KnownAct, Purpose, Role, acts
from shared.system import DATABASES
from tests.examples import example
from tests.integration.staff.deciders import Decider, asked_for
from tests.integration.staff.house import House

pytestmark = pytest.mark.integration

BOOLS: Final = (True, False)
ALONE: Final = sorted(name for name, known in acts().items() if not known.act.two_persons)
BY_TWO: Final = sorted(name for name, known in acts().items() if known.act.two_persons)


@dataclass(frozen=True, kw_only=True)
class State:
    """What everybody has who has a role at all: a grant that is live, an undertaking and training that count."""

    grant: bool
    undertaking: bool
    training: bool

    def lacks(self, role: Role, act: Act) -> str | None:
        """What somebody of this role lacks for this act: as the rule says it, and not by the rule."""
        if not self.undertaking:
            return "undertaking_over"
        if not self.training:
            return "training_over"
        if role not in act.roles:
            return "role_not_granted"
        return None if self.grant else "grant_not_live"


STATES: Final = [
    State(grant=grant, undertaking=undertaking, training=training)
    for grant, undertaking, training in itertools.product(BOOLS, BOOLS, BOOLS)
]


@contextmanager
def brought_about(house: House, state: State) -> Iterator[None]:
    """Everybody in this state, for as long as the block lasts."""
    ending = (
        "UPDATE prerequisite SET ended_at = now(), ended_because = 'mistaken' WHERE kind = %s AND ended_at IS NULL"
    )
    ended = [kind for kind in ("undertaking", "training") if not getattr(state, kind)]
    house.owner.execute("CREATE TEMP TABLE kept_grant AS SELECT id, begins_at, expires_at FROM role_grant")
    house.owner.execute("CREATE TEMP TABLE kept_prerequisite AS SELECT id FROM prerequisite WHERE ended_at IS NULL")
    for kind in ended:
        house.owner.execute(ending, (kind,))
    if not state.grant:
        house.owner.execute(
            "UPDATE role_grant SET begins_at = now() - interval '2 days', expires_at = now() - interval '1 day'"
        )
    try:
        yield
    finally:
        house.owner.execute(
            "UPDATE prerequisite SET ended_at = NULL, ended_because = NULL"
            " WHERE id IN (SELECT id FROM kept_prerequisite)"
        )
        house.owner.execute(
            "UPDATE role_grant SET begins_at = kept.begins_at, expires_at = kept.expires_at"
            " FROM kept_grant kept WHERE kept.id = role_grant.id"
        )
        house.owner.execute("DROP TABLE kept_grant, kept_prerequisite")


def outcomes(house: House, person: Decider) -> dict[str, str | None]:
    """What comes of each act: why it is not signed, or not asked for where it takes two."""
    found: dict[str, str | None] = {}
    for at in range(0, len(ALONE), MOST):
        names = ALONE[at : at + MOST]
        signed = house.sign(person, *[asked_for(name, {}) for name in names])
        assert all((each.statement is None) is (each.refusal is not None) for each in signed)
        found |= {name: each.refusal for name, each in zip(names, signed, strict=True)}
    return found | {name: refused_for_two(house, person, name) for name in BY_TWO}


def refused_for_two(
    house: House, person: Decider, act: str, about: Mapping[str, Any] = MappingProxyType({})
) -> str | None:
    try:
        shown = house.request(person, act, dict(about))
    except Forbidden as refused:
        return str(refused.details["reason"])
    taken_back = WithdrawApproval(token=person.token, approval_id=shown.approval_id, version=shown.version)
    house.desk.ask(taken_back, timeout_seconds=20)
    return None


def told_since(house: House, mark: int, code: str) -> dict[str, str]:
    """What the trail is told that this person may not do, with the reason, after this row of the outbox."""
    rows = house.owner.execute(
        "SELECT body FROM outbox WHERE id > %s AND routing_key IN ('staff.acts_refused', 'approval.not_taken')"
        " ORDER BY id",
        (mark,),
    ).fetchall()
    told: dict[str, str] = {}
    for body in (json.loads(bytes(row[0])) for row in rows):
        if body["actor"] == f"staff:{code}":
            data = body["data"]
            told |= dict.fromkeys(data.get("acts") or [data["act"]], data["reason"])
    return told


def refused(expected: Mapping[str, str | None]) -> dict[str, str]:
    return {act: why for act, why in expected.items() if why is not None}


@pytest.mark.clause("STAFF-1")
@pytest.mark.clause("STAFF-2")
@pytest.mark.parametrize("state", STATES, ids=str)
def test_each_role_may_do_what_the_table_says_and_nothing_else(house, state):
    with brought_about(house, state):
        for role in Role:
            person = house.people[role.value]
            mark = house.owner.execute("SELECT coalesce(max(id), 0) FROM outbox").fetchone()[0]
            expected = {name: state.lacks(role, known.act) for name, known in acts().items()}
            assert outcomes(house, person) == expected, role
            assert told_since(house, mark, person.code) == refused(expected), role


# ── what is permitted, carried to the service that it is for ─────────────────────────────────────────────────────

ON_THE_WAY: Final = {
    "account.correct_org_number": {"org_number": "803772096"},
    "account.correct_company": {"phone": "90054321"},
    "account.correct_user": {"phone": "90054321"},
    "account.search_accounts": {"review_required": True},
    "audit.trail": {"subject": f"account/{uuid4()}"},
    "audit.trail_by_actor": {"done_by": "staff:kari"},
    "notification.start_campaign": {"text_sha256": "0" * 64},
    "cases.add_affected": {"account_ids": [str(uuid4())]},
    "cases.assign_case": {"owner": "staff:kari"},
    "cases.charge_customer": {"evidence_sha256": "0" * 64},
    "cases.draft_notice": {"measures": ["data_restored"]},
    "cases.draft_security_notice": {
        "changes": ["measure_added"],
        "found_by": ["own_review"],
        "plans": ["put_right"],
    },
    "registers.set_duty": {"week_on": "2027-01-04", "person": "staff:kari", "deputy": "staff:ola"},
    "retention.count_kept": {"account_ids": [str(uuid4())]},
    "retention.place_hold": {"case_ref": "tvist-2026-1", "owner": "staff:kari"},
    "retention.release": {"erasure_ids": [str(uuid4())]},
    "retention.request_early_erasure": {"evidence": "sak-2026-1"},
    "staff.invite_person": {"token_digest": "0" * 64},
    "staff.issue_recovery_link": {"token_digest": "0" * 64},
    "staff.renew_invitation": {"token_digest": "0" * 64},
    "staff.set_database_password": {"verifier": make_password().verifier},
}
"""Fields without which a call is no call; the rest is whatever fits."""


def fields_of(name: str, person: Decider) -> dict[str, Any]:
    """Fields of the call that are right as such, about something that is nowhere."""
    service, _, method = name.partition(".")
    call = known_call(service, method)
    names = {field.name for field in fields(call)}
    who = {"actor": f"staff:{person.code}"} if "actor" in names else {}
    return call.from_json(example(call, **who | ON_THE_WAY.get(name, {}))).to_json()


def turned_away(house: House, person: Decider, name: str, asked: dict[str, Any], token: str | None) -> str | None:
    """Why the service does not let the call in; None where it gets as far as what is done, or not done, in it.

    What is asked about is nowhere, so most calls end in a refusal, but in one that only their own work raises.
    """
    try:
        house.do(person, name, asked, token=token)
    except Forbidden as refused:
        return str(refused.details.get("reason", refused.code))
    except Refused:
        return None
    return None


def approver_of(house: House, act: Act, asking: Decider) -> Decider:
    """Somebody else whose role lets them approve it."""
    others = (house.people[role.value] for role in act.roles)
    return next((other for other in others if other is not asking), house.people["kari"])


@pytest.fixture(scope="module")
def everybody(house, reader) -> Iterator[House]:
    """All services that staff ask, each as a process of its own, and a database that can be looked into."""
    assert reader.enters("nothing that was set")
    others = [name for name in DATABASES if name not in ("staff", "audit")]
    stacks = [ExitStack() for _ in others]
    with ThreadPoolExecutor(len(others)) as pool:
        try:
            list(pool.map(lambda stack, name: stack.enter_context(house.running(name)), stacks, others))
            yield house
        finally:
            list(pool.map(ExitStack.close, stacks))


@pytest.mark.clause("STAFF-1")
@pytest.mark.parametrize("role", Role)
def test_what_a_role_may_do_the_service_that_is_asked_lets_in(everybody, role):
    house, person, met = everybody, everybody.people[role.value], {}
    house.owner.execute(
        "DELETE FROM approval"
    )  # nobody tells staff here of what was done, and so it stands as asked
    mine = {name: known.act for name, known in acts().items() if role in known.act.roles}
    alone = sorted(name for name, act in mine.items() if not act.two_persons)
    for at in range(0, len(alone), MOST):
        asked = {name: fields_of(name, person) for name in alone[at : at + MOST]}
        signed = house.sign(person, *itertools.starmap(asked_for, asked.items()))
        for (name, said), each in zip(asked.items(), signed, strict=True):
            met[name] = turned_away(house, person, name, said, each.statement)
    for name in mine.keys() - met.keys():
        said = fields_of(name, person)
        seen = house.request(person, name, said)
        house.approve(approver_of(house, mine[name], person), seen)
        (each,) = house.sign(person, asked_for(name, said, seen.approval_id))
        met[name] = turned_away(house, person, name, said, each.statement)
    assert met == dict.fromkeys(mine)


@pytest.mark.clause("STAFF-1")
def test_no_act_gets_that_far_without_a_statement(everybody):
    person = everybody.people["kari"]
    met = {}
    for name in acts():
        service, _, method = name.partition(".")
        with acting_as(f"staff:{person.code}"), pytest.raises(Forbidden) as refused:
            everybody.desk.call(service, method, timeout_seconds=20, **fields_of(name, person))
        met[name] = refused.value.details["reason"]
    assert met == dict.fromkeys(acts(), "statement_missing")


@pytest.mark.clause("STAFF-2")
@pytest.mark.parametrize(
    "lack", ["undertaking_over", "training_over", "role_not_granted", "passkeys_missing", "grant_not_live"]
)
def test_who_lacks_one_thing_may_do_nothing_though_they_have_every_role(house, lack):
    assert set(outcomes(house, house.lacking[lack]).values()) == {lack}


# ── for some customers ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Scoped:
    """Somebody with every part that does something about one customer, each for the customers `mine` alone."""

    person: Decider
    mine: tuple[str, str]

    def lacks(self, act: KnownAct, account: str | None) -> str | None:
        """What they lack for this act about this customer: as the rule says it, and not by the rule."""
        if not set(act.act.roles) & set(PARTS):
            return "role_not_granted"
        if account is None:
            return None if act.act.resolves else "some_customers"
        return None if account in self.mine else "other_account"


PARTS: Final = tuple(sorted({role for known in acts().values() if known.act.shows for role in known.act.roles}))


@pytest.fixture(scope="module")
def scoped(house) -> Scoped:
    """One grant a part, for two customers."""
    person, mine = Decider.sworn(house.stage, "scoped"), (str(uuid4()), str(uuid4()))
    for role in PARTS:
        person.granted(role, Purpose.OPERATIONS, account_ids=tuple(map(UUID, mine)))
    return Scoped(person=person, mine=mine)


def names_customer(name: str) -> bool:
    """Whether the call says which customer it is about."""
    service, _, method = name.partition(".")
    return "account_id" in {each.name for each in fields(known_call(service, method))}


@pytest.mark.clause("STAFF-1")
@pytest.mark.parametrize("whose", ["mine", "also mine", "another's", "nobody's"])
def test_who_acts_for_some_customers_does_what_is_about_one_of_them_and_nothing_else(house, scoped, whose):
    account = {"mine": scoped.mine[0], "also mine": scoped.mine[1], "another's": str(uuid4())}.get(whose)
    asked = {name: {"account_id": account} if account and names_customer(name) else {} for name in acts()}
    mark = house.owner.execute("SELECT coalesce(max(id), 0) FROM outbox").fetchone()[0]
    expected = {name: scoped.lacks(known, asked[name].get("account_id")) for name, known in acts().items()}
    met = {}
    for at in range(0, len(ALONE), MOST):
        names = ALONE[at : at + MOST]
        signed = house.sign(scoped.person, *[asked_for(name, asked[name]) for name in names])
        met |= {name: each.refusal for name, each in zip(names, signed, strict=True)}
    met |= {name: refused_for_two(house, scoped.person, name, asked[name]) for name in BY_TWO}
    assert met == expected
    assert told_since(house, mark, "scoped") == refused(expected)
    assert {None, "role_not_granted"} < set(expected.values())


def test_the_table_has_acts_of_both_kinds():
    assert len(ALONE) > MOST
    assert {"retention.place_hold", "staff.give_grant"} <= set(BY_TWO)
