from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from shared import append_only
from shared.privacy.ledger import Ledger
from shared.privacy.ledger_copy import copy_ledger, status
from shared.privacy.ledger_errors import LedgerAltered, LedgerPurged, LedgerShortened
from shared.privacy.ledger_lines import digest
from shared.privacy.ledger_writer import LedgerWriter
from shared.tombstones import forgotten_before
from tests.unit.privacy.ledger_samples import KEY, LEDGER_ID, START, account, erased, ledger_of

pytestmark = [pytest.mark.unit, pytest.mark.clause("FORGET-1")]

DAY = timedelta(days=1)
LATER = START + 60 * DAY


@pytest.fixture
def writer(tmp_path) -> LedgerWriter:
    """Ten entries, the first one day after the start, then one a day."""
    return ledger_of(tmp_path / "ledger" / "ledger.jsonl", 10, step=DAY)


# ── purge ──


def test_an_entry_is_purged_once_the_last_backup_without_it_has_expired_and_seven_days(writer):
    written_at = next(writer.read()).at
    expires = written_at + 30 * DAY + 7 * DAY
    assert writer.purge(forgotten_before(expires), expires) == 0
    just_after = expires + timedelta(microseconds=1)
    assert writer.purge(forgotten_before(just_after), just_after) == 1
    assert next(writer.read()).position == 2


def test_a_purge_forgets_the_ids_and_keeps_the_chain_provable(writer):
    before, known = list(writer.read()), writer.verify()
    assert writer.purge(START + 4 * DAY + DAY / 2, LATER) == 4
    raw = writer.path.read_bytes()
    assert not any(str(account(number)).encode() in raw for number in range(1, 5))
    assert list(writer.read()) == before[4:]
    opening = writer.opening()
    assert (opening.mark, opening.at, opening.ledger_id) == (before[3].mark, LATER, LEDGER_ID)
    assert opening.previous == digest(known.opening.line)
    assert writer.verify(known.head).head == known.head
    for mark in (each.mark for each in before[3:]):
        assert list(writer.read(mark)) == before[mark.position :]
    with pytest.raises(LedgerPurged):
        list(writer.read(before[2].mark))


def test_a_purged_ledger_goes_on_and_is_purged_again(writer):
    writer.purge(START + 5 * DAY, LATER)
    first = writer.opening()
    (added,) = writer.append([erased(11)], LATER)
    assert added.position == 11
    assert writer.purge(LATER + DAY, LATER + DAY) == 7
    assert writer.opening().previous == digest(first.line)
    assert writer.verify(added.mark).entries == 0
    (last,) = writer.append([erased(12)], LATER + DAY)
    assert [each.position for each in writer.read(added.mark)] == [last.position] == [12]
    assert LedgerWriter(writer.path, signing_key=KEY).append([], LATER) == []


def test_a_purge_stops_before_what_a_service_has_still_to_replay(writer):
    assert writer.purge(LATER, LATER, keep_after=3) == 3
    assert writer.purge(LATER, LATER, keep_after=3) == 0


def test_a_purge_never_reaches_over_an_entry_that_is_still_needed(writer):
    writer.append([erased(11)], START - DAY)  # a clock that was set back
    assert writer.purge(START + 10 * DAY, LATER) == 9


def test_nothing_is_purged_from_a_ledger_that_does_not_verify(writer):
    raw = writer.path.read_bytes()
    spoiled = raw.replace(str(account(7)).encode(), str(account(8)).encode())
    writer.path.write_bytes(spoiled)
    for until in (START + 3 * DAY, LATER):
        with pytest.raises(LedgerAltered):
            writer.purge(until, LATER)
    assert writer.path.read_bytes() == spoiled
    assert [path.name for path in writer.path.parent.iterdir()] == ["ledger.jsonl"]


def test_a_torn_end_is_not_taken_into_the_purged_ledger(writer):
    with writer.path.open("ab") as stream:
        stream.write(b'{"account')
    writer.purge(START + 5 * DAY, LATER)
    assert not writer.verify().torn
    assert writer.path.read_bytes().endswith(b"\n")


def test_a_purge_that_died_before_its_end_left_everything_as_it_was_and_is_repeated(writer, monkeypatch):
    with monkeypatch.context() as dying:
        dying.setattr(append_only, "sync_folder", lambda _folder: pytest.fail("too late"))
        dying.setattr(type(writer.path), "replace", _die)
        with pytest.raises(KeyboardInterrupt):
            writer.purge(START + 5 * DAY, LATER)
    assert writer.verify().entries == 10
    writer.path.with_suffix(".draft").write_bytes(b"what a killed process left")
    assert writer.purge(START + 5 * DAY, LATER) == 4
    assert writer.verify().entries == 6


def _die(*_arguments):
    raise KeyboardInterrupt


def test_a_writer_that_had_the_old_file_goes_on_in_the_purged_one(writer):
    other = LedgerWriter(writer.path, signing_key=KEY)
    other.append([erased(11)], START + 11 * DAY)
    writer.purge(START + 5 * DAY, LATER)
    (added,) = other.append([erased(12)], LATER)
    assert [each.position for each in writer.read()] == list(range(5, 13))
    assert added.position == 12


# ── copies and status ──


def test_a_copy_has_the_finished_lines_only_and_verifies(writer, tmp_path):
    head = writer.verify().head
    with writer.path.open("ab") as stream:
        stream.write(b'{"torn')
    assert copy_ledger(writer, tmp_path / "elsewhere" / "copies", LATER) == head
    copy = Ledger(tmp_path / "elsewhere" / "copies" / "ledger.jsonl", keys=[KEY.public])
    seen = copy.verify(head)
    assert (seen.entries, seen.torn, seen.head) == (10, False, head)
    assert [path.name for path in copy.path.parent.iterdir()] == ["ledger.jsonl"]


def test_a_copy_follows_the_ledger_through_additions_and_purges(writer, tmp_path):
    folder = tmp_path / "copies"
    copy_ledger(writer, folder, LATER)
    writer.append([erased(11)], LATER)
    copy_ledger(writer, folder, LATER)
    writer.purge(START + 5 * DAY, LATER)
    copy_ledger(writer, folder, LATER)
    assert (folder / "ledger.jsonl").read_bytes() == writer.path.read_bytes()
    writer.append([erased(12)], LATER)
    writer.purge(LATER + DAY, LATER + DAY)  # further than the copy reaches
    copy_ledger(writer, folder, LATER)
    assert (folder / "ledger.jsonl").read_bytes() == writer.path.read_bytes()


def test_a_ledger_that_lost_or_changed_lines_never_takes_the_place_of_a_good_copy(writer, tmp_path):
    folder = tmp_path / "copies"
    copy_ledger(writer, folder, LATER)
    good = (folder / "ledger.jsonl").read_bytes()
    lines = good.splitlines(keepends=True)
    writer.path.write_bytes(b"".join(lines[:-1]))
    with pytest.raises(LedgerShortened):
        copy_ledger(writer, folder, LATER)
    LedgerWriter(writer.path, signing_key=KEY).append([erased(99)], LATER)
    with pytest.raises(LedgerAltered, match="another one"):
        copy_ledger(writer, folder, LATER)
    stranger = LedgerWriter(tmp_path / "new" / "ledger.jsonl", signing_key=KEY)
    stranger.create(uuid4(), LATER)
    with pytest.raises(LedgerAltered, match="another ledger"):
        copy_ledger(stranger, folder, LATER)
    assert (folder / "ledger.jsonl").read_bytes() == good


def test_a_copy_that_was_spoiled_is_told_and_left_for_a_person_to_look_at(writer, tmp_path):
    copy = tmp_path / "copies" / "ledger.jsonl"
    copy_ledger(writer, copy.parent, LATER)
    copy.write_bytes(copy.read_bytes().replace(b"account_erased", b"account_ERASED", 1))
    with pytest.raises(LedgerAltered, match="earlier copy"):
        copy_ledger(writer, copy.parent, LATER)


def test_the_status_says_how_long_the_ledger_is_and_how_far_its_last_copy_reaches(writer, tmp_path):
    assert status(writer).last_copy is None
    head = copy_ledger(writer, tmp_path / "copies", LATER)
    writer.purge(START + 5 * DAY, LATER)
    writer.append([erased(11)], LATER)
    with writer.path.open("ab") as stream:
        stream.write(b"{")
    now = status(writer)
    assert (now.length, now.opens_after, now.head.position, now.torn) == (7, 4, 11, True)
    assert now.last_copy is not None
    assert (now.last_copy.head, now.last_copy.at) == (head, LATER)


# ── how much there is ──


def test_the_extent_is_what_the_whole_file_says_and_a_torn_line_is_not_in_it(writer):
    assert writer.extent() == (writer.opening(), writer.verify().head)
    writer.purge(START + 4 * DAY, LATER)
    with writer.path.open("ab") as stream:
        stream.write(b'{"account_id":"')
    opening, head = Ledger(writer.path, keys=[KEY.public]).extent()
    assert (opening.position, head) == (3, writer.verify().head)


def test_the_extent_is_not_told_of_a_file_whose_end_nobody_signed(writer):
    writer.path.write_bytes(writer.path.read_bytes().replace(str(account(10)).encode(), str(account(9)).encode()))
    with pytest.raises(LedgerAltered):
        writer.extent()


def test_a_verification_says_how_far_it_is(writer, monkeypatch):
    monkeypatch.setattr("shared.privacy.ledger.TELL_EVERY", 4)
    heard = []
    writer.verify(told=heard.append)
    assert heard == [4, 8, 10]
