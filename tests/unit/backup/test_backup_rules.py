"""When a backup is due, which must be gone, which one a restore takes, and when somebody is alarmed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from deploy.backup import rules
from deploy.backup.errors import RestoreRefused
from deploy.backup.rules import Snapshot
from shared import backup_record
from shared.backup_record import COPIES, DATA, KEYRING, LEDGER, PROOFS, SETS, BackupRecord, ProvenRestore, SetRecord
from shared.terms import BY_ID, PARAMETERS

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def snapshots(*ages: timedelta) -> list[Snapshot]:
    return [Snapshot(at=NOW - age, id=f"{number:x}" * 64) for number, age in enumerate(ages, start=10)]


def record(**newest_and_oldest: tuple[timedelta, timedelta]) -> BackupRecord:
    windows = {DATA: 30, KEYRING: 7}
    return BackupRecord(
        looked_at=NOW,
        sets={
            name: SetRecord(newest=NOW - newest, oldest=NOW - oldest, count=3, window_days=windows[name])
            for name, (newest, oldest) in newest_and_oldest.items()
        },
        copies=dict.fromkeys(COPIES, NOW),
        proven=dict.fromkeys(SETS, ProvenRestore(at=NOW, taken_at=NOW, rows=1, seconds=0.5)),
    )


# ── when ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("BACKUP-1")
def test_a_backup_is_due_twice_in_the_day_after_which_one_is_missed():
    newest = NOW - 3 * HOUR
    assert rules.due_at(newest, None, NOW) == newest + 12 * HOUR
    assert 2 * timedelta(hours=PARAMETERS["backup.interval"].default) <= backup_record.STALE_AFTER


def test_the_first_backup_is_due_at_once_and_a_failed_one_a_quarter_of_an_hour_later():
    assert rules.due_at(None, None, NOW) == NOW
    assert rules.due_at(None, NOW, NOW) == NOW + timedelta(minutes=15)
    assert rules.due_at(NOW - 13 * HOUR, NOW - 5 * HOUR, NOW) < NOW


# ── proofs ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("BACKUP-2")
def test_that_a_backup_can_be_restored_is_proven_every_week_and_again_an_hour_after_a_failure():
    week = timedelta(days=PARAMETERS["backup.proof_interval"].default)
    assert week == 7 * DAY < backup_record.PROVEN_STALE_AFTER
    assert rules.proving_due_at(NOW - 3 * DAY, NOW, None, NOW) == NOW - 3 * DAY + week
    assert rules.proving_due_at(None, NOW, None, NOW) == NOW
    assert rules.proving_due_at(None, NOW, NOW, NOW) == NOW + HOUR
    assert rules.proving_due_at(NOW - 3 * DAY, NOW, NOW, NOW) == NOW - 3 * DAY + week
    assert rules.proving_due_at(NOW - 30 * DAY, None, None, NOW) is None, "there is nothing to restore"


@pytest.mark.clause("BACKUP-2")
def test_the_alarm_sounds_where_no_restore_was_proven_for_too_long_or_ever():
    fresh = record(data=(HOUR, DAY), keyring=(HOUR, DAY))
    proof = fresh.proven[DATA]
    limit = backup_record.PROVEN_STALE_AFTER
    at_the_limit = {DATA: replace(proof, at=NOW - limit), KEYRING: replace(proof, at=NOW - limit - HOUR)}
    found = backup_record.alarms(replace(fresh, proven=at_the_limit), NOW)
    assert [(each.set, each.reason, each.age) for each in found] == [(KEYRING, "unproven", limit + HOUR)]
    assert backup_record.alarms(replace(fresh, proven={}), NOW) == []
    never = record(data=(HOUR, DAY + HOUR), keyring=(HOUR, DAY))
    assert [(each.set, each.reason) for each in backup_record.alarms(replace(never, proven={}), NOW)] == [
        (DATA, "unproven")
    ]


# ── how long ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("FORGET-1")
@pytest.mark.parametrize("window", [7, 30])
def test_a_backup_is_forgotten_a_day_before_its_window_ends_and_not_earlier(window):
    kept, gone = timedelta(days=window - 1) - timedelta(seconds=1), timedelta(days=window - 1)
    assert rules.expiring(snapshots(kept, gone, gone + DAY), NOW, window) == sorted(
        snapshots(kept, gone, gone + DAY)[1:]
    )


@pytest.mark.clause("FORGET-1")
def test_runs_twice_a_day_with_a_missed_one_leave_nothing_older_than_the_window():
    have: list[Snapshot] = []
    for half_day in range(200):
        now = NOW + half_day * 12 * HOUR
        assert all(now - each.at <= 30 * DAY for each in have)
        if half_day % 5 == 4:
            continue
        have.append(Snapshot(at=now, id=f"{half_day:064x}"))
        have = [each for each in have if each not in rules.expiring(have, now, 30)]
    assert len(have) > 40


def test_the_windows_are_parameters_and_the_keys_have_the_shorter_one():
    assert PARAMETERS["backup.keyring_max_age"].default < PARAMETERS["backup.max_age"].default == 30


# ── which ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_latest_is_the_newest_in_whatever_order_they_are_told():
    assert rules.choose(snapshots(HOUR, 5 * HOUR, 2 * HOUR), "latest", NOW, 30).at == NOW - HOUR


@pytest.mark.parametrize("wish", ["2026-11-22T06:00", "2026-11-22T06:00:00+00:00", "2026-11-22T07:00+01:00"])
def test_an_instant_means_the_newest_one_until_then(wish):
    assert rules.choose(snapshots(HOUR, 5 * HOUR, 9 * HOUR), wish, NOW, 30).at == NOW - 5 * HOUR


def test_the_beginning_of_an_id_is_enough_where_it_names_one():
    have = [Snapshot(at=NOW, id="abcd12" + "0" * 58), Snapshot(at=NOW - HOUR, id="abcd34" + "0" * 58)]
    assert rules.choose(have, "abcd3", NOW, 30).id == have[1].id
    with pytest.raises(RestoreRefused, match="more than one"):
        rules.choose(have, "abcd", NOW, 30)


@pytest.mark.parametrize("wish", ["latest", "beef", "2026-11-01"])
def test_what_is_not_there_is_refused(wish):
    with pytest.raises(RestoreRefused, match="there is no backup"):
        rules.choose(snapshots() if wish == "latest" else snapshots(HOUR), wish, NOW, 30)


def test_what_is_no_wish_is_told_what_one_looks_like():
    with pytest.raises(RestoreRefused, match="neither 'latest' nor an id nor an instant"):
        rules.choose(snapshots(HOUR), "yesterday", NOW, 30)


@pytest.mark.clause("FORGET-1")
def test_a_backup_beyond_its_window_is_not_restored_though_it_is_still_there():
    with pytest.raises(RestoreRefused, match="older than 7 days"):
        rules.choose(snapshots(8 * DAY), "latest", NOW, 7)


@pytest.mark.clause("FORGET-1")
@pytest.mark.parametrize("part", ["account", "user", "subject", "table", "database"])
def test_a_single_account_or_any_other_part_cannot_be_taken_out_of_a_backup(part):
    with pytest.raises(RestoreRefused, match=f"one {part} cannot be taken out"):
        rules.refuse_parts([part])


@pytest.mark.clause("FORGET-1")
def test_a_backup_is_not_restored_to_another_place_where_no_gate_stands():
    with pytest.raises(RestoreRefused, match="nowhere else"):
        rules.refuse_parts(["to"])


# ── copies of proofs ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("FORGET-2")
def test_of_the_proofs_the_newest_copy_is_kept_however_old_and_no_more_than_a_bounded_number_beside_it():
    assert rules.outlived(snapshots(900 * DAY), NOW) == []
    assert rules.outlived([], NOW) == []
    have: list[Snapshot] = []
    now = NOW
    for number in range(12 * 800):
        now = NOW + number * 2 * HOUR
        have.append(Snapshot(at=now, id=f"{number:064x}"))
        if number % 100 == 0:
            gone = set(rules.outlived(have, now))
            have = [each for each in have if each not in gone]
    gone = set(rules.outlived(have, now))
    have = [each for each in have if each not in gone]
    assert len(have) <= 2 * 12 + 31 + 14
    ages = sorted(now - each.at for each in have)
    assert ages[0] == timedelta()
    assert 365 * DAY < ages[-1] < 396 * DAY


@pytest.mark.clause("FORGET-2")
def test_of_the_proofs_the_last_copy_of_a_day_and_of_a_month_stays():
    days_ago = snapshots(3 * DAY, 3 * DAY + HOUR, 3 * DAY + 2 * HOUR)
    assert rules.outlived([*snapshots(timedelta()), *days_ago], NOW) == sorted(days_ago[1:])
    months_ago = snapshots(90 * DAY, 91 * DAY)
    assert rules.outlived([*snapshots(timedelta()), *months_ago], NOW) == sorted(months_ago[1:])


# ── alarms ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("BACKUP-1")
def test_the_alarm_sounds_once_the_newest_is_more_than_a_day_old():
    fresh = record(data=(DAY, 3 * DAY), keyring=(HOUR, DAY))
    assert backup_record.alarms(fresh, NOW) == []
    assert [(each.set, each.reason) for each in backup_record.alarms(fresh, NOW + HOUR)] == [(DATA, "stale")]
    promised = BY_ID["BACKUP-1"].value
    assert timedelta(**{promised.unit: promised.amount}) == backup_record.STALE_AFTER


def test_a_set_without_any_backup_is_an_alarm():
    assert [(each.set, each.reason) for each in backup_record.alarms(BackupRecord(), NOW)] == [
        (DATA, "none"),
        (KEYRING, "none"),
    ]


@pytest.mark.clause("FORGET-1")
def test_a_backup_that_should_be_gone_is_an_alarm():
    late = record(data=(HOUR, 30 * DAY), keyring=(HOUR, 7 * DAY + HOUR))
    assert [(each.set, each.reason) for each in backup_record.alarms(late, NOW)] == [(KEYRING, "too_old")]


def test_a_copy_that_nobody_made_sure_of_for_a_day_is_an_alarm_and_so_is_one_that_was_never_sent():
    fresh = record(data=(HOUR, DAY), keyring=(HOUR, DAY))
    late = replace(fresh, copies={LEDGER: NOW - DAY - HOUR})
    assert [(each.set, each.reason, each.age) for each in backup_record.alarms(late, NOW)] == [
        (LEDGER, "behind", DAY + HOUR),
        (PROOFS, "behind", None),
    ]
    assert backup_record.alarms(replace(fresh, copies=dict.fromkeys(COPIES, NOW - DAY)), NOW) == []


def test_a_record_from_before_copies_were_noted_is_read_and_alarmed_about(tmp_path):
    backup_record.write(tmp_path, record(data=(HOUR, DAY), keyring=(HOUR, DAY)))
    raw = json.loads((tmp_path / backup_record.FILE).read_bytes())
    del raw["copies"]
    (tmp_path / backup_record.FILE).write_text(json.dumps(raw))
    assert {each.set for each in backup_record.alarms(backup_record.read(tmp_path), NOW)} == {LEDGER, PROOFS}


def test_a_record_read_back_is_the_record_written(tmp_path):
    written = BackupRecord(
        looked_at=NOW,
        off_site=True,
        sets={DATA: SetRecord(newest=NOW, oldest=NOW - DAY, count=2, window_days=30),
              KEYRING: SetRecord(newest=None, oldest=None, count=0, window_days=7)},
        copies={LEDGER: NOW},
        proven={DATA: ProvenRestore(at=NOW, taken_at=NOW - HOUR, rows=3, seconds=1.5)},
        repositories={"/x/data": "abc"},
    )  # fmt: skip
    backup_record.write(tmp_path, written)
    assert backup_record.read(tmp_path) == written
    assert backup_record.read(tmp_path / "nowhere") == BackupRecord()
