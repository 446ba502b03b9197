"""Calls of staff over the bus: with a signed statement for just this call, which counts once, and nobody else's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest

from shared.bus.rpc_client import BusCaller
from shared.clock import Clock
from shared.context import acting_as
from shared.errors import Conflict, Forbidden
from shared.identifiers import new_id
from shared.statements import StatementSigner, call_digest, scope_of
from tests.integration.bus.harness import Bench
from tests.staff_statements import SIGNER, approval, statement_for
from tests.waiting import until

pytestmark = pytest.mark.integration
ACCOUNT = UUID("0192f6c0-0000-7000-8000-00000000000a")


@pytest.fixture(scope="module")
def desk(bench: Bench) -> Iterator[BusCaller]:
    """The process of the desk, which signs nothing by itself."""
    made = BusCaller(bench.broker.uri("desk"), name="desk")
    made.open(wait_seconds=10)
    yield made
    made.close()


@pytest.fixture
def ask(probe: Bench, desk: BusCaller, signer: StatementSigner):
    """Make a call with a statement that is right but for the given claims."""

    def asked(
        method, *, as_user=desk, key=None, by=signer, approved=None, now=None, signed=None, claims=None, **fields
    ):
        said = claims or {}
        token = (
            by.sign(statement_for("account", method, fields, approval=approved, now=now, **said))
            if signed is None
            else signed
        )
        more = {"idempotency_key": key} if key else {}
        person = said.get("sub", approved.requested_by if approved else "kari")
        with acting_as(f"staff:{person}", signed_statement=token):
            return as_user.call("account", method, timeout_seconds=10, **fields, **more)

    return asked


def reason(refused) -> str:
    return refused.value.details["reason"]


def test_who_acts_is_who_staff_have_signed(probe, ask):
    assert ask("decide", number=1) == {"number": 1, "rows": 1}
    assert ask("decide", number=1, actor="staff:kari") == {"number": 1, "rows": 2}
    assert ask("look", account_id=str(ACCOUNT))["number"] == 2


@pytest.mark.parametrize("method", ["decide", "change"])
def test_a_statement_counts_once(probe, ask, signer, method):
    signed = signer.sign(statement_for("account", method, {"number": 2}))
    assert ask(method, signed=signed, number=2)["rows"] == 1
    with pytest.raises(Forbidden) as refused:
        ask(method, signed=signed, number=2)
    assert reason(refused) == "statement_spent"
    assert probe.numbers() == [2]


@pytest.mark.parametrize("method", ["decide", "change"])
def test_one_of_several_at_once_is_carried_out(probe, ask, signer, method):
    signed = signer.sign(statement_for("account", method, {"number": 3}))

    def attempt(_):
        try:
            return ask(method, signed=signed, number=3)["rows"]
        except Forbidden as refused:
            return refused.details["reason"]

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(8)))
    assert sorted(map(str, outcomes)) == ["1", *["statement_spent"] * 7]
    assert probe.numbers() == [3]


@pytest.mark.parametrize("method", ["decide", "change"])
def test_what_was_refused_has_not_used_it_up(probe, ask, signer, method):
    signed = signer.sign(statement_for("account", method, {"number": 13}))
    for _ in range(2):
        with pytest.raises(Conflict):
            ask(method, signed=signed, number=13)
    assert probe.rows("SELECT id FROM spent_statement") == []


def test_who_repeats_a_request_with_its_key_gets_the_first_reply(probe, ask, signer):
    first = ask("decide", key="once", number=4)
    signed = signer.sign(statement_for("account", "decide", {"number": 4}))
    assert ask("decide", key="once", signed=signed, number=4) == first
    assert probe.numbers() == [4]
    assert ask("decide", signed=signed, number=4)["rows"] == 2, "the repetition has not used its statement up"
    with pytest.raises(Conflict):
        ask("decide", key="once", number=5)


def test_another_person_gets_no_reply_by_a_key_that_is_not_theirs(probe, ask):
    ask("decide", key="mine", number=6)
    assert ask("decide", key="mine", number=6, claims={"sub": "ola"})["rows"] == 2


def test_a_reply_that_was_kept_is_not_given_to_who_reaches_others_by_now_and_nothing_is_done_twice(probe, ask):
    both, one, other = (scope_of(accounts) for accounts in ([ACCOUNT, new_id()], [ACCOUNT], [new_id()]))
    first = ask("decide", key="kept", number=9, claims={"scope": both})
    assert ask("decide", key="kept", number=9, claims={"scope": both}) == first
    for narrowed in (one, other):
        with pytest.raises(Conflict):
            ask("decide", key="kept", number=9, claims={"scope": narrowed})
    ask("decide", key="of_all", number=10)
    with pytest.raises(Conflict):
        ask("decide", key="of_all", number=10, claims={"scope": one})
    assert sorted(probe.numbers()) == [9, 10]


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"aud": "audit"}, "wrong_audience"),
        ({"act": "account.change"}, "wrong_act"),
        ({"azp": "gateway"}, "wrong_party"),
        ({"digest": call_digest("account", "decide", {"number": 8})}, "wrong_call"),
        ({"digest": call_digest("account", "change", {"number": 7})}, "wrong_call"),
        ({"account": ACCOUNT}, "wrong_account"),
    ],
)
def test_a_statement_for_another_call_is_refused(probe, ask, claims, why):
    with pytest.raises(Forbidden) as refused:
        ask("decide", number=7, claims=claims)
    assert reason(refused) == why
    assert probe.numbers() == []


@pytest.mark.parametrize(
    ("seconds", "why"),
    [
        (-61, "expired"),
        (-120, "expired"),
        (-3600, "expired"),
        (120, "clock_ahead"),
        (-5, None),
        (5, None),
        (-40, None),
    ],
)
def test_clocks_may_differ_by_five_seconds(probe, ask, seconds, why):
    now = Clock().now() + timedelta(seconds=seconds)
    if why is None:
        assert ask("decide", number=9, now=now)["rows"] == 1
        return
    with pytest.raises(Forbidden) as refused:
        ask("decide", number=9, now=now)
    assert reason(refused) == why
    assert probe.numbers() == []


def test_readiness_tells_of_clocks_that_differ(probe, ask, running):
    with pytest.raises(Forbidden):
        ask("decide", number=9, now=Clock().now() + timedelta(minutes=2))
    status, body = running.health("/readyz")
    assert (status, json.loads(body)["warnings"]) == (200, ["clock_differs_from_staff"])


def test_a_key_that_staff_do_not_have_signs_nothing(probe, ask):
    with pytest.raises(Forbidden) as refused:
        ask("decide", number=7, by=SIGNER)
    assert reason(refused) == "unknown_key"
    for token in ("", "x", "a.b.c", "A" * 5000, "ø.ø.ø"):
        with pytest.raises(Forbidden) as refused:
            ask("decide", number=7, signed=token)
        assert reason(refused) in ("malformed", "too_long")


def test_without_a_statement_the_desk_speaks_for_nobody(probe, desk, caller):
    with acting_as("staff:kari"), pytest.raises(Forbidden) as refused:
        desk.call("account", "decide", number=1)
    assert reason(refused) == "statement_missing"
    with acting_as("staff:kari"), pytest.raises(Forbidden) as refused:
        desk.call("account", "echo", text="what is nothing that staff do")
    assert reason(refused) == "statement_missing"
    assert desk.call("account", "ping")["service"] == "account"
    assert caller.call("account", "echo", text="nobody of the staff")["text"] == "nobody of the staff"
    assert probe.numbers() == []


def test_the_brokers_administrator_makes_no_act_either(probe):
    password = probe.broker.infrastructure.broker.admin_password
    uri = f"amqp://admin:{password}@{probe.broker.host}:{probe.broker.port}/{probe.broker.vhost}"
    admin = BusCaller(uri, name="admin", default_seconds=10)
    try:
        for actor in ("system", "staff:kari"):
            with acting_as(actor), pytest.raises(Forbidden) as refused:
                admin.call("account", "decide", number=1)
            assert reason(refused) == "statement_missing"
        assert admin.call("account", "echo", text="as services do")["text"] == "as services do"
    finally:
        admin.close()
    assert probe.numbers() == []


def test_a_statement_is_for_acts_only(probe, ask):
    with pytest.raises(Forbidden) as refused:
        ask("echo", text="hello")
    assert reason(refused) == "not_an_act"


def test_whoever_gets_hold_of_a_statement_cannot_present_it(probe, ask, caller):
    with pytest.raises(Forbidden) as refused:
        ask("decide", as_user=caller, number=1)
    assert reason(refused) == "wrong_party"


def test_who_is_said_to_act_is_who_signed_in(probe, ask, desk, signer):
    with pytest.raises(Forbidden) as refused:
        ask("decide", number=1, actor="staff:ola")
    assert reason(refused) == "wrong_person"
    token = signer.sign(statement_for("account", "decide", {"number": 1}))
    with acting_as("staff:ola", signed_statement=token), pytest.raises(Forbidden) as refused:
        desk.call("account", "decide", number=1)
    assert reason(refused) == "wrong_person"
    assert probe.numbers() == []


class TestTwoPersons:
    def test_what_another_has_approved_is_carried_out_once(self, probe, ask):
        approved = approval()
        assert ask("decide_together", approved=approved, number=1)["rows"] == 1
        for person in ("kari", "ola"):
            with pytest.raises(Forbidden) as refused:
                ask("decide_together", approved=approved, number=1, claims={"sub": person})
            assert reason(refused) == "statement_spent"
        assert probe.numbers() == [1]
        done = self.published(probe, "act.carried_out")
        assert [(body["subject"], body["actor"], body["data"]["act"]) for body in done] == [
            (f"approval/{approved.id}", "staff:kari", "account.decide_together")
        ]

    def test_a_rehearsal_is_refused_as_it_would_be_and_leaves_nothing(self, probe, ask):
        approved, tried = approval(), {"rehearsal": True}
        assert ask("decide_together", approved=approved, number=1, claims=tried) == {}
        with pytest.raises(Conflict):
            ask("decide_together", approved=approved, number=13, claims=tried)
        assert probe.numbers() == []
        assert probe.rows("SELECT id FROM spent_statement") == []
        assert self.published(probe, "act.carried_out") == []
        assert ask("decide_together", approved=approved, number=1)["rows"] == 1
        with pytest.raises(Forbidden) as refused:
            ask("decide_together", approved=approved, number=1, claims=tried)
        assert reason(refused) == "statement_spent"

    def test_what_takes_one_person_is_not_rehearsed(self, probe, ask):
        for method in ("decide", "change"):
            with pytest.raises(Forbidden) as refused:
                ask(method, number=1, claims={"rehearsal": True})
            assert reason(refused) == "rehearsal_needless"
        assert probe.numbers() == []

    def test_the_same_approval_with_other_fields_is_another_act(self, probe, ask, signer):
        approved = approval()
        signed = signer.sign(statement_for("account", "decide_together", {"number": 1}, approval=approved))
        with pytest.raises(Forbidden) as refused:
            ask("decide_together", signed=signed, approved=approved, number=2)
        assert reason(refused) == "wrong_call"
        assert ask("decide_together", signed=signed, approved=approved, number=1)["rows"] == 1

    @pytest.mark.parametrize(
        ("approved", "claims", "why"),
        [
            (None, {}, "approval_missing"),
            (approval("kari", "kari"), {}, "approved_by_who_asked"),
            (approval(), {"jti": new_id()}, "approval_of_others"),
            (approval(), {"sub": "per"}, "approval_of_others"),
        ],
    )
    def test_one_person_is_not_two(self, probe, ask, approved, claims, why):
        with pytest.raises(Forbidden) as refused:
            ask("decide_together", approved=approved, number=1, claims=claims)
        assert reason(refused) == why
        assert probe.numbers() == []

    def test_typed_codes_are_those_of_the_two_or_refused(self, probe, ask):
        by = {"requested_by": "staff:kari", "approved_by": "staff:ola"}
        assert ask("decide_together", approved=approval(), number=1, **by)["rows"] == 1
        for wrong in ({"approved_by": "staff:per"}, {"requested_by": "staff:ola"}):
            with pytest.raises(Forbidden) as refused:
                ask("decide_together", approved=approval(), number=1, **by | wrong)
            assert reason(refused) == "wrong_person"
        assert probe.numbers() == [1]

    @staticmethod
    def published(probe, kind):
        bodies = (json.loads(bytes(row["body"])) for row in probe.rows("SELECT body FROM outbox ORDER BY id"))
        return [body for body in bodies if body["type"] == kind]


def test_every_refusal_is_told_with_its_reason_and_the_person_that_was_signed(probe, ask):
    for _ in range(3):
        with pytest.raises(Forbidden):
            ask("look", account_id=None, claims={"act": "account.decide", "sub": "per"})
    with pytest.raises(Forbidden):
        ask("look", account_id=None, by=SIGNER)
    mine = {"scope": scope_of([UUID(int=4)])}
    assert ask("find", number=4, claims=mine)["rows"] == 1
    with pytest.raises(Forbidden, match="not granted") as refused:
        ask("find", number=5, claims=mine)
    assert reason(refused) == "other_account"
    assert probe.numbers() == [4], "it was signed, and was not done"

    def told():
        found = TestTwoPersons.published(probe, "statement.refused")
        return {(body["data"]["reason"], body["actor"]): body["data"] for body in found}

    until(
        lambda: (
            {("wrong_act", "staff:per"), ("unknown_key", "system"), ("other_account", "staff:kari")}
            <= told().keys()
        ),
        seconds=30,
        what="the report",
    )
    report = told()["wrong_act", "staff:per"]
    assert (report["caller"], report["act"]) == ("desk", "account.look")
    assert report["count"] in (1, 2, 3), "what came while the first was told is told later"
