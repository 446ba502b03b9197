"""Every cell of role, grant, undertaking, training and act, from the table of acts, tried over a real broker."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

import pytest

from services.staff.approvals.calls import RequestApproval, WithdrawApproval
from services.staff.statements.calls import MOST
from shared.errors import Forbidden
from shared.staff import Act, Role, acts
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


def refused_for_two(house: House, person: Decider, act: str) -> str | None:
    asked = RequestApproval(token=person.token, approval_id=uuid4(), act=act, asked={})
    try:
        shown = house.desk.ask(asked, timeout_seconds=20)
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


@pytest.mark.clause("STAFF-2")
@pytest.mark.parametrize(
    "lack", ["undertaking_over", "training_over", "role_not_granted", "passkeys_missing", "grant_not_live"]
)
def test_who_lacks_one_thing_may_do_nothing_though_they_have_every_role(house, lack):
    assert set(outcomes(house, house.lacking[lack]).values()) == {lack}


def test_the_table_has_acts_of_both_kinds():
    assert len(ALONE) > MOST
    assert {"retention.place_hold", "staff.give_grant"} <= set(BY_TWO)
