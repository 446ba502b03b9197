"""The account service is restored from a backup of before or between: a block stands as it last was decided."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import psycopg
import pytest

from shared.errors import Locked
from shared.privacy import ledger as ledger_module
from shared.privacy.ledger import Ledger
from shared.privacy.ledger_lines import Kind
from shared.privacy.restore_gate import Gate, GateState
from tests.plugins.account_world import Member
from tests.plugins.db_snapshot import SetBack

pytestmark = [pytest.mark.integration, pytest.mark.clause("SUSPECT-1", "FORGET-1")]
STAFF = "staff:kari"
HOUR = timedelta(hours=1)
BLOCKS = {Kind.ACCOUNT_BLOCKED, Kind.ACCOUNT_UNBLOCKED}


@pytest.fixture(autouse=True)
def _new_ledger(two, databases) -> None:
    """The ledger is a new one for each test, and the database knows none."""
    with psycopg.connect(databases.owner_dsn("account"), autocommit=True) as owner:
        owner.execute("UPDATE ledger_position SET position = NULL, hash = NULL, recorded_at = NULL")
    assert gate_of(two).open() is GateState.OPEN


def gate_of(two) -> Gate:
    """The gate of an account process that starts now."""
    ledger = Ledger(two.retention.ledger.path, keys=two.retention.ledger.keys)
    return Gate(ledger, two.world.database, two.world.replayer, clock=two.world.clock)


def facts_of(two, member: Member) -> list[str]:
    """What the ledger tells of blocks of an account, in its order."""
    ledger = Ledger(two.retention.ledger.path, keys=two.retention.ledger.keys)
    return [each.kind for each in ledger.read() if each.account_id == member.account_id and each.kind in BLOCKS]


def decide(two, member: Member, what: str, **more: Any) -> None:
    """A decision of staff, an hour after the one before, which retention hears."""
    two.world.clock.move(HOUR)
    version = two.world.version(member)
    two.world.call(what, account_id=member.account_id, actor=STAFF, version=version, **more)
    two.deliver()


def block(two, member: Member, reason: str = "security") -> None:
    decide(two, member, "block_account", reason=reason)


def unblock(two, member: Member) -> None:
    decide(two, member, "unblock_account")


def standing(two, member: Member) -> tuple[Any, ...]:
    query = "SELECT state, version, blocked_at, block_reason FROM account WHERE id = %s"
    (row,) = two.world.rows(query, member.account_id)
    return row


def restored(two, backup: SetBack) -> GateState:
    backup.restore()
    return gate_of(two).open()


@pytest.mark.parametrize("taken", ["before the block", "between the two", "after both"])
@pytest.mark.parametrize("ends", ["blocked", "open"])
def test_after_any_restore_a_block_stands_as_it_last_was_decided(two, databases, taken, ends):
    member = two.world.sign_up()
    two.deliver()
    first, last = (block, unblock) if ends == "open" else (unblock, block)
    if ends == "blocked":
        block(two, member, "unintended_use")
    backups = {"before the block": SetBack(databases.owner_dsn("account"))} if taken == "before the block" else {}
    first(two, member)
    if taken == "between the two":
        backups[taken] = SetBack(databases.owner_dsn("account"))
    last(two, member)
    if taken == "after both":
        backups[taken] = SetBack(databases.owner_dsn("account"))
    decided = standing(two, member)
    assert (decided[2] is not None, decided[3]) == ((True, "security") if ends == "blocked" else (False, None))
    assert restored(two, backups[taken]) is GateState.OPEN
    assert standing(two, member) == decided
    if ends == "blocked":
        with pytest.raises(Locked):
            two.world.log_in(member)
    else:
        assert two.world.log_in(member)["token"]


def test_what_staff_decide_after_the_restore_counts_and_another_restore_keeps_that_too(two, databases):
    member = two.world.sign_up()
    two.deliver()
    backup = SetBack(databases.owner_dsn("account"))
    block(two, member)
    assert restored(two, backup) is GateState.OPEN
    unblock(two, member)
    assert standing(two, member)[2] is None
    assert gate_of(two).open() is GateState.OPEN
    assert standing(two, member)[2] is None
    assert restored(two, backup) is GateState.OPEN
    assert standing(two, member)[2] is None


def test_a_process_that_dies_between_the_fact_and_its_commit_writes_it_again_and_no_harm_is_done(
    two, databases, monkeypatch
):
    class Killed(BaseException):
        """The process ends between the ledger and the commit."""

    member = two.world.sign_up()
    two.deliver()
    backup = SetBack(databases.owner_dsn("account"))
    append = two.retention.ledger.append

    def append_and_die(facts, now):
        append(facts, now)
        raise Killed

    for decision in (block, unblock, block):
        monkeypatch.setattr(two.retention.ledger, "append", append_and_die)
        with pytest.raises(Killed):
            decision(two, member)
        monkeypatch.setattr(two.retention.ledger, "append", append)
        two.deliver()
    twice = ["account_blocked"] * 2 + ["account_unblocked"] * 2 + ["account_blocked"] * 2
    assert facts_of(two, member) == twice
    decided = standing(two, member)
    assert restored(two, backup) is GateState.OPEN
    assert standing(two, member) == decided
    assert decided[2] is not None


def withheld(two, monkeypatch) -> list[Any]:
    """The facts that are to be written from now on; none comes to the ledger."""
    facts: list[Any] = []
    monkeypatch.setattr(two.retention.ledger, "append", lambda more, _now: facts.extend(more))
    return facts


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=lambda order: "".join(map(str, order)))
def test_in_whatever_order_the_facts_came_the_last_decision_counts(two, databases, monkeypatch, order):
    """Each kind comes to the ledger by a queue of its own: blocked, made inactive, brought back, blocked again."""
    member = two.world.sign_up()
    two.deliver()
    backup = SetBack(databases.owner_dsn("account"))
    written = withheld(two, monkeypatch)
    block(two, member)
    decide(two, member, "deactivate_account", reason="customer_request")
    decide(two, member, "reactivate_account")
    block(two, member, "unintended_use")
    monkeypatch.undo()
    assert [fact.kind for fact in written] == [
        Kind.ACCOUNT_BLOCKED, Kind.ACCOUNT_DEACTIVATED, Kind.ACCOUNT_REACTIVATED, Kind.ACCOUNT_BLOCKED,
    ]  # fmt: skip
    for place in order:
        two.retention.ledger.append([written[place]], two.world.clock.now())
    decided = standing(two, member)
    assert restored(two, backup) is GateState.OPEN
    assert standing(two, member) == decided
    assert decided[0] == "active"
    assert decided[3] == "unintended_use"


def test_a_block_ends_with_the_account_whichever_of_the_two_facts_came_first(two, databases, monkeypatch):
    member = two.world.sign_up()
    two.deliver()
    backup = SetBack(databases.owner_dsn("account"))
    written = withheld(two, monkeypatch)
    block(two, member)
    decide(two, member, "deactivate_account", reason="customer_request")
    monkeypatch.undo()
    for fact in reversed(written):
        two.retention.ledger.append([fact], two.world.clock.now())
    decided = standing(two, member)
    assert restored(two, backup) is GateState.OPEN
    assert standing(two, member) == decided
    assert decided[:1] + decided[2:] == ("inactive", None, None)


def test_a_version_from_before_blocks_were_facts_refuses_a_ledger_that_has_one(two, monkeypatch):
    member = two.world.sign_up()
    two.deliver()
    assert gate_of(two).open() is GateState.OPEN, "a ledger without such facts is read as ever"
    block(two, member)
    monkeypatch.setattr(ledger_module, "KINDS", ledger_module.KINDS - {"account_blocked", "account_unblocked"})
    gate = gate_of(two)
    assert gate.open() is GateState.BROKEN
    assert "account_blocked" in gate.reason
    assert "at least as new" in gate.reason
