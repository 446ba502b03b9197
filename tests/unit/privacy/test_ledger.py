from __future__ import annotations

import json
import os
import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.privacy.ledger import Ledger
from shared.privacy.ledger_errors import (
    LedgerAltered,
    LedgerError,
    LedgerMissing,
    LedgerPurged,
    LedgerShortened,
    LedgerTooNew,
)
from shared.privacy.ledger_lines import DATA_LIMIT, LINE_LIMIT_BYTES, Entry, Fact, Kind, Mark, UnfitFact
from shared.privacy.ledger_writer import LedgerWriter
from tests.unit.privacy.ledger_samples import (
    KEY,
    LEDGER_ID,
    NEWER_KEY,
    START,
    STRANGER,
    account,
    erased,
    ledger_of,
    writer_at,
)

pytestmark = [pytest.mark.unit, pytest.mark.clause("FORGET-1")]

ENTRIES = 6


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The bytes of a ledger with six entries, its head, and a place to write spoiled ones to."""
    path = tmp_path_factory.mktemp("ledger") / "ledger.jsonl"
    head = ledger_of(path, ENTRIES).verify().head
    return path.read_bytes(), head, path.with_name("spoiled.jsonl")


def reader(path) -> Ledger:
    return Ledger(path, keys=[KEY.public])


def told(path) -> list[Entry]:
    return list(reader(path).read())


# ── what stands in it ──


def test_facts_are_read_back_in_order_as_they_were_written(tmp_path):
    writer = writer_at(tmp_path / "ledger" / "ledger.jsonl")
    user, hold = uuid4(), uuid4()
    facts = [
        Fact(kind=Kind.USER_DEACTIVATED, account_id=account(1), user_id=user, data={"since": START.isoformat()}),
        Fact(kind=Kind.HOLD_PLACED, account_id=account(1), data={"hold": str(hold), "scope": ("users", "logins")}),
        Fact(kind=Kind.OBJECTION, account_id=account(1), user_id=user, data={"to": "marketing"}),
    ]
    entries = writer.append(facts, START)
    assert told(writer.path) == entries
    assert [(each.position, each.kind, each.account_id, each.user_id, each.data, each.at) for each in entries] == [
        (number, fact.kind, fact.account_id, fact.user_id, fact.data, START)
        for number, fact in enumerate(facts, start=1)
    ]


def test_a_line_is_frozen_to_the_byte(tmp_path):
    writer = ledger_of(tmp_path / "ledger.jsonl", 1)
    first, second = writer.path.read_bytes().splitlines()
    assert sorted(json.loads(first)) == [
        "at", "hash", "key_id", "ledger_id", "opens_after", "previous", "signature",
    ]  # fmt: skip
    values = json.loads(second)
    assert values.pop("signature")
    assert values == {
        "account_id": "cc4939ef-e69b-59ff-b563-d3aac7d0a7bc",
        "at": "2027-01-05T09:01:00.000000+00:00",
        "data": {"erased_on": "2027-01-05"},
        "key_id": KEY.public.id,
        "kind": "account_erased",
        "position": 1,
        "previous": json.loads(first)["hash"],
        "user_id": None,
    }


@pytest.mark.parametrize(
    "unfit",
    [
        {"data": {"name": "Kari Nordmann"}},
        {"data": {"email": "kari@example.no"}},
        {"data": {"phone": "+4790000000"}},
        {"data": {"phone": "90000000"}},
        {"data": {"of": "01019012345"}},
        {"data": {"ip": "192.0.2.1"}},
        {"data": {"Name": "a_code"}},
        {"data": {"deep": ("a", ("b",))}},
        {"data": {"number": 5}},
        {"data": {"text": ("fine", "not fine")}},
        {"data": {f"a{number}": "code" for number in range(DATA_LIMIT + 1)}},
        {"kind": Kind.USER_ERASED},
        {"user_id": uuid4()},
    ],
)
def test_a_fact_with_more_than_ids_codes_and_dates_or_the_wrong_subject_is_refused(unfit):
    with pytest.raises(UnfitFact) as refusal:
        Fact(**{"kind": Kind.ACCOUNT_ERASED, "account_id": account(1), **unfit})
    assert "Kari" not in str(refusal.value)


def test_a_line_that_would_be_too_long_is_refused_and_nothing_of_its_batch_is_written(tmp_path):
    writer = writer_at(tmp_path / "ledger.jsonl")
    many = {f"a{number}": tuple(str(uuid4()) for _ in range(32)) for number in range(4)}
    with pytest.raises(UnfitFact, match="4096"):
        writer.append([erased(1), Fact(kind=Kind.RECTIFIED, account_id=account(1), data=many)], START)
    assert told(writer.path) == []


# ── nothing changed goes unseen ──


@given(st.data())
@settings(max_examples=400, deadline=None)
def test_any_flipped_bit_is_seen_even_by_who_knows_nothing_of_the_ledger(written, data):
    raw, _, path = written
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    spoiled = bytearray(raw)
    spoiled[bit // 8] ^= 1 << (bit % 8)
    path.write_bytes(spoiled)
    with pytest.raises(LedgerAltered):
        reader(path).verify()
    with pytest.raises(LedgerAltered):
        told(path)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_any_cut_is_seen_by_who_knows_the_head(written, data):
    raw, head, path = written
    path.write_bytes(raw[: data.draw(st.integers(0, len(raw) - 1))])
    with pytest.raises((LedgerShortened, LedgerAltered)):
        reader(path).verify(head)
    with pytest.raises((LedgerShortened, LedgerAltered)):
        list(reader(path).read(head))


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_any_line_removed_moved_doubled_or_exchanged_is_seen(written, data):
    raw, head, path = written
    lines = raw.splitlines(keepends=True)
    one, other = data.draw(st.permutations(range(len(lines))))[:2]
    spoiled = {
        "removed": lines[:one] + lines[one + 1 :],
        "doubled": [*lines[:one], lines[one], *lines[one:]],
        "exchanged": [
            lines[other] if at == one else lines[one] if at == other else x for at, x in enumerate(lines)
        ],
        "written over": [lines[other] if at == one else line for at, line in enumerate(lines)],
    }[data.draw(st.sampled_from(["removed", "doubled", "exchanged", "written over"]))]
    path.write_bytes(b"".join(spoiled))
    for each in (lambda: reader(path).verify(head), lambda: list(reader(path).read(head))):
        with pytest.raises((LedgerShortened, LedgerAltered)):
            each()


@given(st.integers(1, ENTRIES), st.binary(max_size=600))
@settings(max_examples=150, deadline=None)
def test_any_line_put_in_is_seen(written, at, foreign):
    raw, head, path = written
    lines = raw.splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:at], foreign + b"\n", *lines[at:]]))
    with pytest.raises(LedgerAltered):
        reader(path).verify(head)


def test_a_ledger_rewritten_by_a_stranger_is_not_believed(written, tmp_path):
    _, head, _ = written
    forged = LedgerWriter(tmp_path / "forged.jsonl", signing_key=STRANGER)
    forged.create(LEDGER_ID, START)
    with pytest.raises(LedgerAltered, match="first line"):
        reader(forged.path).verify()
    assert head.position == ENTRIES


def test_a_ledger_rewritten_with_the_true_key_contradicts_what_is_known_of_it(written, tmp_path):
    _, head, _ = written
    other = writer_at(tmp_path / "other.jsonl")
    other.append([erased(number) for number in range(10, 20)], START)
    with pytest.raises(LedgerAltered, match="another one"):
        other.verify(head)
    with pytest.raises(LedgerAltered, match="another one"):
        list(other.read(head))
    fresh = LedgerWriter(tmp_path / "fresh.jsonl", signing_key=KEY)
    fresh.create(uuid4(), START)
    with pytest.raises(LedgerAltered, match="another one"):
        fresh.verify(other.opening().mark)


def test_each_kind_of_trouble_has_its_own_error_and_names_the_way_out(written, tmp_path):
    raw, head, path = written
    first_lines = raw.splitlines(keepends=True)[:3]
    for spoiled, error in (
        (b"", LedgerShortened),
        (b"".join(first_lines), LedgerShortened),
        (raw.replace(b"account_erased", b"account_faked!", 1), LedgerAltered),
    ):
        path.write_bytes(spoiled)
        with pytest.raises(error, match=r"newest copy.*make ledger-accept"):
            reader(path).verify(head)
    with pytest.raises(LedgerMissing, match=r"newest copy.*make ledger-accept"):
        reader(tmp_path / "nowhere.jsonl").verify()
    (tmp_path / "folder.jsonl").mkdir()
    with pytest.raises(LedgerMissing, match="cannot be read"):
        reader(tmp_path / "folder.jsonl").verify()


def test_a_kind_of_a_later_version_is_refused_as_such(tmp_path, monkeypatch):
    writer = writer_at(tmp_path / "ledger.jsonl")
    fact = erased(1)
    object.__setattr__(fact, "kind", "account_moved")
    line = Entry.make(fact, after=writer.opening().mark, at=START, key=KEY).line
    with writer.path.open("ab") as stream:
        stream.write(line + b"\n")
    with pytest.raises(LedgerTooNew, match="at least as new"):
        told(writer.path)


# ── torn ends ──


def test_a_torn_last_line_of_every_length_is_cut_and_the_ledger_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)  # the disk is not what is looked at, and slow
    path = tmp_path / "ledger.jsonl"
    ledger_of(path, 3)
    raw = path.read_bytes()
    kept, last = raw[: raw[:-1].rfind(b"\n") + 1], raw[:-1].rsplit(b"\n", 1)[1]
    for length in range(len(last) + 1):
        path.write_bytes(kept + last[:length])
        seen = reader(path).verify()
        assert (seen.entries, seen.torn) == (2, length > 0)
        assert len(told(path)) == 2
        LedgerWriter(path, signing_key=KEY).append([erased(9)], START)
        after = told(path)
        whole = length == len(last)  # a line that lacks only its end says all it had to say
        assert [each.account_id for each in after[2:]] == ([account(3)] if whole else []) + [account(9)]


def test_mending_is_told(tmp_path, capsys):
    from shared import log

    log.configure(service="test")
    path = tmp_path / "ledger.jsonl"
    writer = ledger_of(path, 1)
    with path.open("ab") as stream:
        stream.write(b'{"account_id":')
    writer.append([], START)
    assert '"event": "ledger_end_mended"' in capsys.readouterr().out


@pytest.mark.parametrize("end", [b"x" * (LINE_LIMIT_BYTES + 1), b"\x00" * 3 * LINE_LIMIT_BYTES])
def test_more_than_a_torn_line_is_not_taken_for_one(tmp_path, end):
    path = tmp_path / "ledger.jsonl"
    writer = ledger_of(path, 2)
    with path.open("ab") as stream:
        stream.write(end)
    for each in (writer.verify, lambda: told(path), lambda: writer.append([erased(3)], START)):
        with pytest.raises(LedgerAltered):
            each()
    assert path.read_bytes().endswith(end)


# ── writing ──


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_nothing_is_appended_behind_a_changed_end(written, data):
    raw, _, path = written
    start = raw[: raw[:-1].rfind(b"\n")].rfind(b"\n") + 1
    bit = data.draw(st.integers(start * 8, len(raw) * 8 - 1))
    spoiled = bytearray(raw)
    spoiled[bit // 8] ^= 1 << (bit % 8)
    path.write_bytes(spoiled)
    with pytest.raises(LedgerAltered):
        LedgerWriter(path, signing_key=KEY).append([erased(7)], START)
    assert path.read_bytes() == spoiled


def test_a_writer_does_not_go_on_in_a_ledger_that_lost_or_changed_what_it_had_written(tmp_path):
    path = tmp_path / "ledger.jsonl"
    writer = ledger_of(path, 2)
    two = path.read_bytes()
    writer.append([erased(3)], START)
    path.write_bytes(two)
    with pytest.raises(LedgerShortened):
        writer.append([erased(4)], START)
    LedgerWriter(path, signing_key=KEY).append([erased(5)], START)
    with pytest.raises(LedgerAltered, match="another one"):
        writer.append([erased(4)], START)


def test_a_ledger_is_begun_once_and_never_by_writing_to_it(tmp_path):
    writer = writer_at(tmp_path / "ledger" / "ledger.jsonl", created=False)
    with pytest.raises(LedgerMissing):
        writer.append([erased(1)], START)
    assert not writer.path.exists()
    writer.create(LEDGER_ID, START)
    writer.append([erased(1)], START)
    with pytest.raises(FileExistsError):
        writer.create(uuid4(), START)
    assert len(told(writer.path)) == 1
    assert [path.name for path in writer.path.parent.iterdir()] == ["ledger.jsonl"]


def test_many_writers_at_once_make_one_chain(tmp_path):
    path = tmp_path / "ledger.jsonl"
    writer_at(path)

    def write(number: int) -> None:
        own = LedgerWriter(path, signing_key=KEY)
        for at in range(5):
            own.append([erased(number * 10 + at), erased(number * 10 + at)], START)

    writers = [threading.Thread(target=write, args=[number]) for number in range(8)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    assert [each.position for each in told(path)] == list(range(1, 81))


def test_a_new_key_goes_on_where_the_old_one_stopped(tmp_path):
    path = tmp_path / "ledger.jsonl"
    ledger_of(path, 2)
    LedgerWriter(path, signing_key=NEWER_KEY, older_keys=[KEY.public]).append([erased(3)], START)
    assert len(list(Ledger(path, keys=[NEWER_KEY.public, KEY.public]).read())) == 3
    with pytest.raises(LedgerAltered, match="no known key"):
        told(path)


# ── reading from a place ──


def test_reading_goes_on_after_a_known_place_and_refuses_a_place_that_never_was(tmp_path):
    writer = ledger_of(tmp_path / "ledger.jsonl", 5)
    entries = told(writer.path)
    for entry in entries:
        assert list(writer.read(entry.mark)) == entries[entry.position :]
    assert list(writer.read(writer.opening().mark)) == entries
    with pytest.raises(LedgerAltered):
        list(writer.read(Mark(3, entries[3].previous[::-1])))
    with pytest.raises(LedgerShortened, match="position 5, but had 6"):
        list(writer.read(Mark(6, "0" * 64)))


def test_a_reader_that_goes_on_where_it_stopped_sees_what_came_and_what_was_changed(tmp_path):
    path = tmp_path / "ledger.jsonl"
    writer, follower = ledger_of(path, 3), reader(path)
    at = list(follower.read())[-1].mark
    assert list(follower.read(at)) == []
    (fourth,) = writer.append([erased(4)], START)
    assert list(follower.read(at)) == [fourth]
    raw = path.read_bytes()
    path.write_bytes(raw.replace(str(account(4)).encode(), str(account(5)).encode()))
    with pytest.raises(LedgerAltered):
        list(follower.read(fourth.mark))
    path.write_bytes(raw[: raw[:-1].rfind(b"\n") + 1])
    with pytest.raises(LedgerShortened):
        list(follower.read(fourth.mark))


def test_reading_takes_no_more_memory_for_a_longer_ledger(tmp_path):
    import tracemalloc

    writer = writer_at(tmp_path / "ledger.jsonl")
    writer.append([erased(number) for number in range(800)], START)
    peaks = []
    for start in (780, 0):
        mark = list(writer.read())[start].mark
        tracemalloc.start()
        for _ in writer.read(mark):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 20_000


def test_an_earlier_place_than_the_ledger_tells_from_is_refused_as_purged(tmp_path):
    writer = ledger_of(tmp_path / "ledger.jsonl", 5, step=timedelta(days=10))
    second = told(writer.path)[1].mark
    assert writer.purge(START + timedelta(days=35), START + timedelta(days=72)) == 3
    with pytest.raises(LedgerPurged, match="newer backup"):
        list(writer.read(second))
    with pytest.raises(LedgerError):
        writer.verify(second)
