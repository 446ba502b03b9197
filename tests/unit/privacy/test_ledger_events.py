"""Events in the ledger: lines of the second format, beside those of the first, which stay as they are."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4, uuid5

import pytest

from services.retention.ledger import facts
from services.retention.ledger.feature import Ledger as LedgerFeature
from shared.bus.declarations import HandlesSpec, Service, specifications
from shared.bus.discovery import hears_each
from shared.bus.service_restore_gate import admission_to
from shared.bus.topology import topology_of
from shared.canonical_json import canonical
from shared.clock import FixedClock
from shared.config import load
from shared.database import Database
from shared.errors import Unavailable
from shared.events import Code, Event
from shared.privacy.fact_replay import Replayers
from shared.privacy.ledger import Ledger
from shared.privacy.ledger_errors import LedgerAltered, LedgerTooNew
from shared.privacy.ledger_lines import (
    KINDS,
    NO_ACCOUNT,
    ORIGIN,
    Fact,
    Happening,
    Kind,
    Mark,
    UnfitFact,
    kind_of,
)
from shared.signing import signed_line
from tests.unit.privacy.ledger_samples import (
    HOLDER,
    KEY,
    NAMESPACE,
    START,
    PassRevoked,
    account,
    erased,
    ledger_of,
    received,
    revoked,
    writer_at,
)

pytestmark = [pytest.mark.unit, pytest.mark.clause("FORGET-1")]

FIRST_FORMAT = Path(__file__).parent / "data/ledger_of_the_first_format.jsonl"
"""Written by the last version that knew no other one: two signatures of it, a purge in between."""
HEAD = Mark(5, "586b3fff0d9bd8bbf38533223f2acbc3183b4f6a42ee3dc0a69e0329395a659d")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def path(tmp_path) -> Path:
    """A ledger in which events stand among facts of the first format."""
    writer = ledger_of(tmp_path / "ledger.jsonl", 2)
    writer.append([Fact.of_event(received(revoked(1))), erased(3)], START + 3 * MINUTE)
    writer.append([Fact.of_event(received(revoked(2, returned_on=date(2027, 1, 6))))], START + 4 * MINUTE)
    return writer.path


def reader(path: Path) -> Ledger:
    return Ledger(path, keys=[KEY.public])


# ── the first format ──────────────────────────────────────────────────────────────────────────────────────


def test_a_ledger_of_the_first_format_verifies_with_the_hashes_that_databases_recorded():
    ledger = reader(FIRST_FORMAT)
    assert ledger.verify().head == HEAD
    assert [(each.kind, each.account_id, each.happening) for each in ledger.read()] == [
        (Kind.HOLD_PLACED, account(1), None),
        (Kind.OBJECTION, account(1), None),
        (Kind.ACCOUNT_ERASED, account(2), None),
        (Kind.ACCOUNT_ERASED, account(3), None),
    ]
    assert list(ledger.read(HEAD)) == []


def test_facts_of_accounts_are_written_to_the_byte_as_they_were(tmp_path):
    """So processes of both versions go on side by side until the first event is written."""
    user, hold = uuid5(NAMESPACE, "user 1"), uuid5(NAMESPACE, "hold 1")
    left = {"version": "v3", "since": START.isoformat(timespec="microseconds"), "clock_id": str(hold)}
    scope = {"user_ids": (str(user),), "categories": ("letters", "logins")}
    placed = {"hold_id": str(hold), **scope, "starts_on": "2027-01-05"}
    writer = writer_at(tmp_path / "ledger.jsonl")
    for number, fact in enumerate((
        Fact(kind=Kind.USER_DEACTIVATED, account_id=account(1), user_id=user, data=left),
        Fact(kind=Kind.HOLD_PLACED, account_id=account(1), data=placed),
        Fact(kind=Kind.OBJECTION, account_id=account(1), user_id=user, data={"class": "marketing"}),
        erased(2),
    ), start=1):  # fmt: skip
        writer.append([fact], START + number * MINUTE)
    writer.purge(START + 2 * MINUTE, START + timedelta(days=40))
    writer.append([erased(3)], START + timedelta(days=40))
    assert writer.path.read_bytes() == FIRST_FORMAT.read_bytes()


def test_events_go_on_in_a_ledger_of_the_first_format(tmp_path):
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(FIRST_FORMAT.read_bytes())
    writer = writer_at(path, created=False)
    (entry,) = writer.append([Fact.of_event(received(revoked(1)))], START + timedelta(days=41))
    assert (entry.position, entry.previous) == (6, HEAD.hash)
    assert list(reader(path).read(HEAD)) == [entry]
    assert path.read_bytes().startswith(FIRST_FORMAT.read_bytes())


# ── the second ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_line_with_an_event_is_frozen_to_the_byte(path):
    values = json.loads(path.read_bytes().splitlines()[3])
    assert values.pop("signature")
    assert values.pop("previous")
    assert values == {
        "account_id": "00000000-0000-0000-0000-000000000000",
        "actor": "staff:kari",
        "at": "2027-01-05T09:03:00.000000+00:00",
        "data": {
            "doors": ["front", "archive"],
            "holder_id": str(HOLDER),
            "pass_id": str(revoked(1).pass_id),
            "reason": "lost",
        },
        "format": 2,
        "key_id": KEY.public.id,
        "kind": "pass.revoked",
        "position": 3,
        "replayed_by": ["porter"],
        "sequence": 7,
        "since": "2027-01-05T09:00:00.000000+00:00",
        "subject": f"holder/{HOLDER}",
        "user_id": None,
    }


def test_an_event_is_read_back_as_it_was(path):
    found = [each for each in reader(path).read() if each.happening]
    assert [each.event(PassRevoked) for each in found] == [revoked(1), revoked(2, returned_on=date(2027, 1, 6))]
    assert found[0].happening == Happening(
        subject=f"holder/{HOLDER}", since=START, actor="staff:kari", sequence=7, replayed_by=("porter",)
    )
    assert (found[0].account_id, found[0].user_id) == (NO_ACCOUNT, None)


def test_who_reads_the_first_format_alone_finds_all_that_it_reads_and_a_kind_that_it_does_not_know(path):
    """It says that the ledger is too new for it. «Altered» would ask a person to do away with the line."""
    for line in path.read_bytes().splitlines()[1:]:
        raw = json.loads(line)
        assert UUID(raw["account_id"])
        assert raw["user_id"] is None
        assert all(isinstance(each, str | list) for each in raw["data"].values())
        assert (raw["kind"] in KINDS) is ("format" not in raw)


def test_the_chain_over_both_formats_verifies_is_purged_and_goes_on(path):
    ledger = reader(path)
    head = ledger.verify().head
    assert (head.position, ledger.extent()[1]) == (5, head)
    writer = writer_at(path, created=False)
    assert writer.purge(START + 3 * MINUTE, START + timedelta(days=40)) == 2
    assert ledger.verify(head).head == head
    assert [each.kind for each in ledger.read()] == ["pass.revoked", Kind.ACCOUNT_ERASED, "pass.revoked"]


@pytest.mark.parametrize("member", ["subject", "since", "actor", "sequence", "replayed_by", "format"])
def test_what_a_line_says_of_its_event_is_signed(path, member):
    line = path.read_bytes().splitlines()[3]
    changed = {"subject": f"other/{HOLDER}", "since": "2027-01-06T09:00:00.000000+00:00", "actor": "system",
               "sequence": 8, "replayed_by": ["audit"], "format": None}[member]  # fmt: skip
    path.write_bytes(path.read_bytes().replace(line, canonical({**json.loads(line), member: changed})))
    with pytest.raises(LedgerAltered, match="position 3"):
        list(reader(path).read())


def test_a_format_of_a_later_version_is_refused_as_such(tmp_path):
    writer = writer_at(tmp_path / "ledger.jsonl")
    opening = writer.opening()
    later = {"position": 1, "previous": opening.mark.hash, "format": 3, "kind": "pass.revoked"}
    with writer.path.open("ab") as stream:
        stream.write(signed_line(ORIGIN, later, KEY) + b"\n")
    with pytest.raises(LedgerTooNew, match="at least as new"):
        list(writer.read())


def test_an_event_of_a_kind_that_nobody_here_knows_is_passed_by_whoever_only_reads_or_writes(path):
    line = json.loads(path.read_bytes().splitlines()[-1])
    after = reader(path).verify().head
    unknown = {name: value for name, value in line.items() if name not in ("signature", "key_id")}
    unknown |= {"kind": "door.walled_up", "position": after.position + 1, "previous": after.hash}
    with path.open("ab") as stream:
        stream.write(signed_line(ORIGIN, unknown, KEY) + b"\n")
    assert [each.kind for each in reader(path).read(after)] == ["door.walled_up"]
    writer_at(path, created=False).append([erased(9)], START + 5 * MINUTE)
    assert reader(path).verify().head.position == after.position + 2


# ── what fits ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class SeatTaken(Event):
    """About an account and a person of it, in a second version."""

    type = "seat.taken"
    version = 2
    source = "porter"
    replayed_by = ("porter", "audit")
    account_id: UUID
    user_id: UUID

    @property
    def subject(self) -> str:
        return f"user/{self.user_id}"


@dataclass(frozen=True, kw_only=True)
class DoorsCounted(Event):
    """Holds what the ledger has no form for."""

    type = "doors.counted"
    source = "porter"
    replayed_by = ("porter",)
    house_id: UUID
    doors: int
    locked: dict[Code, int]

    @property
    def subject(self) -> str:
        return "houses"


def test_an_event_about_an_account_names_it_as_facts_of_the_first_format_do(tmp_path):
    event = SeatTaken(account_id=account(1), user_id=uuid4())
    (entry,) = writer_at(tmp_path / "ledger.jsonl").append([Fact.of_event(received(event, sequence=None))], START)
    assert (entry.account_id, entry.user_id) == (account(1), event.user_id)
    assert entry.happening is not None
    assert (entry.happening.sequence, entry.happening.replayed_by) == (None, ("porter", "audit"))


def test_another_version_of_an_event_is_another_kind():
    assert (kind_of(PassRevoked), kind_of(SeatTaken)) == ("pass.revoked", "seat.taken:2")


def test_what_is_neither_of_the_first_format_nor_an_event_that_somebody_replays_is_refused():
    happening = Happening(
        subject=f"holder/{HOLDER}", since=START, actor="staff:kari", sequence=None, replayed_by=("porter",)
    )
    nobody, place = replace(happening, replayed_by=()), replace(happening, subject="the porch")
    for unfit in (
        {"kind": "pass.revoked", "account_id": account(1)},
        {"kind": Kind.ACCOUNT_ERASED, "account_id": account(1), "happening": happening},
        {"kind": Kind.ACCOUNT_ERASED, "account_id": NO_ACCOUNT},
        {"kind": "pass.revoked", "account_id": NO_ACCOUNT, "happening": nobody},
        {"kind": "pass.revoked", "account_id": NO_ACCOUNT, "happening": place},
        {"kind": "pass.revoked", "account_id": NO_ACCOUNT, "happening": happening, "data": {"name": "Kari Moe"}},
    ):
        with pytest.raises(UnfitFact):
            Fact(**unfit)
    with pytest.raises(UnfitFact):
        Fact.of_event(received(DoorsCounted(house_id=uuid4(), doors=3, locked={})))


# ── how it gets there, and who must know it ───────────────────────────────────────────────────────────────


class Hearing(LedgerFeature):
    """Retention's ledger in a system in which passes are revoked."""


hears_each(facts.kept([PassRevoked, SeatTaken]), "keep")(Hearing)


class Keeping(Service):
    name = "retention"
    made_of = (Hearing,)


def test_retention_hears_an_event_that_no_restore_may_undo_without_a_line_of_its_own(tmp_path):
    heard = {spec.event: name for name, spec in specifications(Hearing) if isinstance(spec, HandlesSpec)}
    assert heard[PassRevoked] == "keep_pass_revoked_1"
    assert heard[SeatTaken] == "keep_seat_taken_2"
    queues = {queue.name for queue in topology_of([Keeping]).queues}
    assert {"evt-porter-pass.revoked--retention", "evt-porter-seat.taken--retention"} <= queues
    writer = writer_at(tmp_path / "ledger.jsonl")
    keeper = Hearing(clock=FixedClock(START), caller=None, ledger=writer, copies=None, databases=())  # type: ignore[arg-type]
    getattr(keeper, heard[PassRevoked])(received(revoked(1)), None)
    assert [each.event(PassRevoked) for each in writer.read()] == [revoked(1)]
    writer.path.unlink()
    with pytest.raises(Unavailable, match=r"pass\.revoked"):
        getattr(keeper, heard[PassRevoked])(received(revoked(1)), None)


def test_an_event_with_more_than_the_ledger_takes_is_refused_where_it_is_declared():
    with pytest.raises(TypeError, match=r"doors\.counted .* doors, locked"):
        list(facts.kept([PassRevoked, DoorsCounted]))


def test_a_service_that_does_not_replay_what_it_says_it_does_not_start(tmp_path):
    class Porter(Service):
        name = "porter"

        def guarded(self):
            yield Database("postgresql://nowhere", source="porter"), Replayers(is_empty=lambda _tx: True)

    (tmp_path / "ledger_public_key").write_text(KEY.public.text())
    folder = str(tmp_path)
    settings = load({"VILKAR_SECRETS_DIR": folder, "VILKAR_LEDGER_DIR": folder, "VILKAR_ENVIRONMENT": "test"})
    with pytest.raises(TypeError, match=r"porter is to replay .*pass\.revoked"):
        admission_to(Porter(), settings, FixedClock(START))
