"""A dry run tells what the erasure then takes, service by service, and changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from town import DAY, Town

from services.retention.erasure.rules import UnknownParticipantError
from shared.errors import Conflict, NotFound
from shared.events import Received
from shared.participation.events import ErasureDryRunAnswered
from shared.system import PARTICIPANTS
from tests import in_process

pytestmark = pytest.mark.integration
LEAVES = datetime(2026, 11, 30, 11, tzinfo=UTC)
DUE = datetime(2027, 2, 28, 0, 0, 1, tzinfo=UTC)


def dry_run(town: Town, account_id, user_id=None) -> dict:
    ordered = town.call("retention", "order_dry_run", account_id=account_id, user_id=user_id, actor="staff:ola")
    assert not ordered["complete"]
    town.settle()
    return town.call("retention", "dry_run", dry_run_id=ordered["dry_run_id"])


def told(answer: dict) -> dict[str, dict]:
    return {each["participant"]: each["counts"] for each in answer["participants"]}


def taken(town: Town, account_id) -> dict[str, dict]:
    (erasure,) = town.erasures(account_id)
    return {each["participant"]: each["counts"] for each in erasure["participants"]}


def everything(town: Town) -> dict[str, list]:
    """All rows of all services but those that messages and dry runs leave."""
    passing = (
        "outbox",
        "inbox",
        "intake",
        "trail",
        "node",
        "checkpoint",
        "subject_link",
        "dry_run",
        "dry_run_answer",
    )
    found = {}
    for name in town.owners:
        tables = town.rows(name, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        for (table,) in tables:
            if table not in passing:
                found[f"{name}.{table}"] = town.rows(name, f"SELECT t::text FROM {table} AS t ORDER BY 1")  # noqa: S608
    return found


def test_a_dry_run_tells_just_what_the_erasure_then_takes(town: Town) -> None:
    owner, user = town.company("kari", "ola")
    town.log_in(user)
    town.settle()
    town.at(LEAVES)
    town.leave(owner)
    town.at(DUE - DAY)
    foreseen = dry_run(town, owner.account_id)
    assert (foreseen["complete"], foreseen["held"]) == (True, False)
    assert {each["participant"] for each in foreseen["participants"]} == set(PARTICIPANTS)
    town.at(DUE)
    took, said = taken(town, owner.account_id), told(foreseen)
    # The last letter to the company was written meanwhile, and its addresses were forgotten at Mailgun.
    for kind in ("mailings", "letters", "address_cleanups"):
        assert took["notification"].pop(kind) > said["notification"].pop(kind)
    assert said == took


def test_a_dry_run_changes_no_row_and_fences_no_key(town: Town) -> None:
    owner, user = town.company("kari", "ola")
    town.log_in(user)
    town.settle()
    before, links = everything(town), town.rows("audit", "SELECT ref FROM subject_link")
    foreseen = dry_run(town, owner.account_id)
    assert sum(told(foreseen)["account"].values()) > 0
    assert sum(told(foreseen)["notification"].values()) > 0
    assert everything(town) == before
    assert set(links) <= set(town.rows("audit", "SELECT ref FROM subject_link")), "whom the trail's references name"
    assert town.known(user)


def test_of_one_user_only_that_users_part_is_told(town: Town) -> None:
    owner, _, leaving = town.company("kari", "ola", "per")
    foreseen = told(dry_run(town, owner.account_id, leaving.user_id))
    assert (foreseen["account"]["users"], foreseen["billing-sync"]["tripletex_customers"]) == (1, 0)


def test_what_is_held_is_told_as_kept(town: Town) -> None:
    owner, held = town.company("kari", "ola")
    town.hold(owner.account_id, user_ids=[held.user_id], categories=["profile"])
    town.settle()
    foreseen = dry_run(town, owner.account_id)
    parts = {each["participant"]: each["retained"] for each in foreseen["participants"]}
    assert "legal_hold" in parts["account"]
    assert told(foreseen)["account"]["users"] == 1
    town.hold(owner.account_id)
    town.settle()
    assert dry_run(town, owner.account_id)["held"]


def test_nobody_answers_for_another(town: Town) -> None:
    (owner,) = town.company("kari")
    ordered = town.call("retention", "order_dry_run", account_id=owner.account_id, actor="staff:ola")
    forged = ErasureDryRunAnswered(dry_run_id=ordered["dry_run_id"], participant="account", counts={}, retained=[])
    message = Received(
        id=uuid4(),
        event=forged,
        source="billing-sync",
        time=LEAVES,
        subject=forged.subject,
        correlation_id=uuid4(),
    )
    with pytest.raises(UnknownParticipantError):
        in_process.hear(town.retention, message)
    town.settle()
    shown = town.call("retention", "dry_run", dry_run_id=ordered["dry_run_id"])
    assert (shown["complete"], told(shown)["account"]["accounts"]) == (True, 1)


def test_of_nobody_there_is_no_dry_run_and_an_id_stands_for_one(town: Town) -> None:
    (owner,), (other,) = town.company("kari"), town.company("per")
    with pytest.raises(NotFound):
        town.call("retention", "order_dry_run", account_id=uuid4(), actor="staff:ola")
    with pytest.raises(NotFound):
        town.call("retention", "dry_run", dry_run_id=uuid4())
    same = {"dry_run_id": str(uuid4()), "actor": "staff:ola"}
    first = town.call("retention", "order_dry_run", account_id=owner.account_id, **same)
    again = town.call("retention", "order_dry_run", account_id=owner.account_id, **same)
    assert first == again
    with pytest.raises(Conflict):
        town.call("retention", "order_dry_run", account_id=owner.account_id, with_held=True, **same)
    assert town.count("retention", "outbox", routing_key="erasure.dry_run_ordered") == 1
    with pytest.raises(Conflict):
        town.call("retention", "order_dry_run", account_id=other.account_id, **same)


def test_a_dry_run_is_forgotten_after_a_week(town: Town) -> None:
    (owner,) = town.company("kari")
    ordered = dry_run(town, owner.account_id)
    town.clock.move(8 * DAY)
    in_process.run(town.retention, "purge_dry_runs")
    with pytest.raises(NotFound):
        town.call("retention", "dry_run", dry_run_id=ordered["dry_run_id"])
    assert town.rows("retention", "SELECT count(*) FROM dry_run_answer") == [(0,)]
